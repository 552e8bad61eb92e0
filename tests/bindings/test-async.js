// SPDX-License-Identifier: LGPL-2.1-or-later

import Asab from 'gi://Asab?version=1.0';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';

import {assert, assertDies, assertEqual, main, test, thrownBy} from './tap.js';

class Thing {
}

function promiseOf(value) {
    const promise = Asab.Promise.new();
    promise.resolve(value);

    return promise.get_future();
}

test('a promise takes any value', async () => {
    const values = [true, 0, -1, 2 ** 31, 2 ** 53 - 1, 1.5, NaN, 'text', {a: [1]}, [1, 'a'], new Thing(), new Map(), 5n,
        Symbol('s'), () => 1, new Uint8Array([1]), Asab.Lock.new()];

    for (const value of values)
        assert(Object.is(await promiseOf(value), value), `${String(value)} changed`);
    assertEqual(await promiseOf(null), null);
    assertEqual((await promiseOf(new GLib.Variant('i', 5))).unpack(), 5);
});

test('C understands numbers', () => {
    assertEqual(promiseOf(5).get_int64(), 5);
    assertEqual(promiseOf(2 ** 40).get_int64(), 2 ** 40);
    assertEqual(promiseOf(1.5).get_double(), 1.5);
    assertEqual(promiseOf(true).get_boolean(), true);
});

test('a promise is settled once', async () => {
    const promise = Asab.Promise.new();
    assert(promise.resolve(1));
    assert(!promise.resolve(2));
    assert(!promise.reject(new Error()));
    assertEqual(await promise.get_future(), 1);
});

test('an error arrives as it was thrown', async () => {
    for (const error of [new TypeError('what a pity'), new Thing(), 'text']) {
        const promise = Asab.Promise.new();
        promise.reject(error);
        assert(await thrownBy(() => promise.get_future()) === error);
    }
});

test('C sees name and message of an error', async () => {
    const promise = Asab.Promise.new();
    promise.reject(new TypeError('what a pity'));
    const error = promise.get_future().dup_error();
    assertEqual(error.message, 'TypeError: what a pity');
    assert(error.matches(Asab.Error, Asab.Error.CALLBACK_FAILED));
});

test('a GError stays one', async () => {
    const promise = Asab.Promise.new();
    promise.reject(new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND, 'gone'));
    assert((await thrownBy(() => promise.get_future())).matches(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND));
});

test('a dropped promise is an error', async () => {
    const promise = Asab.Promise.new();
    promise.reject_literal(Asab.error_quark(), Asab.Error.CLOSED, 'closed');
    assert((await thrownBy(() => promise.get_future())).matches(Asab.Error, Asab.Error.CLOSED));
});

test('a promise follows', async () => {
    const promise = Asab.Promise.new();
    promise.follow(promiseOf([1]));
    assertEqual(await promise.get_future(), [1]);
});

test('a future is a thenable', async () => {
    const promise = Asab.Promise.new();
    const future = promise.get_future();
    const order = [];

    assertEqual(future.get_status(), Asab.FutureStatus.PENDING);
    const chain = future.then(value => order.push(value)).then(() => order.push('then'));
    promise.resolve('value');
    order.push('resolved');
    await chain;
    assertEqual(order, ['resolved', 'value', 'then']);

    assertEqual(await Promise.all([future, promiseOf(2)]), ['value', 2]);
    assertEqual(await Asab.spawn(async () => Promise.reject(new Error('x'))).catch(error => error.message), 'x');
    await future.finally(() => order.push('finally'));
    assertEqual(order.length, 4);
});

test('a native promise becomes a future', async () => {
    const error = new Error('native');
    assertEqual(await Asab.Future.fromPromise(Promise.resolve(5)), 5);
    assert(await thrownBy(() => Asab.Future.fromPromise(Promise.reject(error))) === error);
});

test('sets of futures', async () => {
    const error = new Error('one of them');
    const failing = Asab.spawn(async () => {
        throw error;
    });

    assertEqual(await Asab.Future.all([promiseOf(1), Asab.sleep(0), promiseOf([3])]), [1, null, [3]]);
    const [first, second] = await Asab.Future.all_settled([failing, promiseOf(2)]);
    assert(first === error);
    assertEqual(second, 2);
    assertEqual(await Asab.Future.any([failing, promiseOf(3)]), 3);
    assertEqual(await Asab.Future.race([promiseOf(4), Asab.Event.new().wait()]), 4);
    assert(await thrownBy(() => Asab.Future.all([promiseOf(1), failing])) === error);
});

test('time runs out', async () => {
    const promise = Asab.Promise.new();
    const error = await thrownBy(() => promise.get_future().with_timeout(0.001, true));
    assert(error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.TIMED_OUT));
    assert(promise.get_future().is_cancelled());
});

test('a lock', async () => {
    const lock = Asab.Lock.new();
    const order = [];
    const hold = async name => {
        await lock.acquire();
        order.push(name);
        await Asab.sleep(0);
        order.push(name);
        lock.release();
    };

    await Promise.all([hold('a'), hold('b')]);
    assertEqual(order, ['a', 'a', 'b', 'b']);
    assert(!lock.is_locked());
});

test('a condition', async () => {
    const condition = Asab.Condition.new(null);
    const lock = condition.get_lock();
    const items = [];
    const take = async () => {
        await lock.acquire();
        await condition.wait_for(() => items.length > 0);
        lock.release();
        return items.pop();
    };

    const taken = take();
    await condition.update(() => items.push('item'));
    assertEqual(await taken, 'item');
});

test('a predicate that throws ends the wait', async () => {
    const condition = Asab.Condition.new(null);
    const error = new Error('in a predicate');

    await condition.get_lock().acquire();
    assert(await thrownBy(() => condition.wait_for(() => {
        throw error;
    })) === error);
    condition.get_lock().release();
});

test('an event', async () => {
    const event = Asab.Event.new();
    const waiters = [event.wait(), event.wait()];
    event.set();
    await Promise.all(waiters);
    assert(event.is_set());
    event.clear();
    assert(!event.is_set());
});

test('a semaphore', async () => {
    const semaphore = Asab.Semaphore.new(2);
    let running = 0, most = 0;
    const work = async () => {
        await semaphore.acquire();
        most = Math.max(most, ++running);
        await Asab.sleep(0);
        running--;
        semaphore.release();
    };

    await Promise.all([1, 2, 3, 4, 5].map(work));
    assertEqual(most, 2);
    assertEqual(semaphore.permits, 2);
});

test('a timer restarts, whatever its handler throws', async () => {
    const clock = Asab.Clock.new();
    clock.install(null);
    let ticks = 0;
    const ticked = Asab.Condition.new(null);
    const timer = Asab.Timer.new(async () => {
        await ticked.update(() => ticks++);
        throw new GLib.Error(Asab.Error, Asab.Error.FAILED, 'in a timer');
    }, true);

    timer.start(10);
    for (let i = 1; i <= 3; i++) {
        clock.advance(10);
        await ticked.get_lock().acquire();
        await ticked.wait_for(() => ticks === i);
        ticked.get_lock().release();
    }
    assert(timer.is_started());
    timer.stop();
    assert(!timer.is_started());

    const sleep = Asab.sleep(3600);
    clock.advance(3600);
    await sleep;
    clock.uninstall(null);
});

test('a value dies with its future', () => assertDies(async object => {
    assertEqual((await promiseOf([object])).length, 1);
    await Asab.spawn(async () => ({object}));
}));

test('an error dies with its future', () => assertDies(async object => {
    await thrownBy(() => Asab.spawn(async () => {
        throw [object];
    }));
}));

main();
