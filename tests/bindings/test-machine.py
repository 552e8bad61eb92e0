#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import asyncio
import contextlib
import io
import weakref

from asabtest import Asab, GLib, TestCase, asynchronous, main
from gi.repository import Gio


class Oops(Exception):
    pass


class StateMachineTest(TestCase):
    def setUp(self):
        self.log = []
        self.machine = Asab.StateMachine(state='a')

        @self.machine.on_exit('a')
        async def leave():
            self.log.append('leaving a')
            await asyncio.sleep(0)
            self.log.append('left a')

        @self.machine.on_enter('b')
        def enter():
            self.log.append('entered b')

    @asynchronous
    async def test_transition(self):
        changes = []
        self.machine.connect('transitioned', lambda _machine, *states: changes.append(states))
        self.machine.add('a', 'b')
        self.assertIs(await self.machine.transition('b'), True)
        self.assertEqual(self.log, ['leaving a', 'left a', 'entered b'])
        self.assertEqual(self.machine.state, 'b')
        self.assertEqual(changes, [('a', 'b')])
        self.assertIs(await self.machine.transition('c'), False)

    @asynchronous
    async def test_queue(self):
        self.machine.add('a', 'b')
        self.machine.add('b', 'c')
        self.assertEqual(await Asab.gather(self.machine.transition('b'), self.machine.transition('c')), [True, True])
        self.assertEqual(self.machine.get_state(), 'c')

    @asynchronous
    async def test_conditions(self):
        asked = []

        def never(*states):
            asked.append(states)

        async def later(*states):
            asked.append(states)
            await asyncio.sleep(0)
            return ['truthy']

        self.machine.add('a', 'b', never)
        self.machine.add('a', 'b', never)
        self.assertIs(await self.machine.transition('b'), False)
        self.assertEqual(asked, [('a', 'b')])
        self.machine.add('a', 'b', later)
        self.assertIs(await self.machine.transition('b'), True)
        self.assertEqual(asked, [('a', 'b')] * 3)

    @asynchronous
    async def test_exceptions(self):
        exception = Oops()

        async def fail(*_states):
            raise exception

        self.machine.add('a', 'b', fail)
        with contextlib.redirect_stderr(io.StringIO()):
            with self.assertRaises(Oops) as raised:
                await self.machine.transition('b')
        self.assertIs(raised.exception, exception)
        self.assertEqual(self.machine.state, 'a')

        self.machine.add('a', 'c')
        self.machine.on_enter('c', fail)
        with contextlib.redirect_stderr(io.StringIO()):
            with self.assertRaises(Oops):
                await self.machine.transition('c')
        self.assertEqual(self.machine.state, 'c')

    @asynchronous
    async def test_exception_at_once(self):
        def fail():
            raise Oops

        self.machine.add('a', 'b')
        self.machine.on_exit('a', fail)
        with contextlib.redirect_stderr(io.StringIO()):
            with self.assertRaises(Oops):
                await self.machine.transition('b')
        self.assertEqual(self.machine.state, 'a')

    @asynchronous
    async def test_cancel(self):
        ended = []

        @self.machine.on_exit('a')
        async def _leave():
            try:
                await Asab.Event().wait()
            finally:
                ended.append(True)

        self.machine.add('a', 'b')
        future = self.machine.transition('b')
        await Asab.sleep(0)
        future.cancel()
        with self.assertRaises(GLib.Error) as raised:
            await future
        self.assertTrue(raised.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))
        self.assertEqual(ended, [True])
        self.assertEqual(self.machine.state, 'a')

    @asynchronous
    async def test_within(self):
        self.machine.add('a', 'b')
        self.machine.add('b', 'c')
        futures = []

        @self.machine.on_enter('b')
        async def _enter():
            futures.append(self.machine.transition('c'))

        await self.machine.transition('b')
        await futures[0]
        self.assertEqual(self.machine.state, 'c')

    @asynchronous
    async def test_replace(self):
        self.machine.add('a', 'b')
        self.machine.on_exit('a', lambda: self.log.append('replaced'))
        self.machine.on_enter('b', None)
        await self.machine.transition('b')
        self.assertEqual(self.log, ['replaced'])

    def test_decorator(self):
        async def handler():
            pass

        self.assertIs(self.machine.on_enter('x')(handler), handler)
        self.assertIs(self.machine.on_exit('x', handler), handler)

    @asynchronous
    async def test_subclass(self):
        class Door(Asab.StateMachine):
            def do_transitioned(self, from_state, to_state):
                self.last = f'{from_state} to {to_state}'

        door = Door(state='open')
        door.add('open', 'closed')
        await door.transition('closed')
        self.assertEqual(door.last, 'open to closed')

    def test_dies(self):
        async def use(machine):
            machine.add('a', 'b', lambda *_states: True)
            machine.on_enter('b', lambda: None)
            await machine.transition('b')

        machine = Asab.StateMachine(state='a')
        Asab.run(use(machine))
        reference = weakref.ref(machine)
        del machine
        self.assert_dies(reference)


if __name__ == '__main__':
    main()
