// SPDX-License-Identifier: LGPL-2.1-or-later

import Asab from 'gi://Asab?version=1.0';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';

import {assert, assertEqual, main, test, thrownBy} from './tap.js';

async function* generateRanges(upTo) {
    for (let n = 0; n < upTo; n++)
        yield Array.from({length: n}, (_, i) => i);
}

// Processes the numbers of many ranges that pass a filter.
const Filter = GObject.registerClass(class Filter extends Asab.Coroutine {
    constructor(process, filter, ranges) {
        super({name: 'filter'});
        this.process = process;
        this.filter = filter;
        this.ranges = ranges;
    }

    async* makeFlatValues() {
        for await (const range of this.ranges)
            yield* range;
    }

    async* filterValues() {
        for await (const value of this.makeFlatValues()) {
            if (this.filter(value))
                yield value;
        }
    }

    async vfunc_work() {
        for await (const value of this.filterValues())
            this.process(value);

        return 'done';
    }
});

const Failing = GObject.registerClass(class Failing extends Asab.Coroutine {
    async vfunc_work() {
        await Asab.sleep(0);
        throw new RangeError('on purpose');
    }
});

test('a class has an asynchronous body', async () => {
    const found = [];
    const coroutine = new Filter(n => found.push(n), n => n % 2 === 0, generateRanges(5));

    assertEqual(coroutine.get_future(), null);
    assertEqual(await coroutine.start(), 'done');
    assertEqual(found, [0, 0, 0, 2, 0, 2]);
});

test('a function is a body', async () => {
    const coroutine = Asab.Coroutine.new('one', async () => 1);

    assertEqual(coroutine.name, 'one');
    assertEqual(await coroutine.start(), 1);
});

test('a body throws', async () => {
    assert(await thrownBy(() => new Failing().start()) instanceof RangeError);
    assert(await thrownBy(() => Asab.Coroutine.new(null, () => {
        throw new RangeError('at once');
    }).start()) instanceof RangeError);
});

test('a coroutine starts once', async () => {
    const coroutine = Asab.Coroutine.new(null, async () => 1);

    await coroutine.start();
    const error = await thrownBy(() => coroutine.start());
    assert(error.matches(Asab.Error, Asab.Error.ALREADY_STARTED));
});

test('a coroutine is closed', async () => {
    let ran = false;
    const coroutine = Asab.Coroutine.new(null, () => {
        ran = true;
    });

    await coroutine.close();
    assert((await thrownBy(() => coroutine.start())).matches(Asab.Error, Asab.Error.CLOSED));
    assertEqual(ran, false);

    const sleeper = Asab.Coroutine.new(null, () => Asab.sleep(100));
    const future = sleeper.start();
    await sleeper.close();
    assert((await thrownBy(() => future)).matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED));
});

// There are no other threads: the function is called in this one, but not at once.
test('a function that blocks is called when the loop has nothing else to do', async () => {
    const log = [];
    const block = Asab.make_async((a, b) => {
        log.push('blocking');
        assert(GLib.MainContext.default().is_owner());
        return a + b;
    });
    const future = block(1, 2);

    GLib.idle_add(GLib.PRIORITY_DEFAULT, () => {
        log.push('something else');
        return GLib.SOURCE_REMOVE;
    });
    log.push('called');
    assertEqual(await future, 3);
    assertEqual(log, ['called', 'something else', 'blocking']);
    assertEqual(await Asab.run_in_thread((...args) => args, 1, 2), [1, 2]);
});

test('a function that is asynchronous stays what it is', async () => {
    const one = async () => 1;
    const two = Asab.make_async(() => 2);

    assertEqual(Asab.make_async(one), one);
    assertEqual(Asab.make_async(two), two);
    assertEqual(await Asab.make_async(() => one())(), 1);
});

test('a function that blocks throws', async () => {
    assert(await thrownBy(Asab.make_async(() => {
        throw new RangeError('on purpose');
    })) instanceof RangeError);
});

main();
