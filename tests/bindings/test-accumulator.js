// SPDX-License-Identifier: LGPL-2.1-or-later

import Asab from 'gi://Asab?version=1.0';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';

import {assert, assertDies, assertEqual, main, test, thrownBy} from './tap.js';

class File {
    constructor(log, name) {
        this.log = log;
        this.name = name;
    }

    close(...args) {
        this.log.push([this.name, ...args]);
    }
}

const Bell = GObject.registerClass({
    Signals: {'ring': {flags: GObject.SignalFlags.RUN_LAST | GObject.SignalFlags.ACTION}},
}, class Bell extends GObject.Object {
    rings = 0;

    on_ring() {
        this.rings++;
    }
});

test('the callbacks of a scope', async () => {
    const log = [];
    const accumulator = Asab.CallbackAccumulator.new('close', -1, true);

    const result = await accumulator.scope(async it => {
        it.add(new File(log, 'a'));
        await Asab.sleep(0);
        it.add(new File(log, 'b'));
        return 'result';
    });
    assertEqual(result, 'result');
    assertEqual(log, [['a'], ['b']]);
    assertEqual(accumulator.get_n_callbacks(), 0);
});

test('callbacks that stay', () => {
    const log = [];
    const accumulator = new Asab.CallbackAccumulator({name: 'close', call_once: false});

    accumulator.default = 'default';
    accumulator.add(new File(log, 'a'));
    assertEqual(accumulator.invoke(1), 'default');
    assertEqual(accumulator.invoke(2), 'default');
    assertEqual(log, [['a', 1], ['a', 2]]);
    accumulator.clear();
    assertEqual([...accumulator], []);
});

test('a full accumulator', () => {
    const log = [];
    const accumulator = new Asab.CallbackAccumulator({name: 'close', max_length: 2});

    accumulator.add(new File(log, 1));
    assertEqual(accumulator.offer_last(new File(log, 2)), true);
    assertEqual(accumulator.offer_last(new File(log, 3)), false);
    assertEqual(accumulator.offer_callback(() => log.push(3)), false);
    accumulator.add(new File(log, 4));
    accumulator.invoke();
    assertEqual(log, [[2], [4]]);
});

test('objects without the method', async () => {
    const log = [];
    const accumulator = Asab.CallbackAccumulator.new('missing', -1, true);

    assert(await thrownBy(() => accumulator.add(new File(log, 1))) instanceof TypeError);
    accumulator.defaultCallback = () => log.push('default');
    accumulator.add(new File(log, 1));
    accumulator.invoke();
    assertEqual(log, ['default']);
});

test('an action signal', () => {
    const bell = new Bell();
    const accumulator = Asab.CallbackAccumulator.new('ring', -1, true);

    accumulator.add(bell);
    accumulator.invoke();
    assertEqual(bell.rings, 1);
});

test('a callback that throws', async () => {
    const log = [];
    const error = new Error('refused');
    const accumulator = Asab.CallbackAccumulator.new('close', -1, true);

    accumulator.add(new File(log, 1));
    accumulator.add_callback(() => {
        throw error;
    });
    accumulator.add(new File(log, 3));
    assert(await thrownBy(() => accumulator.invoke()) === error);
    assertEqual(accumulator.get_n_callbacks(), 1);
    accumulator.invoke();
    assertEqual(log, [[1], [3]]);
});

test('the error of a scope', async () => {
    const seen = [];
    const error = new Error('of the scope');
    const accumulator = Asab.CallbackAccumulator.new('exit', -1, true);

    const thrown = await thrownBy(() => accumulator.scope(it => {
        it.add_callback(reason => seen.push(reason));
        throw error;
    }));
    assert(thrown === error);
    assert(seen[0] === error);
});

test('arguments and results', () => {
    const accumulator = Asab.CallbackAccumulator.new('close', -1, true);

    accumulator.defaultGetter = () => [1, {a: 2}];
    accumulator.add_callback(() => 'first');
    accumulator.add_callback((...args) => args);
    assertEqual(accumulator.exit(), [1, {a: 2}]);
    assertEqual(accumulator.exit(), undefined);
});

test('a callback that is added meanwhile', () => {
    const log = [];
    const accumulator = Asab.CallbackAccumulator.new('close', -1, true);
    const again = left => {
        log.push(left);
        if (left > 0)
            accumulator.add_callback(() => again(left - 1));
    };

    accumulator.add_callback(() => again(2));
    accumulator.invoke();
    assertEqual(log, [2, 1, 0]);
});

test('iteration', () => {
    const [first, second] = [() => 1, () => 2];
    const accumulator = Asab.CallbackAccumulator.new('close', -1, true);

    accumulator.add_callback(first);
    const {callbacks} = accumulator;
    accumulator.add_callback(second);
    assert([...callbacks][0] === first);
    assertEqual([...accumulator.callbacks].length, 2);
    assert([...accumulator][1] === second);
    assertEqual(accumulator.get_n_callbacks(), 0);
});

test('one callback a turn', async () => {
    const log = [];
    const accumulator = Asab.CallbackAccumulator.new('close', -1, true);

    accumulator.add_callback(() => log.push(1));
    accumulator.add_callback(() => log.push(2));
    const ended = accumulator.exit_async();
    assertEqual(log, [1]);
    assertEqual(await ended, 2);
});

test('called by C', async () => {
    const log = [];
    const accumulator = Asab.CallbackAccumulator.new('close', -1, true);

    accumulator.add_callback((...args) => log.push(args));
    accumulator.steal_next(new GLib.Variant('(is)', [1, 'a']));
    assertEqual(log, [[1, 'a']]);
    accumulator.add_callback(() => {
        throw new Error('refused');
    });
    assert(await thrownBy(() => accumulator.steal_next(null)) instanceof Error);
});

test('an accumulator lets go of its callbacks', async () => {
    await assertDies(object => {
        const accumulator = Asab.CallbackAccumulator.new('set', -1, true);

        accumulator.add(object);
        accumulator.invoke();
        assert(object.is_set());
        accumulator.add(object);
    });
});

main();
