// SPDX-License-Identifier: LGPL-2.1-or-later

import Asab from 'gi://Asab?version=1.0';
import Gio from 'gi://Gio';

import {assert, assertDies, assertEqual, main, test, thrownBy} from './tap.js';

function newMachine() {
    const machine = Asab.StateMachine.new('a');

    machine.log = [];
    machine.on_exit('a', async () => {
        machine.log.push('leaving a');
        await Asab.sleep(0);
        machine.log.push('left a');
    });
    machine.on_enter('b', () => {
        machine.log.push('entered b');
    });

    return machine;
}

test('a transition calls the handlers', async () => {
    const machine = newMachine();
    const changes = [];

    machine.connect('transitioned', (_machine, from, to) => changes.push([from, to]));
    machine.add('a', 'b');
    assertEqual(await machine.transition('b'), true);
    assertEqual(machine.log, ['leaving a', 'left a', 'entered b']);
    assertEqual(machine.state, 'b');
    assertEqual(changes, [['a', 'b']]);
    assertEqual(await machine.transition('c'), false);
});

test('transitions run one after another', async () => {
    const machine = newMachine();

    machine.add('a', 'b');
    machine.add('b', 'c');
    assertEqual(await Promise.all([machine.transition('b'), machine.transition('c')]), [true, true]);
    assertEqual(machine.get_state(), 'c');
});

test('conditions', async () => {
    const machine = newMachine();
    const asked = [];
    const never = (from, to) => {
        asked.push([from, to]);
    };

    machine.add('a', 'b', never);
    machine.add('a', 'b', never);
    assertEqual(await machine.transition('b'), false);
    assertEqual(asked, [['a', 'b']]);
    machine.add('a', 'b', async () => {
        await Asab.sleep(0);
        return 'truthy';
    });
    assertEqual(await machine.transition('b'), true);
    assertEqual(asked.length, 2);
});

test('errors', async () => {
    const machine = newMachine();
    const error = new Error('refused');

    machine.add('a', 'b', async () => {
        throw error;
    });
    assert(await thrownBy(() => machine.transition('b')) === error);
    assertEqual(machine.state, 'a');

    machine.add('a', 'c');
    machine.on_enter('c', () => {
        throw error;
    });
    assert(await thrownBy(() => machine.transition('c')) === error);
    assertEqual(machine.state, 'c');
});

test('cancellation', async () => {
    const machine = newMachine();

    machine.on_exit('a', () => Asab.Event.new().wait());
    machine.add('a', 'b');
    const future = machine.transition('b');
    await Asab.sleep(0);
    future.cancel();
    assert((await thrownBy(() => future)).matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED));
    assertEqual(machine.state, 'a');
});

test('a transition from within', async () => {
    const machine = newMachine();
    let next = null;

    machine.add('a', 'b');
    machine.add('b', 'c');
    machine.on_enter('b', () => {
        next = machine.transition('c');
    });
    await machine.transition('b');
    await next;
    assertEqual(machine.state, 'c');
});

test('a handler is replaced', async () => {
    const machine = newMachine();
    const handler = machine.on_exit('a', () => machine.log.push('replaced'));

    assert(typeof handler === 'function');
    assertEqual(machine.on_enter('b', null), null);
    machine.add('a', 'b');
    await machine.transition('b');
    assertEqual(machine.log, ['replaced']);
});

test('a machine lets go of its handlers', async () => {
    await assertDies(async object => {
        const machine = Asab.StateMachine.new('a');

        machine.add('a', 'b', () => object.is_set() === false);
        machine.on_enter('b', async () => object.set());
        await machine.transition('b');
        assert(object.is_set());
    });
});

main();
