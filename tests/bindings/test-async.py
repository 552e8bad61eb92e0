#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import asyncio
import contextlib
import io
import traceback
import weakref

from asabtest import Asab, GLib, TestCase, asynchronous, main
from gi.repository import Gio, GObject


async def add(a, b):
    await asyncio.sleep(0)
    return a + b


class Oops(Exception):
    pass


async def fail(exception):
    raise exception


def wait(future):
    """Waits as C does."""
    with contextlib.suppress(GLib.Error):
        Asab.run_until_complete(future, None)

    return future.get_value()


class PromiseTest(TestCase):
    def test_values(self):
        for value in (None, True, 0, -1, 2**31, -2**40, 2**63 - 1, 2**63, 2**64, 1.5, 'text', b'bytes', [1, 'a'], (1,),
                      {'a': [1]}, {1, 2}, object(), GObject.Object(), Oops, add):
            promise = Asab.Promise.new()
            self.assertTrue(promise.resolve(value))
            self.assertEqual(promise.get_future().get_value(), value)
            self.assertIs(type(promise.get_future().get_value()), type(value))

    def test_values_for_c(self):
        for value, getter in ((True, 'boolean'), (3, 'int64'), (2**40, 'int64'), (1.5, 'double')):
            promise = Asab.Promise.new()
            promise.resolve(value)
            self.assertEqual(getattr(promise.get_future(), 'get_' + getter)(), value)

    def test_identity(self):
        value = {'key': object()}
        promise = Asab.Promise.new()
        promise.resolve(value)
        self.assertIs(promise.get_future().result(), value)

    def test_once(self):
        promise = Asab.Promise.new()
        self.assertTrue(promise.resolve(1))
        self.assertFalse(promise.resolve(2))
        self.assertFalse(promise.reject(Oops()))
        self.assertEqual(promise.get_future().get_value(), 1)

    def test_reject(self):
        exception = Oops('what a pity')
        promise = Asab.Promise.new()
        promise.reject(exception)
        future = promise.get_future()

        with self.assertRaises(Oops) as raised:
            future.get_value()
        self.assertIs(raised.exception, exception)
        self.assertIs(future.exception(), exception)

        error = future.dup_error()
        self.assertEqual(error.message, 'Oops: what a pity')
        self.assertTrue(error.matches(Asab.error_quark(), Asab.Error.CALLBACK_FAILED))

    def test_reject_with_gerror(self):
        promise = Asab.Promise.new()
        promise.reject(GLib.Error.new_literal(Gio.io_error_quark(), 'gone', Gio.IOErrorEnum.NOT_FOUND))
        with self.assertRaises(GLib.Error) as raised:
            promise.get_future().get_value()
        self.assertTrue(raised.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.NOT_FOUND))

    def test_follow(self):
        source, promise = Asab.Promise.new(), Asab.Promise.new()
        promise.follow(source.get_future())
        source.resolve('value')
        self.assertEqual(wait(promise.get_future()), 'value')

    def test_broken(self):
        future = Asab.Promise.new().get_future()
        self.assertTrue(future.exception().matches(Asab.error_quark(), Asab.Error.BROKEN_PROMISE))


class FutureTest(TestCase):
    def test_pending(self):
        promise = Asab.Promise.new()
        future = promise.get_future()
        self.assertFalse(future.is_done())
        self.assertEqual(future.get_status(), Asab.FutureStatus.PENDING)
        with self.assertRaises(GLib.Error) as raised:
            future.get_value()
        self.assertTrue(raised.exception.matches(Asab.error_quark(), Asab.Error.PENDING))
        promise.resolve()
        self.assertTrue(future.is_resolved())

    def test_done_callback(self):
        seen = []
        promise = Asab.Promise.new()
        future = promise.get_future()
        future.add_done_callback(seen.append)
        promise.resolve(1)
        self.assertEqual(seen, [])
        wait(Asab.sleep(0))
        self.assertEqual(seen, [future])

    @asynchronous
    async def test_await(self):
        promise = Asab.Promise.new()
        asyncio.get_running_loop().call_soon(promise.resolve, 5)
        self.assertEqual(await promise.get_future(), 5)
        self.assertEqual(await promise.get_future(), 5)

    @asynchronous
    async def test_exception(self):
        exception = Oops()
        try:
            await Asab.spawn(fail(exception))
        except Oops as raised:
            self.assertIs(raised, exception)
            self.assertIn('raise exception', ''.join(traceback.format_tb(raised.__traceback__)))
        else:
            self.fail('not raised')

    @asynchronous
    async def test_sets(self):
        futures = [Asab.spawn(add(i, i)) for i in range(3)]
        self.assertEqual(await Asab.Future.all(futures), [0, 2, 4])
        self.assertEqual(await Asab.Future.all_settled([futures[1], Asab.sleep(0)]), [2, None])
        self.assertEqual(await Asab.Future.any([Asab.spawn(fail(Oops())), futures[2]]), 4)
        pending = Asab.Promise.new()
        self.assertEqual(await Asab.Future.race([pending.get_future(), futures[2]]), 4)

    @asynchronous
    async def test_set(self):
        exception = Oops()
        members = [Asab.spawn(add(1, 2)), Asab.spawn(fail(exception))]
        outcome = Asab.Future.all_settled(members)
        self.assertEqual(await outcome, [3, exception])

    @asynchronous
    async def test_gather(self):
        self.assertEqual(await Asab.gather(add(1, 2), Asab.sleep(0), add('a', 'b')), [3, None, 'ab'])
        self.assertEqual(await Asab.gather(), [])
        exception = Oops()
        self.assertEqual(await Asab.gather(fail(exception), add(1, 1), return_exceptions=True), [exception, 2])
        with self.assertRaises(Oops):
            await Asab.gather(fail(exception), add(1, 1))

    @asynchronous
    async def test_timeout(self):
        promise = Asab.Promise.new()
        with self.assertRaises(GLib.Error) as raised:
            await promise.get_future().with_timeout(0.001, True)
        self.assertTrue(raised.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.TIMED_OUT))
        self.assertTrue(promise.get_future().is_cancelled())

    @asynchronous
    async def test_wait_for(self):
        promise = Asab.Promise.new()
        with self.assertRaises(asyncio.TimeoutError):
            await asyncio.wait_for(promise.get_future(), 0.001)
        self.assertFalse(promise.get_future().is_done())

    def test_dies(self):
        class Value:
            pass

        value = Value()
        reference = weakref.ref(value)

        async def hold(it):
            return it

        for _ in range(10):
            self.assertIs(Asab.run(hold(value)), value)
        Asab.run(Asab.gather(hold(value), hold(value)))
        del value
        self.assert_dies(reference)

    def test_exception_dies(self):
        exception = Oops()
        reference = weakref.ref(exception)

        async def consume(failing):
            future = Asab.spawn(failing)
            with contextlib.suppress(Oops):
                await future
            self.assertIs(future.exception(), reference())
            with contextlib.suppress(Oops):
                await Asab.gather(future, add(1, 1))

        Asab.run(consume(fail(exception)))
        wait(Asab.spawn(consume(fail(exception))))
        del exception
        self.assert_dies(reference)


class SpawnTest(TestCase):
    def test_without_asyncio(self):
        promise = Asab.Promise.new()

        async def work():
            return await promise.get_future() + await promise.get_future()

        future = Asab.spawn(work())
        self.assertFalse(future.is_done())
        promise.resolve(4)
        self.assertEqual(wait(future), 8)

    def test_exception_without_asyncio(self):
        exception = Oops()

        async def work():
            await Asab.sleep(0)
            raise exception

        with self.assertRaises(Oops) as raised:
            wait(Asab.spawn(work()))
        self.assertIs(raised.exception, exception)

    def test_cancel_without_asyncio(self):
        promise = Asab.Promise.new()
        ended = []

        async def work():
            try:
                await promise.get_future()
            finally:
                ended.append(True)

        future = Asab.spawn(work())
        future.cancel()
        self.assertEqual(ended, [True])
        self.assertTrue(future.is_cancelled())
        self.assertIsInstance(future.exception(), GLib.Error)

    def test_asyncio_missing(self):
        async def work():
            await asyncio.sleep(1)

        with self.assertRaises(RuntimeError):
            wait(Asab.spawn(work()))

    @asynchronous
    async def test_cancel(self):
        event = Asab.Event()
        ended = asyncio.Event()

        async def work():
            try:
                await event.wait()
            finally:
                ended.set()

        future = Asab.spawn(work())
        await asyncio.sleep(0)
        future.cancel()
        await ended.wait()
        self.assertTrue(future.is_cancelled())

    @asynchronous
    async def test_cancelled_inside(self):
        async def work():
            raise asyncio.CancelledError

        with self.assertRaises(asyncio.CancelledError):
            await Asab.spawn(work())

    @asynchronous
    async def test_any_awaitable(self):
        future = asyncio.get_running_loop().create_future()
        future.set_result('asyncio')
        self.assertEqual(await Asab.spawn(future), 'asyncio')

    def test_run(self):
        self.assertEqual(Asab.run(add(1, 2)), 3)
        exception = Oops()
        with self.assertRaises(Oops) as raised:
            Asab.run(fail(exception))
        self.assertIs(raised.exception, exception)

    def test_run_ends_tasks(self):
        event = Asab.Event()
        ended = []

        async def linger():
            try:
                await event.wait()
            finally:
                ended.append(True)

        async def work():
            asyncio.create_task(linger())
            await asyncio.sleep(0)

        Asab.run(work())
        self.assertEqual(ended, [True])


class SynchronisationTest(TestCase):
    @asynchronous
    async def test_lock(self):
        lock = Asab.Lock()
        order = []

        async def hold(name):
            async with lock:
                self.assertTrue(lock.is_locked())
                order.append(name)
                await asyncio.sleep(0)
                order.append(name)

        await Asab.gather(hold('a'), hold('b'))
        self.assertEqual(order, ['a', 'a', 'b', 'b'])
        self.assertFalse(lock.is_locked())

    @asynchronous
    async def test_lock_cancelled(self):
        lock = Asab.Lock()
        await lock.acquire()

        async def hold():
            async with lock:
                self.fail('not reached')

        task = asyncio.create_task(hold())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        lock.release()
        self.assertFalse(lock.is_locked())

    @asynchronous
    async def test_lock_released_by_exception(self):
        lock = Asab.Lock()
        with self.assertRaises(Oops):
            async with lock:
                raise Oops
        self.assertFalse(lock.is_locked())

    @asynchronous
    async def test_condition(self):
        condition = Asab.Condition()
        items = []

        async def take():
            async with condition:
                await condition.wait_for(lambda: len(items) > 0)
                return items.pop()

        future = Asab.spawn(take())
        await asyncio.sleep(0)
        async with condition:
            items.append('item')
            condition.notify_all()
        self.assertEqual(await future, 'item')

    @asynchronous
    async def test_condition_predicate_raises(self):
        condition = Asab.Condition()
        exception = Oops()

        def predicate():
            raise exception

        async with condition:
            with self.assertRaises(Oops) as raised:
                await condition.wait_for(predicate)
        self.assertIs(raised.exception, exception)

    @asynchronous
    async def test_condition_update(self):
        condition = Asab.Condition()
        items = []
        await condition.update(lambda: items.append(1))
        self.assertEqual(items, [1])

    @asynchronous
    async def test_event(self):
        event = Asab.Event()
        waiters = [Asab.spawn(event.wait()) for _ in range(2)]
        event.set()
        await Asab.gather(*waiters)
        self.assertTrue(event.is_set())
        event.clear()
        self.assertFalse(event.is_set())

    @asynchronous
    async def test_semaphore(self):
        semaphore = Asab.Semaphore(permits=2)
        running = most = 0

        async def work():
            nonlocal running, most
            async with semaphore:
                running += 1
                most = max(most, running)
                await asyncio.sleep(0)
                running -= 1

        await Asab.gather(*(work() for _ in range(5)))
        self.assertEqual(most, 2)
        self.assertEqual(semaphore.get_permits(), 2)


class TimerTest(TestCase):
    def setUp(self):
        self.clock = Asab.Clock()
        self.clock.install(None)
        self.addCleanup(self.clock.uninstall, None)

    @asynchronous
    async def test_restarts(self):
        ticks = asyncio.Queue()

        async def tick():
            await ticks.put(self.clock.get_time())

        timer = Asab.Timer(None, tick, autorestart=True)
        self.assertTrue(timer.auto_restart)
        begin = self.clock.get_time()
        timer.start(10)
        for i in range(1, 4):
            self.clock.advance(10)
            self.assertEqual(await ticks.get(), begin + i * 10_000_000)
        timer.stop()
        self.assertFalse(timer.is_started())

    @asynchronous
    async def test_once(self):
        event = Asab.Event()
        timer = Asab.Timer(None, event.set)
        timer.start(60)
        with self.assertRaises(GLib.Error):
            timer.start(60)
        timer.restart(30)
        self.clock.advance(30)
        await event.wait()
        self.assertFalse(timer.is_started())

    @asynchronous
    async def test_exception(self):
        reports = io.StringIO()
        timer = Asab.Timer(None, lambda: fail(Oops('in a timer')), autorestart=True)
        timer.start(1)
        with contextlib.redirect_stderr(reports):
            self.clock.advance(1)
            while 'in a timer' not in reports.getvalue():
                await asyncio.sleep(0)
        self.assertTrue(timer.is_started())
        timer.stop()

    @asynchronous
    async def test_sleep(self):
        future = Asab.sleep(3600)
        self.assertFalse(future.is_done())
        self.clock.advance(3600)
        await future


if __name__ == '__main__':
    main()
