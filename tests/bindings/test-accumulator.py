#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import functools
import weakref

from asabtest import Asab, GLib, TestCase, asynchronous, main
from gi.repository import GObject


class Oops(Exception):
    pass


class File:
    def __init__(self, log, name):
        self.log = log
        self.name = name

    def close(self, *args, **kwargs):
        self.log.append((self.name, *args, *kwargs.items()))


class Bell(GObject.Object):
    rings = 0

    @GObject.Signal(flags=GObject.SignalFlags.RUN_LAST | GObject.SignalFlags.ACTION)
    def ring(self):
        self.rings += 1


class AccumulatorTest(TestCase):
    def setUp(self):
        self.log = []

    def file(self, name):
        return File(self.log, name)

    def test_scope(self):
        with Asab.CallbackAccumulator('close') as accumulator:
            for name in 'abc':
                accumulator.add(self.file(name))
            self.assertEqual(len(accumulator), 3)
            self.assertEqual(self.log, [])
        self.assertEqual(self.log, [('a',), ('b',), ('c',)])
        self.assertEqual(len(accumulator), 0)

    def test_properties(self):
        accumulator = Asab.CallbackAccumulator('close', maxlen=3, call_once=False)
        self.assertEqual((accumulator.name, accumulator.maxlen, accumulator.call_once), ('close', 3, False))
        self.assertIsNone(Asab.CallbackAccumulator(name='close').maxlen)
        self.assertEqual(Asab.CallbackAccumulator(name='close', max_length=1).maxlen, 1)

    def test_call_again(self):
        accumulator = Asab.CallbackAccumulator('close', [self.file('a').close, self.file('b').close], call_once=False)
        for _ in range(2):
            with accumulator:
                pass
        self.assertEqual(self.log, [('a',), ('b',)] * 2)
        accumulator.clear()
        self.assertEqual(len(accumulator), 0)

    def test_maxlen(self):
        accumulator = Asab.CallbackAccumulator('close', maxlen=2)
        accumulator.add(self.file(1))
        self.assertIs(accumulator.offer_last(self.file(2)), True)
        self.assertIs(accumulator.offer_last(self.file(3)), False)
        self.assertIs(accumulator.offer_callback(self.file(3).close), False)
        accumulator.add(self.file(4))
        accumulator()
        self.assertEqual(self.log, [(2,), (4,)])

        nothing = Asab.CallbackAccumulator('close', maxlen=0)
        nothing.add(self.file(1))
        self.assertIs(nothing.offer_last(self.file(1)), False)
        self.assertEqual(len(nothing), 0)

    def test_no_method(self):
        with self.assertRaises(AttributeError):
            Asab.CallbackAccumulator('missing').add(self.file('a'))

        accumulator = Asab.CallbackAccumulator('missing', default=lambda: self.log.append('default'))
        accumulator.add(self.file('a'))
        accumulator()
        self.assertEqual(self.log, ['default'])

    def test_action_signal(self):
        bell = Bell()
        with Asab.CallbackAccumulator('ring') as accumulator:
            accumulator.add(bell)
        self.assertEqual(bell.rings, 1)

    def test_exception(self):
        def fail():
            raise Oops

        accumulator = Asab.CallbackAccumulator('close', [self.file(1).close, fail, self.file(3).close])
        with self.assertRaises(Oops):
            accumulator()
        self.assertEqual(len(accumulator), 1)
        accumulator()
        self.assertEqual(self.log, [(1,), (3,)])

    def test_exception_of_scope(self):
        seen = []
        exception = Oops()
        with self.assertRaises(Oops):
            with Asab.CallbackAccumulator('__exit__') as accumulator:
                accumulator.append(lambda *exc_info: seen.append(exc_info) or True)
                raise exception
        self.assertIs(seen[0][0], Oops)
        self.assertIs(seen[0][1], exception)
        self.assertIsNotNone(seen[0][2])

    def test_default_getter(self):
        with Asab.CallbackAccumulator('close', default_getter=lambda: ((1, 'a'), {'key': [2]})) as accumulator:
            accumulator.add(self.file('f'))
        self.assertEqual(self.log, [('f', 1, 'a', ('key', [2]))])

    def test_result(self):
        accumulator = Asab.CallbackAccumulator('close', default={'default'})
        self.assertEqual(accumulator.invoke(), {'default'})
        accumulator.append(lambda: 'first')
        accumulator.append(lambda: 'last')
        self.assertEqual(accumulator.invoke(), 'last')

        again = Asab.CallbackAccumulator('close', [lambda: 'said'], default='default', call_once=False)
        self.assertEqual(again.invoke(), 'default')

    def test_added_meanwhile(self):
        accumulator = Asab.CallbackAccumulator('close')

        def again(n_left):
            self.log.append(n_left)
            if n_left > 0:
                accumulator.append(functools.partial(again, n_left - 1))

        accumulator.append(functools.partial(again, 2))
        accumulator()
        self.assertEqual(self.log, [2, 1, 0])

    def test_callbacks(self):
        first, second = self.file(1).close, self.file(2).close
        accumulator = Asab.CallbackAccumulator('close', [first])
        callbacks = accumulator.callbacks
        accumulator.append(second)
        self.assertEqual(list(callbacks), [first])
        self.assertEqual(list(accumulator.callbacks), [first, second])
        self.assertEqual(len(accumulator), 2)

    def test_iteration(self):
        callbacks = [self.file(1).close, self.file(2).close]
        accumulator = Asab.CallbackAccumulator('close', callbacks)
        self.assertEqual(next(iter(accumulator)), callbacks[0])
        self.assertEqual(len(accumulator), 1)
        self.assertEqual(list(accumulator), callbacks[1:])
        self.assertEqual(self.log, [])

        again = Asab.CallbackAccumulator('close', callbacks, call_once=False)
        self.assertEqual(list(again), callbacks)
        self.assertEqual(len(again), 2)

    @asynchronous
    async def test_asynchronous_scope(self):
        turns = []

        async def count():
            while True:
                turns.append(len(self.log))
                await Asab.sleep(0)

        counting = Asab.spawn(count())
        async with Asab.CallbackAccumulator('close') as accumulator:
            for name in 'abc':
                accumulator.add(self.file(name))
        counting.cancel()
        self.assertEqual(self.log, [('a',), ('b',), ('c',)])
        self.assertIn(1, turns)
        self.assertIn(2, turns)

    def test_called_by_c(self):
        accumulator = Asab.CallbackAccumulator('exit')
        accumulator.append(lambda *args: self.log.append(args))
        accumulator.append(lambda *args: self.log.append(args))
        accumulator.steal_next(GLib.Variant('(is)', (1, 'a')))
        accumulator.exit(GLib.Error('scope'))
        self.assertEqual(self.log[0], (1, 'a'))
        self.assertEqual(self.log[1][1].message, 'scope')

        accumulator.append(Oops.mro)
        with self.assertRaises(GLib.Error):
            accumulator.steal_next(GLib.Variant('(i)', (1,)))

    def test_dies(self):
        file = self.file('a')
        reference = weakref.ref(file)
        accumulator = Asab.CallbackAccumulator('close')
        accumulator.add(file)
        del file
        self.assertIsNotNone(reference())
        accumulator()
        self.assert_dies(reference)

        reference = weakref.ref(accumulator)
        accumulator.add(self.file('b'))
        del accumulator
        self.assert_dies(reference)
        self.assertEqual(self.log, [('a',)])


if __name__ == '__main__':
    main()
