// SPDX-License-Identifier: LGPL-2.1-or-later

import Asab from 'gi://Asab?version=1.0';
import Gio from 'gi://Gio';

import {assert, assertEqual, main, test, thrownBy} from './tap.js';

class Jobs {
    constructor(failing = -1) {
        Object.assign(this, {failing, running: 0, most: 0, entered: []});
    }

    async run(number) {
        this.entered.push(number);
        this.most = Math.max(this.most, ++this.running);
        for (let i = number; i < 20; i++)
            await Asab.sleep(0);
        this.running--;
        if (number === this.failing)
            throw new RangeError('on purpose');

        return number;
    }

    all(count) {
        return Array.from({length: count}, (_, i) => () => this.run(i));
    }

    async end() {
        while (this.running > 0)
            await Asab.sleep(0);
    }
}

test('results are in order', async () => {
    const jobs = new Jobs();

    assertEqual(await Asab.gather_limited(2, jobs.all(5)), [0, 1, 2, 3, 4]);
    assertEqual(jobs.most, 2);
    assertEqual(jobs.entered, [0, 1, 2, 3, 4]);
});

test('there is a usual limit', async () => {
    const jobs = new Jobs();

    assertEqual((await Asab.gather_limited(null, jobs.all(20))).length, 20);
    assertEqual(jobs.most, 8);
    assertEqual(await Asab.gather_limited(3, []), []);
});

test('errors are returned', async () => {
    const results = await Asab.gather_limited(2, new Jobs(1).all(3), {returnErrors: true});

    assertEqual([results[0], results[2]], [0, 2]);
    assert(results[1] instanceof RangeError);
});

test('the first error decides', async () => {
    const jobs = new Jobs(0);

    assert(await thrownBy(() => Asab.gather_limited(2, jobs.all(5))) instanceof RangeError);
    await jobs.end();
    assertEqual(jobs.entered, [0, 1, 2, 3, 4]);
});

test('the first error ends it', async () => {
    const jobs = new Jobs(0);
    const run = number => jobs.run(number);

    assert(await thrownBy(() => Asab.map_limited(1, run, [0, 1, 2], {cancelOnError: true})) instanceof RangeError);
    await jobs.end();
    assertEqual(jobs.entered, [0]);
});

test('it is cancelled', async () => {
    const jobs = new Jobs();
    const future = Asab.map_limited(2, number => jobs.run(number), [0, 1, 2, 3]);

    future.cancel();
    assert((await thrownBy(() => future)).matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED));
    await jobs.end();
    assertEqual(jobs.entered, [0, 1]);
});

test('a limit has to let one run', async () => {
    const jobs = new Jobs();

    for (const limit of [0, -1]) {
        const error = await thrownBy(() => Asab.gather_limited(limit, jobs.all(2)));
        assert(error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.INVALID_ARGUMENT));
    }
    assertEqual(jobs.entered, []);
});

test('items are mapped', async () => {
    assertEqual(await Asab.map_limited(2, n => `${n}`, [1, 2, 3]), ['1', '2', '3']);
    assertEqual(await Asab.map_limited(2, async n => 2 * n, new Set([1, 2])), [2, 4]);
});

test('jobs are functions, coroutines, or run already', async () => {
    const coroutine = Asab.Coroutine.new(null, async () => 1);
    const results = await Asab.gather_limited(2, [coroutine, Promise.resolve(2), async () => 3, () => 4, coroutine],
        {returnErrors: true});

    assertEqual(results.slice(0, 4), [1, 2, 3, 4]);
    assert(results[4].matches(Asab.Error, Asab.Error.ALREADY_STARTED));
});

main();
