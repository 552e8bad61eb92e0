#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import asyncio
import threading
import weakref

from asabtest import Asab, GLib, TestCase, asynchronous, main
from gi.repository import Gio


class Oops(Exception):
    pass


async def generate_ranges(up_to):
    for n in range(up_to):
        yield range(n)


class Filter(Asab.Coroutine):
    """Processes the numbers of many ranges that pass a filter."""

    def __init__(self, process, filter_, ranges):
        self.process = process
        self.filter = filter_
        self.ranges = ranges
        super().__init__(coroutine=self.work())

    async def make_flat_values(self):
        async for values in self.ranges:
            for value in values:
                yield value

    async def filter_values(self):
        async for value in self.make_flat_values():
            if self.filter(value):
                yield value

    async def work(self):
        async for value in self.filter_values():
            self.process(value)


class Sleeper(Asab.Coroutine):
    """Its body is made when it is needed."""

    def __init__(self, log):
        super().__init__(name='sleeper')
        self.log = log

    async def do_run(self):
        self.log.append('began')
        try:
            await Asab.sleep(100)
        except asyncio.CancelledError:
            self.log.append('cancelled')
            raise


class Failing(Asab.Coroutine):
    async def do_work(self):
        await asyncio.sleep(0)
        raise Oops('on purpose')


class Sum(Asab.Coroutine):
    """Not asynchronous by itself."""

    def do_work(self):
        return Asab.gather(Asab.sleep(0), one())


async def one():
    return 1


def new_filter(found):
    return Filter(found.append, lambda n: n % 2 == 0, generate_ranges(5))


class CoroutineTest(TestCase):
    @asynchronous
    async def test_await(self):
        found = []
        await new_filter(found)
        self.assertEqual(found, [0, 0, 0, 2, 0, 2])

    @asynchronous
    async def test_task(self):
        found = []
        coroutine = new_filter(found)
        self.assertTrue(asyncio.iscoroutine(coroutine))
        await asyncio.create_task(coroutine)
        self.assertEqual(found, [0, 0, 0, 2, 0, 2])

    @asynchronous
    async def test_start(self):
        found = []
        await new_filter(found).start()
        self.assertEqual(found, [0, 0, 0, 2, 0, 2])

    def test_main_loop(self):
        found = []
        future = new_filter(found).start()  # without asyncio
        Asab.run_until_complete(future, None)
        self.assertEqual(found, [0, 0, 0, 2, 0, 2])

    @asynchronous
    async def test_wrapper(self):
        self.assertEqual(await Asab.Coroutine(one()), 1)
        self.assertEqual(await Asab.Coroutine(coroutine=one(), name='one').start(), 1)
        self.assertEqual(await Asab.Coroutine.new('one', lambda *_: Asab.spawn(one()), None).start(), 1)

    @asynchronous
    async def test_function(self):
        self.assertEqual(await Sum(), [None, 1])
        self.assertEqual(await Sum().start(), [None, 1])

    @asynchronous
    async def test_exception(self):
        for start in lambda coroutine: coroutine, Asab.Coroutine.start, asyncio.create_task:
            with self.assertRaisesRegex(Oops, 'on purpose'):
                await start(Failing())

    @asynchronous
    async def test_start_twice(self):
        coroutine = Asab.Coroutine(one())
        self.assertEqual(await coroutine.start(), 1)
        with self.assertRaises(GLib.Error) as caught:
            await coroutine.start()
        self.assertTrue(caught.exception.matches(Asab.error_quark(), Asab.Error.ALREADY_STARTED))
        self.assertEqual(await coroutine, 1)

        coroutine = Asab.Coroutine(one())
        await coroutine
        with self.assertRaises(RuntimeError):
            await coroutine

    @asynchronous
    async def test_close(self):
        log = []
        sleeper = Sleeper(log)
        await sleeper.close()
        with self.assertRaises(GLib.Error) as caught:
            await sleeper.start()
        self.assertTrue(caught.exception.matches(Asab.error_quark(), Asab.Error.CLOSED))
        self.assertEqual(log, [])

        sleeper = Sleeper(log)
        future = sleeper.start()
        await asyncio.sleep(0)
        await sleeper.close()
        with self.assertRaises(GLib.Error) as caught:
            await future
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))
        await asyncio.sleep(0)
        self.assertEqual(log, ['began', 'cancelled'])

    @asynchronous
    async def test_protocol(self):
        coroutine = Asab.Coroutine(one())
        with self.assertRaises(StopIteration) as stop:
            coroutine.send(None)
        self.assertEqual(stop.exception.value, 1)

        with self.assertRaises(Oops):
            Sleeper([]).throw(Oops())

    @asynchronous
    async def test_lifetime(self):
        found = []
        coroutine = new_filter(found)
        reference = weakref.ref(coroutine)
        future = coroutine.start()
        del coroutine
        await future
        self.assertEqual(len(found), 6)
        await asyncio.sleep(0.01)
        self.assert_dies(reference)


class ThreadTest(TestCase):
    @asynchronous
    async def test_make_async(self):
        @Asab.make_async
        def add(a, b=0):
            """Adds."""
            self.assertIsNot(threading.current_thread(), threading.main_thread())
            return a + b

        self.assertEqual(await add(1, b=2), 3)
        self.assertEqual(add.__doc__, 'Adds.')
        self.assertIs(Asab.make_async(add), add)
        self.assertIs(Asab.make_async(one), one)

    @asynchronous
    async def test_exception(self):
        @Asab.make_async
        def fail():
            raise Oops('on purpose')

        with self.assertRaisesRegex(Oops, 'on purpose'):
            await fail()

    @asynchronous
    async def test_flatten(self):
        self.assertEqual(await Asab.make_async(lambda: one())(), 1)
        self.assertEqual(await Asab.run_in_thread(one), 1)

    @asynchronous
    async def test_many(self):
        double = Asab.make_async(lambda n: 2 * n)
        self.assertEqual(await Asab.gather(*map(double, range(100))), list(range(0, 200, 2)))

    @asynchronous
    async def test_cancel(self):
        entered, leave = threading.Event(), threading.Event()

        def block():
            entered.set()
            leave.wait()

        task = asyncio.create_task(Asab.make_async(block)())
        while not entered.is_set():
            await asyncio.sleep(0.001)
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        leave.set()


main()
