// SPDX-License-Identifier: LGPL-2.1-or-later

// Nurseries, asynchronous contexts and registries in JavaScript.

import Asab from 'gi://Asab?version=1.0';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';

import {assert, assertEqual, main, test, thrownBy} from './tap.js';

// A promise that is kept when a cancellable is cancelled.
function cancelled(cancellable) {
    return new Promise(resolve => cancellable.connect(() => resolve()));
}

const Context = GObject.registerClass({
    Implements: [Asab.AsyncContext],
}, class Context extends GObject.Object {
    constructor(log, name) {
        super();
        this.log = log;
        this.name = name;
    }

    async vfunc_enter() {
        await Asab.sleep(0);
        this.log.push(`+${this.name}`);
        return this.name;
    }

    async vfunc_exit(error) {
        await Asab.sleep(0);
        this.log.push(`-${this.name}${error ? ` ${error.message}` : ''}`);
        return false;
    }
});

test('tasks', async () => {
    const nursery = new Asab.TaskNursery({name: 'Foo'});

    assertEqual([...Asab.TaskNursery.registry.keys()], ['Foo']);
    assertEqual(nursery.tasks.length, 1);
    const task = nursery.create_task(async function seven() {
        await Asab.sleep(0);
        return 7;
    });
    assertEqual(task.get_name(), 'seven:Foo');
    assertEqual(await task, 7);
    assertEqual(await nursery.adopt(Promise.resolve(8), 'eight'), 8);
    await Asab.sleep(0);
    assertEqual(nursery.tasks.length, 1);
    await nursery.close();
    assertEqual(nursery.sentinel_task, null);
});

test('the end of a scope', async () => {
    const log = [];

    const result = await new Asab.TaskNursery().use(async nursery => {
        nursery.push_callback(async () => {
            await Asab.sleep(0);
            log.push('last');
        });
        assertEqual(await nursery.enter_context(new Context(log, 'a')), 'a');
        assertEqual(await nursery.enter_context({
            async enter() {
                return 'b';
            },
            async exit() {
                log.push('-b');
            },
        }), 'b');
        nursery.create_task(async cancellable => {
            await cancelled(cancellable);
            await Asab.sleep(0);
            log.push('cleaned up');
        });
        await Asab.sleep(0);
        return 'done';
    });

    assertEqual(result, 'done');
    assertEqual(log, ['+a', '-b', '-a', 'last', 'cleaned up']);
});

test('a sentinel is cancelled', async () => {
    const nursery = new Asab.TaskNursery();
    const sentinel = nursery.sentinel_task;
    const deaf = nursery.create_task(() => new Promise(() => {}));

    sentinel.cancel();
    assertEqual(await sentinel, 'Success');
    assert(deaf.is_cancelled());
});

test('a closed nursery', async () => {
    const nursery = new Asab.TaskNursery();
    let called = false;

    await nursery.close();
    for (const func of [
        () => nursery.create_task(async () => {
            called = true;
        }),
        () => nursery.push_callback(() => null),
        () => nursery.enter_context({enter: async () => {
            called = true;
        }}),
        () => nursery.enter_context(new Context([], 'a')),
        () => nursery.pop_all(),
    ])
        assert((await thrownBy(func)).matches(Asab.Error, Asab.Error.CLOSED));
    assert(!called);
});

test('a task is stopped', async () => {
    const nursery = new Asab.TaskNursery();
    const polite = nursery.create_task(async cancellable => {
        await cancelled(cancellable);
        return 'ok';
    });
    const deaf = nursery.create_task(() => new Promise(() => {}));

    assertEqual(await nursery.stop_task(polite), 'ok');
    assert((await nursery.stop_task(deaf)).matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED));
    assert((await thrownBy(() => nursery.stop_task(deaf))).matches(Asab.Error, Asab.Error.NOT_MANAGED));
    await nursery.close();
});

test('a task fails', async () => {
    const failures = [];
    const nursery = new Asab.TaskNursery({name: 'Foo'});

    Asab.set_exception_handler(null, (message, error) => failures.push([message, error.message]));
    const error = await thrownBy(() => nursery.create_task(async () => {
        throw new RangeError('oops');
    }, 'bad'));
    assert(error instanceof RangeError);
    assertEqual(failures, [['The task “bad:Foo” of the nursery “Foo” has failed', 'RangeError: oops']]);
    assert(nursery.is_open());
    await nursery.close();
    Asab.set_exception_handler(null, null);
});

test('a scope fails', async () => {
    const log = [];
    const thrown = new RangeError('oops');

    const error = await thrownBy(() => new Asab.TaskNursery().use(async nursery => {
        await nursery.enter_context(new Context(log, 'a'));
        throw thrown;
    }));
    assert(error === thrown);
    assertEqual(log, ['+a', '-a RangeError: oops']);
});

test('exit handlers', async () => {
    const seen = [];
    const result = await new Asab.TaskNursery().use(nursery => {
        nursery.push_exit(error => seen.push(error));
        nursery.push_exit(async error => {
            seen.push(error.message);
            return true;
        });
        nursery.push_exit(error => {
            seen.push(error.message);
            throw new GLib.Error(Asab.Error, Asab.Error.FAILED, 'replaced');
        });
        throw new RangeError('oops');
    });

    assertEqual(result, undefined);
    assertEqual(seen, ['RangeError: oops', 'replaced', null]);
});

test('everything is handed over', async () => {
    const log = [];
    const nursery = new Asab.TaskNursery();
    const popped = await nursery.use(async () => {
        await nursery.enter_context(new Context(log, 'a'));
        return nursery.pop_all();
    });

    assertEqual(log, ['+a']);
    assert(nursery.sentinel_task);
    await popped.close();
    assertEqual(log, ['+a', '-a']);
    assertEqual(nursery.sentinel_task, null);
});

test('an error exits a context', async () => {
    const log = [];
    const failed = (async () => {
        throw new RangeError('oops');
    })();

    assert(await Asab.async_exit_on_error(new Context(log, 'a'), Asab.Future.fromPromise(failed), null));
    assertEqual(log, ['-a RangeError: oops']);
    assert(!await Asab.async_exit_on_error(new Context(log, 'b'), Asab.sleep(0), null));
});

test('a registry', () => {
    const Worker = GObject.registerClass({
        Implements: [Asab.Registrable],
    }, class Worker extends GObject.Object {
        constructor(name) {
            super();
            this.name = name;
            this.register();
        }

        vfunc_dup_key() {
            return this.name;
        }
    });
    const foo = new Worker('foo');
    const nameless = new Worker(null);

    assertEqual([...Asab.registry(Worker).keys()], ['foo', `${GObject.type_name(Worker.$gtype)}_1`]);
    assert(Asab.registry(Worker).get('foo') === foo);
    foo.name = 'bar';
    assert(Asab.Registrable.lookup(Worker.$gtype, 'bar') === foo);
    assertEqual(Asab.Registrable.lookup(Worker.$gtype, 'foo'), null);
    assert(nameless.dup_registry_key().endsWith('_1'));
});

main();
