#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import asyncio
import math
import weakref

from asabtest import Asab, GLib, TestCase, asynchronous, main
from gi.repository import Gio, GObject


class Oops(Exception):
    pass


def fail(*_args):
    raise Oops('fails')


async def soon():
    for _ in range(3):
        await asyncio.sleep(0)


class Thing:
    def __init__(self):
        self._value = None

    @property
    def value(self):
        return self._value

    @value.setter
    def value(self, val):
        if not val:
            raise ValueError(f'Illegal value {val}')
        self._value = val


class BetterThing(Thing):
    def __init__(self):
        super().__init__()
        self.value_accessor = Asab.Accessor(funcs=(
            type(self).value.fget.__get__(self),
            type(self).value.fset.__get__(self),
        ))


class AccessorTest(TestCase):
    @asynchronous
    async def test_synchronizes(self):
        foo = Asab.Accessor()
        background = asyncio.create_task(foo.get())
        await soon()
        await foo.set('Bar')
        self.assertEqual(await background, 'Bar')
        self.assertEqual(foo.value, 'Bar')

    @asynchronous
    async def test_attributes(self):
        condition = Asab.Condition()
        foo = Asab.Accessor(condition=condition, name='foo')
        self.assertIs(foo.condition, condition)
        self.assertEqual(foo.name, 'foo')
        self.assertIsNone(foo.value)
        foo.fset(2**40)
        self.assertEqual(foo.fget(), 2**40)
        self.assertFalse(foo.has_waiting_read)

    @asynchronous
    async def test_any_value(self):
        foo = Asab.Accessor()
        for value in (None, True, 2**40, 1.5, 'text', [1], {'a': 1}, object()):
            await foo.set(value)
            self.assertEqual(await foo.get(wait_for_write=False), value)

    @asynchronous
    async def test_custom_functions(self):
        thing = BetterThing()
        background = asyncio.create_task(thing.value_accessor.get())
        await soon()
        with self.assertRaisesRegex(ValueError, 'Illegal value 0'):
            await thing.value_accessor.set(0)
        self.assertFalse(background.done())
        await thing.value_accessor.set(3)
        self.assertEqual(await background, 3)
        self.assertEqual(thing.value, 3)
        self.assertEqual(thing.value_accessor.value, 3)
        with self.assertRaisesRegex(ValueError, 'Illegal value None'):
            await thing.value_accessor.set(None)

    @asynchronous
    async def test_exceptions(self):
        foo = Asab.Accessor(funcs=(fail, print))
        with self.assertRaises(Oops):
            await foo.get(wait_for_write=False)
        with self.assertRaises(Oops):
            foo.value  # pylint: disable=pointless-statement
        with self.assertRaises(Oops):
            await Asab.Accessor().get(predicate=fail)

    def test_invalid_functions(self):
        for funcs, name in (((print, None), 'setter'), ((None, print), 'getter'), ((1, print), 'getter')):
            with self.assertRaisesRegex(ValueError, name):
                Asab.Accessor(funcs=funcs)
        for funcs in (print, (print,)):
            with self.assertRaises(ValueError):
                Asab.Accessor(funcs=funcs)
        with self.assertRaises(ValueError):
            Asab.run(Asab.Accessor().get(predicate=5))

    @asynchronous
    async def test_predicate(self):
        foo = Asab.Accessor()
        await foo.set(4)
        self.assertEqual(await foo.get(predicate=lambda value: value == 4), 4)
        later = asyncio.create_task(foo.get(predicate=lambda value: value >= 4, wait_for_write=True))
        await soon()
        await foo.set(3)
        await soon()
        self.assertFalse(later.done())
        await foo.set(9)
        self.assertEqual(await later, 9)
        self.assertEqual(await foo.get(wait_for_write=False), 9)

    @asynchronous
    async def test_wait_for_read(self):
        foo = Asab.Accessor()
        write = asyncio.create_task(foo.set(77, wait_for_read=True))
        await soon()
        self.assertIsNone(foo.value)
        self.assertEqual(await foo.get(), 77)
        await write

        write = asyncio.create_task(foo.set(78, wait_for_read=True))
        await soon()
        self.assertFalse(write.done())
        read = asyncio.create_task(foo.get())
        self.assertEqual(await read, 78)

    @asynchronous
    async def test_cancelled(self):
        foo = Asab.Accessor()
        read = asyncio.create_task(foo.get())
        await foo.has_waiting_read
        read.cancel()
        await asyncio.wait([read])
        self.assertFalse(foo.has_waiting_read)
        write = asyncio.create_task(foo.set(1, wait_for_read=True))
        await soon()
        self.assertFalse(write.done())
        write.cancel()

    @asynchronous
    async def test_shared_condition(self):
        condition = Asab.Condition()
        first, second = (Asab.Accessor(condition=condition) for _ in range(2))
        read = asyncio.create_task(second.get())
        await second.has_waiting_read
        await first.set(1)
        self.assertIsNone(await read)

    def test_dies(self):
        thing = BetterThing()
        reference = weakref.ref(thing)

        async def use():
            background = asyncio.create_task(thing.value_accessor.get())
            await soon()
            await thing.value_accessor.set(3)
            await background

        Asab.run(use())
        del thing, use
        self.assert_dies(reference)


class Tank:
    def __init__(self):
        self.content = 0
        self.deleted = 0

    @Asab.condition_property
    def level(self):
        """How full it is."""
        return self.content

    @level.setter
    def level(self, value):
        self.content = value

    @level.deleter
    def level(self):
        self.deleted += 1

    @Asab.condition_property
    def read_only(self):
        return self.content

    write_only = Asab.condition_property(None, lambda self, value: None)


class ConditionPropertyTest(TestCase):
    def test_lookup(self):
        tank = Tank()
        self.assertIs(tank.level, tank.level)
        self.assertIsNot(tank.level, Tank().level)
        self.assertIsInstance(tank.level, Asab.Accessor)
        self.assertIsInstance(Tank.level, Asab.condition_property)
        self.assertEqual(tank.level.name, 'level')
        self.assertEqual(Tank.level.__doc__, 'How full it is.')

    @asynchronous
    async def test_access(self):
        tank = Tank()
        read = asyncio.create_task(tank.level.get())
        await tank.level.has_waiting_read
        await tank.level.set(4)
        self.assertEqual(await read, 4)
        self.assertEqual(tank.content, 4)
        self.assertEqual(tank.level.value, 4)

    def test_assignment(self):
        tank = Tank()
        with self.assertRaisesRegex(AttributeError, 'set'):
            tank.level = 5

    @asynchronous
    async def test_missing_functions(self):
        tank = Tank()
        for accessor in (tank.read_only, tank.write_only):
            with self.assertRaisesRegex(AttributeError, 'unreadable'):
                accessor.value  # pylint: disable=pointless-statement
            with self.assertRaisesRegex(AttributeError, 'unreadable'):
                await accessor.get()
        with self.assertRaises(AttributeError):
            await tank.read_only.set(1)
        with self.assertRaises(AttributeError):
            del tank.read_only

    def test_copies(self):
        original = Tank.read_only
        changed = original.setter(lambda self, value: None)
        self.assertIsNot(changed, original)
        self.assertIsNone(original.fset)
        self.assertIs(changed.fget, original.fget)
        self.assertIsNot(original.getter(len).fget, original.fget)

    def test_delete(self):
        tank = Tank()
        accessor = tank.level
        del tank.level
        self.assertEqual(tank.deleted, 1)
        self.assertIsNot(tank.level, accessor)

    @asynchronous
    async def test_dies(self):
        tank = Tank()
        reference = weakref.ref(tank)
        accessor = tank.level
        read = asyncio.create_task(accessor.get())
        await accessor.has_waiting_read
        del tank
        self.assertIsNone(reference())
        with self.assertRaises(GLib.Error) as raised:
            await read
        self.assertTrue(raised.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))
        with self.assertRaises(GLib.Error) as raised:
            await accessor.set(1)
        self.assertTrue(raised.exception.matches(Asab.error_quark(), Asab.Error.CLOSED))


class Boiler(GObject.Object):
    heat = GObject.Property(type=int)


class ObjectTest(TestCase):
    @asynchronous
    async def test_property(self):
        boiler = Boiler()
        accessor = Asab.object_get_accessor(boiler, 'heat')
        self.assertEqual(accessor.name, 'heat')
        read = asyncio.create_task(accessor.get())
        await accessor.has_waiting_read
        boiler.heat = 5
        self.assertEqual(await read, 5)
        await accessor.set(7)
        self.assertEqual(boiler.heat, 7)
        self.assertEqual(accessor.value, 7)
        with self.assertRaises(GLib.Error):
            await accessor.set(2**40)
        with self.assertRaises(GLib.Error):
            Asab.object_get_accessor(boiler, 'colour')


class AwaitablePredicateTest(TestCase):
    def setUp(self):
        self.value = 0
        self.is_zero = Asab.AwaitablePredicate(lambda: self.value == 0)

    async def set_value(self, number):
        async with self.is_zero.condition:
            self.value = number
            self.is_zero.condition.notify()

    def test_bool(self):
        self.assertTrue(self.is_zero)
        self.value = 1
        self.assertFalse(self.is_zero)
        self.assertFalse(self.is_zero.is_true())

    @asynchronous
    async def test_await(self):
        self.value = 1
        seen = []

        async def wait_for_zero():
            await self.is_zero
            seen.append(self.value)

        waiting = asyncio.create_task(wait_for_zero())
        for n in reversed(range(3)):
            await soon()
            self.assertEqual(seen, [])
            await self.set_value(n)
        await waiting
        self.assertEqual(seen, [0])
        await self.is_zero

    @asynchronous
    async def test_update(self):
        await self.set_value(1)
        waiting = Asab.spawn(self.is_zero)
        await self.is_zero.update(lambda: setattr(self, 'value', 0))
        await waiting

    @asynchronous
    async def test_condition(self):
        condition = Asab.Condition()
        predicate = Asab.AwaitablePredicate(lambda: self.value == 1, condition)
        self.assertIs(predicate.condition, condition)
        self.assertEqual(predicate.timeout, math.inf)

    @asynchronous
    async def test_timeout(self):
        self.value = 1
        predicate = Asab.AwaitablePredicate(lambda: self.value == 0, timeout=0.001)
        with self.assertRaises(GLib.Error) as raised:
            await predicate
        self.assertTrue(raised.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.TIMED_OUT))
        self.value = 0
        await predicate

    @asynchronous
    async def test_exception(self):
        predicate = Asab.AwaitablePredicate(fail)
        with self.assertRaises(Oops):
            bool(predicate)
        with self.assertRaises(Oops):
            await predicate

    @asynchronous
    async def test_concurrent_exceptions(self):
        failing = [False]

        def predicate():
            if failing[0]:
                raise Oops
            return False

        waited_for = Asab.AwaitablePredicate(predicate)
        tasks = [Asab.spawn(waited_for) for _ in range(2)]
        await soon()
        failing[0] = True
        async with waited_for.condition:
            waited_for.condition.notify()
        await soon()
        failing[0] = False
        self.assertIsInstance(tasks[0].exception(), Oops)
        self.assertFalse(tasks[1].is_done())
        tasks[1].cancel()

    @asynchronous
    async def test_cancelled(self):
        self.value = 1
        waiting = asyncio.create_task(asyncio.wait_for(self.is_zero, 0.001))
        with self.assertRaises(asyncio.TimeoutError):
            await waiting

    def test_invalid(self):
        with self.assertRaises(TypeError):
            Asab.AwaitablePredicate(5)
        with self.assertRaises(GLib.Error):
            Asab.AwaitablePredicate(bool, timeout=-1)

    def test_dies(self):
        class Owner:
            def __init__(self):
                self.is_ready = Asab.AwaitablePredicate(self.ask)

            def ask(self):
                return True

        owner = Owner()
        reference = weakref.ref(owner)
        Asab.run(Asab.spawn(owner.is_ready))
        del owner
        self.assert_dies(reference)


if __name__ == '__main__':
    main()
