// SPDX-License-Identifier: LGPL-2.1-or-later

import Asab from 'gi://Asab?version=1.0';
import Gio from 'gi://Gio';

import {assert, assertDies, assertEqual, main, test, thrownBy} from './tap.js';

async function soon() {
    for (let i = 0; i < 3; i++)
        await Asab.sleep(0);
}

class Thing {
    constructor() {
        this._value = null;
        this.accessor = Asab.Accessor.new({
            get: () => this.value,
            set: value => (this.value = value),
            name: 'thing',
        });
    }

    get value() {
        return this._value;
    }

    set value(value) {
        if (!value)
            throw new RangeError(`Illegal value ${value}`);
        this._value = value;
    }
}

test('a read waits for a write', async () => {
    const foo = Asab.Accessor.new();
    const read = foo.get();

    assert(await foo.set('Bar') === null);
    assertEqual(await read, 'Bar');
    assertEqual(foo.value, 'Bar');
});

test('attributes', () => {
    const condition = Asab.Condition.new(null);
    const foo = Asab.Accessor.new({condition, name: 'foo'});

    assert(foo.condition === condition);
    assertEqual(foo.name, 'foo');
    assertEqual(foo.value, null);
    foo.set_value(2 ** 40);
    assertEqual(foo.value, 2 ** 40);
    assert(!foo.has_waiting_read.is_true());
});

test('any value', async () => {
    const foo = Asab.Accessor.new();

    for (const value of [true, 1, 1.5, 'text', [1], {a: 1}, new Thing(), null]) {
        await foo.set(value);
        assert(Object.is(await foo.get({waitForWrite: false}), value));
    }
});

test('custom functions', async () => {
    const thing = new Thing();
    const read = thing.accessor.get();

    assertEqual((await thrownBy(() => thing.accessor.set(0))).message, 'Illegal value 0');
    assert((await thrownBy(() => thing.accessor.set(null))) instanceof RangeError);
    assert(!read.is_done());
    await thing.accessor.set(3);
    assertEqual(await read, 3);
    assertEqual(thing.value, 3);
    assertEqual(thing.accessor.value, 3);
});

test('what functions throw arrives as it was thrown', async () => {
    const error = new Error('fails');
    const fail = () => {
        throw error;
    };
    const foo = Asab.Accessor.new({get: fail, set: () => null});

    assert(await thrownBy(() => foo.get({waitForWrite: false})) === error);
    assert(await thrownBy(() => foo.value) === error);
    assert(await thrownBy(() => Asab.Accessor.new().get({predicate: fail})) === error);
});

test('functions that are none', async () => {
    for (const funcs of [{get: () => 1}, {set: () => 1}, {get: 1, set: () => 1}])
        assert(await thrownBy(() => Asab.Accessor.new(funcs)) instanceof TypeError);
    assert(await thrownBy(() => Asab.Accessor.new().get({predicate: 5})) instanceof TypeError);
    assert(await thrownBy(() => Asab.AwaitablePredicate.new(5)) instanceof TypeError);
});

test('a predicate of a read', async () => {
    const foo = Asab.Accessor.new();
    await foo.set(4);
    assertEqual(await foo.get({predicate: value => value === 4}), 4);
    const later = foo.get({predicate: value => value >= 4, waitForWrite: true});
    await foo.set(3);
    await soon();
    assert(!later.is_done());
    await foo.set(9);
    assertEqual(await later, 9);
});

test('a write waits for a read', async () => {
    const foo = Asab.Accessor.new();
    const write = foo.set(77, {waitForRead: true});

    await soon();
    assertEqual(foo.value, null);
    assertEqual(await foo.get(), 77);
    await write;
    const next = foo.set(78, {waitForRead: true});
    const read = foo.get();
    await Promise.all([next, read]);

    const cancelled = foo.get();
    await foo.has_waiting_read;
    cancelled.cancel();
    assert(!foo.has_waiting_read.is_true());
});

test('a property that is an accessor', async () => {
    class Tank {
        content = 0;
        deleted = 0;
    }
    const remove = Asab.conditionProperty(Tank.prototype, 'level', {
        get() {
            return this.content;
        },
        set(value) {
            this.content = value;
        },
        delete() {
            this.deleted++;
        },
    });
    const tank = new Tank();
    const accessor = tank.level;

    assert(tank.level === accessor);
    assert(tank.level !== new Tank().level);
    assertEqual(accessor.name, 'level');
    const read = accessor.get();
    await accessor.set(4);
    assertEqual(await read, 4);
    assertEqual(tank.content, 4);
    assert((await thrownBy(() => {
        tank.level = 5;
    })).matches(Asab.Error, Asab.Error.READ_ONLY));
    remove(tank);
    assertEqual(tank.deleted, 1);
    assert(tank.level !== accessor);
});

test('a property without a setter', async () => {
    const object = {};
    const remove = Asab.conditionProperty(object, 'level', {get: () => 1});

    assert((await thrownBy(() => object.level.value)).matches(Asab.Error, Asab.Error.UNREADABLE));
    assert((await thrownBy(() => object.level.get())).matches(Asab.Error, Asab.Error.UNREADABLE));
    assert((await thrownBy(() => object.level.set(1))).matches(Asab.Error, Asab.Error.READ_ONLY));
    assert((await thrownBy(() => remove(object))).matches(Asab.Error, Asab.Error.READ_ONLY));
});

test('a property of an object', async () => {
    const application = new Gio.Application();
    const accessor = Asab.object_get_accessor(application, 'inactivity-timeout');
    const read = accessor.get();
    application.inactivity_timeout = 5;
    assertEqual(await read, 5);
    await accessor.set(7);
    assertEqual(application.inactivity_timeout, 7);
    assert((await thrownBy(() => Asab.object_get_accessor(application, 'colour'))).matches(Asab.Error,
        Asab.Error.NO_SUCH_KEY));
});

test('a predicate that can be awaited', async () => {
    let value = 0;
    const isZero = Asab.AwaitablePredicate.new(() => value === 0);
    const seen = [];
    const waitForZero = async () => {
        await isZero;
        seen.push(value);
    };

    assert(isZero.is_true());
    value = 3;
    assert(!isZero.is_true());
    const waiting = waitForZero();
    for (let n = 2; n >= 0; n--) {
        assertEqual(seen, []);
        await isZero.update(() => (value = n));
    }
    await waiting;
    assertEqual(seen, [0]);
});

test('a predicate with a time limit, and one that throws', async () => {
    const late = Asab.AwaitablePredicate.new(() => false, {timeout: 0.001});
    const error = new Error('in a predicate');
    const failing = Asab.AwaitablePredicate.new(() => {
        throw error;
    });

    assert((await thrownBy(() => late)).matches(Gio.IOErrorEnum, Gio.IOErrorEnum.TIMED_OUT));
    assert(await thrownBy(() => failing.wait()) === error);
    assert(await thrownBy(() => failing.is_true()) === error);
});

test('an accessor dies with what it gives access to', () => assertDies(async object => {
    object.accessor = Asab.Accessor.new({get: () => object.value, set: value => (object.value = value)});
    const read = object.accessor.get();
    await object.accessor.set(1);
    await read;
    object.predicate = Asab.AwaitablePredicate.new(() => object.value === 1);
    await object.predicate.wait();
}));

main();
