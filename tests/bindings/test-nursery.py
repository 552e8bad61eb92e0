#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Nurseries, asynchronous contexts and registries in Python."""

import asyncio
import contextlib
import gc

from asabtest import TestCase, asynchronous, main

from gi.repository import Asab, GLib, GObject


class Recorder:
    """Notes what happens, as an asynchronous context manager, too."""

    def __init__(self):
        self.log = []

    @contextlib.asynccontextmanager
    async def manager(self, name):
        self.log.append(f'+{name}')
        try:
            yield name
        except Exception as exception:
            self.log.append(f'{name} sees {exception}')
            raise
        finally:
            await Asab.sleep(0)
            self.log.append(f'-{name}')

    async def sleep(self, name):
        try:
            await asyncio.Event().wait()
        finally:
            self.log.append(f'stop {name}')

    async def callback(self, name):
        await Asab.sleep(0)
        self.log.append(name)


async def fail(exception):
    raise exception


class NurseryTest(TestCase):
    def setUp(self):
        self.failures = []
        Asab.set_exception_handler(self.failures.append)
        self.addCleanup(Asab.set_exception_handler, None)

    @asynchronous
    async def test_tasks(self):
        async def seven():
            await Asab.sleep(0)
            return 7

        async with Asab.TaskNursery(name='Foo') as nursery:
            self.assertEqual(Asab.TaskNursery.registry, {'Foo': nursery})
            self.assertEqual(nursery.tasks, [nursery.sentinel_task])
            task = nursery.create_task(seven())
            self.assertEqual(task.get_name(), 'seven:Foo')
            self.assertEqual(await task, 7)
            self.assertEqual(await nursery.create_task(Asab.Coroutine.new('seven', lambda *_: seven_future())), 7)
            self.assertEqual(len(nursery.tasks), 1)
        self.assertIsNone(nursery.sentinel_task)

    @asynchronous
    async def test_end(self):
        recorder = Recorder()
        async with Asab.TaskNursery() as nursery:
            nursery.push_async_callback(recorder.callback, 'last')
            self.assertEqual(await nursery.enter_async_context(recorder.manager('a')), 'a')
            nursery.callback(recorder.log.append, 'sync')
            nursery.create_task(recorder.sleep('t'))
            await Asab.sleep(0)
        self.assertEqual(recorder.log, ['+a', 'sync', '-a', 'last', 'stop t'])

    @asynchronous
    async def test_cancel_sentinel(self):
        recorder = Recorder()
        nursery = Asab.TaskNursery()
        sentinel = nursery.sentinel_task
        task = nursery.create_task(recorder.sleep('t'))
        await nursery.enter_async_context(recorder.manager('a'))
        sentinel.cancel()
        self.assertEqual(await sentinel, 'Success')
        self.assertEqual(recorder.log, ['+a', '-a', 'stop t'])
        self.assertTrue(task.is_cancelled())

    @asynchronous
    async def test_closed(self):
        nursery = Asab.TaskNursery()
        await nursery.aclose()
        with self.assertRaises(GLib.Error) as raised:
            nursery.create_task(fail(ValueError('never')))
        self.assertTrue(raised.exception.matches(Asab.error_quark(), Asab.Error.CLOSED))
        with self.assertRaises(GLib.Error):
            await nursery.enter_async_context(Recorder().manager('a'))
        with self.assertRaises(GLib.Error):
            nursery.callback(print)

    @asynchronous
    async def test_stop_task(self):
        async def swallow():
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                return 'ok'

        async with Asab.TaskNursery() as nursery:
            swallowing = nursery.create_task(swallow())
            sleeping = nursery.create_task(Recorder().sleep('t'))
            await Asab.sleep(0)
            self.assertEqual(await nursery.stop_task(swallowing), 'ok')
            self.assertIsInstance(await nursery.stop_task(sleeping), asyncio.CancelledError)
            with self.assertRaises(ValueError):
                nursery.stop_task(sleeping)

    @asynchronous
    async def test_failure(self):
        exception = ValueError('oops')
        async with Asab.TaskNursery() as nursery:
            task = nursery.create_task(fail(exception), name='bad')
            sentinel = nursery.sentinel_task
            with self.assertRaises(ValueError):
                await task
        self.assertEqual([failure['exception'] for failure in self.failures], [exception])
        self.assertEqual(self.failures[0]['task'].get_name(), task.get_name())
        self.assertEqual(self.failures[0]['sentinel'].get_name(), sentinel.get_name())

    @asynchronous
    async def test_body_fails(self):
        recorder = Recorder()
        with self.assertRaises(ValueError) as raised:
            async with Asab.TaskNursery() as nursery:
                await nursery.enter_async_context(recorder.manager('a'))
                raise ValueError('oops')
        self.assertEqual(str(raised.exception), 'oops')
        self.assertEqual(recorder.log, ['+a', 'a sees oops', '-a'])

    @asynchronous
    async def test_exit_handlers(self):
        seen = []

        async def suppress(exc_type, exception, traceback):
            seen.append((exc_type, str(exception), traceback is not None))
            return True

        def replace(_exc_type, exception, _traceback):
            seen.append(str(exception))
            raise KeyError('replaced')

        async with Asab.TaskNursery() as nursery:
            nursery.push_async_exit(lambda *info: seen.append(info))
            nursery.push_async_exit(suppress)
            nursery.push_exit(replace)
            raise ValueError('oops')
        self.assertEqual(seen, ['oops', (KeyError, "'replaced'", True), (None, None, None)])

        with self.assertRaises(KeyError):
            async with Asab.TaskNursery() as nursery:
                nursery.push_exit(replace)

    @asynchronous
    async def test_pop_all(self):
        recorder = Recorder()
        async with Asab.TaskNursery() as nursery:
            nursery.create_task(recorder.sleep('t'))
            await nursery.enter_async_context(recorder.manager('a'))
            popped = nursery.pop_all()
        self.assertEqual(recorder.log, ['+a'])
        self.assertIsNotNone(nursery.sentinel_task)
        async with popped:
            pass
        self.assertEqual(recorder.log, ['+a', '-a', 'stop t'])
        self.assertIsNone(nursery.sentinel_task)

    @asynchronous
    async def test_names(self):
        names = ['first']
        async with Asab.TaskNursery(name=lambda: names[0], loop=asyncio.get_running_loop()) as nursery:
            self.assertEqual(nursery.name, 'first')
            names[0] = 'second'
            self.assertEqual(Asab.TaskNursery.registry, {'second': nursery})
        async with Asab.TaskNursery() as nursery:
            self.assertRegex(nursery.name, r'TaskNursery-\d+')

    @asynchronous
    async def test_subclass(self):
        class Kindergarten(Asab.TaskNursery):
            def __init__(self, children):
                super().__init__(name='Kindergarten')
                self.children = children

        async with Kindergarten(3) as nursery:
            self.assertEqual(nursery.children, 3)
            self.assertEqual(Kindergarten.registry, {'Kindergarten': nursery})

    @asynchronous
    async def test_gone(self):
        nursery = Asab.TaskNursery(name='Foo')
        nursery.marker = 1
        nursery.callback(lambda: None)
        nursery.create_task(Asab.sleep(0))
        await nursery.close()
        del nursery
        for _ in range(3):
            gc.collect()
            await Asab.sleep(0)
        self.assertEqual(Asab.TaskNursery.registry, {})


async def _seven():
    return 7


def seven_future():
    return Asab.spawn(_seven())


class ContextTest(TestCase):
    @asynchronous
    async def test_class(self):
        log = []

        class Context(GObject.Object, Asab.AsyncContext):
            async def do_enter(self):
                log.append('enter')

            async def do_exit(self, error):
                log.append(error and error.message)
                return True

        async with Context() as context:
            self.assertIsInstance(context, Context)
            raise ValueError('oops')
        async with Asab.TaskNursery() as nursery:
            await nursery.enter_async_context(Context())
        self.assertEqual(log, ['enter', 'ValueError: oops', 'enter', None])

    @asynchronous
    async def test_exit_on_exc(self):
        recorder = Recorder()
        manager = recorder.manager('a')
        await manager.__aenter__()
        self.assertTrue(await Asab.async_exit_on_exc(manager, fail(ValueError('oops'))))
        self.assertEqual(recorder.log, ['+a', 'a sees oops', '-a'])
        self.assertFalse(await Asab.async_exit_on_exc(recorder.manager('b'), _seven()))


class RegistryTest(TestCase):
    def test_unique_key(self):
        class T(metaclass=Asab.RegistryMeta):
            __unique_key_attr__ = 'name'

            def __init__(self, name):
                self.name = name

        a = T('foo')
        self.assertEqual(T.registry, {'foo': a})
        self.assertEqual(a.__registry_key__, 'foo')
        a = T('bar')
        self.assertEqual(T.registry, {'bar': a})
        a.name = 'zed'
        self.assertEqual(T.registry, {'zed': a})

    def test_default_key(self):
        class Foo(Asab.Registry):
            __default_key__ = 'foo'

        class Bar(Foo):
            pass

        first, second = Foo(), Bar()
        self.assertEqual(Foo.registry, {'foo_0': first, 'foo_1': second})
        self.assertEqual(Bar.registry, {'foo_1': second})
        del first
        third = Foo()
        self.assertEqual(Foo.registry, {'foo_1': second, 'foo_2': third})

    def test_failed_construction(self):
        class Fragile(Asab.Registry):
            def __init__(self):
                super().__init__()
                raise ValueError

        with self.assertRaises(ValueError):
            Fragile()
        gc.collect()
        self.assertEqual(Fragile.registry, {})

    def test_strict(self):
        class Strict(Asab.Registry):
            __unique_key_attr__ = 'name'
            name = 'same'

        Asab.Registrable.set_strict(Strict, True)
        first = Strict()
        with self.assertRaises(GLib.Error) as raised:
            Strict()
        self.assertTrue(raised.exception.matches(Asab.error_quark(), Asab.Error.EXISTS))
        self.assertEqual(Strict.registry, {'same': first})


if __name__ == '__main__':
    main()
