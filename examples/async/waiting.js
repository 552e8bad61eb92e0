// SPDX-License-Identifier: LGPL-2.1-or-later

// Two asynchronous functions at work side by side, and a limit of time for one of them.

imports.gi.versions.Asab = '1.0';
const {Asab, Gio} = imports.gi;

async function boil(seconds) {
    await Asab.sleep(seconds * 0.01); // nobody has that much time
    return `a ${seconds} second egg`;
}

Asab.run(async () => {
    const soft = boil(1);
    const hard = Asab.Future.fromPromise(boil(360000));
    const inTime = hard.with_timeout(0.1, true);

    print('Here is', await soft);
    try {
        await inTime;
    } catch (error) {
        print('The other one is', error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.TIMED_OUT) ? 'late' : 'gone');
    }
});
