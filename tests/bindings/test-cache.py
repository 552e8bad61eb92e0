#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import asyncio
import contextlib
import io
import math
import weakref

from asabtest import Asab, GLib, TestCase, asynchronous, main
from gi.repository import Gio


class Oops(Exception):
    pass


class Loader:
    """Loads what it has, and knows how often."""

    def __init__(self):
        self.keys = []
        self.error = None

    async def __call__(self, key):
        self.keys.append(key)
        await asyncio.sleep(0)
        if self.error:
            raise self.error

        return {key: len(self.keys)}


async def settle():
    """Lets happen what is going on, which takes a few turns of the loop."""
    for _ in range(20):
        await Asab.sleep(0)


class CacheTest(TestCase):
    def setUp(self):
        self.clock = Asab.Clock.new()
        self.loader = Loader()
        self.errors = []
        stderr = contextlib.redirect_stderr(io.StringIO())  # where exceptions of callbacks are shown
        stderr.__enter__()
        self.addCleanup(stderr.__exit__, None, None, None)

    def new_cache(self, **arguments):
        return Asab.RefreshCache(60, 15, clock=self.clock, default_loader=self.loader, processor=self.process,
                                 **arguments)

    def process(self, error, was_batched):
        self.errors.append((error, was_batched))

    @asynchronous
    async def test_get(self):
        async with self.new_cache() as cache:
            self.assertIsInstance(cache, Asab.RefreshCache)
            self.assertTrue(cache.running)
            self.assertNotIn('a', cache)
            value = await cache.get('a')
            self.assertEqual(value, {'a': 1})
            self.assertIs(await cache.get('a'), value)
            self.assertIn('a', cache)
            self.assertEqual(self.loader.keys, ['a'])

        self.assertFalse(cache.running)
        self.assertIn('a', cache)

    @asynchronous
    async def test_join(self):
        cache = self.new_cache()
        values = await asyncio.gather(*(cache.get('a') for _ in range(10)))
        self.assertEqual(values, [{'a': 1}] * 10)
        self.assertEqual(self.loader.keys, ['a'])

    @asynchronous
    async def test_ages(self):
        cache = self.new_cache()
        await cache.get('a')
        self.clock.advance(50)
        self.assertEqual(cache.time_past('a'), 50)
        self.assertTrue(cache.should_refresh('a'))
        self.assertFalse(cache.expired('a'))
        self.assertEqual(await cache.get('a'), {'a': 1})
        await settle()
        self.assertEqual(await cache.get('a'), {'a': 2})
        self.clock.advance(61)
        self.assertTrue(cache.is_expired('a'))
        self.assertEqual(await cache.get('a'), {'a': 3})

    @asynchronous
    async def test_loop(self):
        async with self.new_cache() as cache:
            await cache.get('a')
            cache.configure(0.02, 0.01, self.process)
            self.loader.error = Oops('no')
            self.clock.advance(1)
            while not self.errors:
                await Asab.sleep(0.001)
        self.assertIs(self.errors[0][0], self.loader.error)
        self.assertTrue(self.errors[0][1])

    @asynchronous
    async def test_loop_as_task(self):
        cache = self.new_cache()
        task = asyncio.ensure_future(cache.refresh_loop())
        await settle()
        self.assertTrue(cache.running)
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        self.assertFalse(cache.running)

    @asynchronous
    async def test_loaders(self):
        cache = Asab.RefreshCache()
        with self.assertRaises(LookupError) as caught:
            await cache.get('a')
        self.assertTrue(caught.exception.matches(Asab.error_quark(), Asab.Error.NO_LOADER))
        for method in (cache.get_loader, cache.has_loader):
            with self.assertRaises(LookupError):
                method('a')
        with self.assertRaises(LookupError):
            await cache.load_item('a')

        def load(key):
            return key * 2

        self.assertEqual(await cache.get('a', load), 'aa')
        self.assertEqual(await cache.get('a', load), 'aa')
        self.assertIs(cache.get_loader('a'), load)
        cache.set_default_loader(self.loader)
        self.assertIs(cache.get_loader('a'), load)
        self.assertIs(cache.get_loader('b'), self.loader)
        cache.register_loader('a', None)
        self.assertIs(cache.get_loader('a'), self.loader)

        @cache.loader('c')
        async def load_nothing(_key):
            return None

        self.assertIs(cache.get_loader('c'), load_nothing)
        self.assertIsNone(await cache.get('c'))
        self.assertIn('c', cache)

    def test_absent(self):
        cache = self.new_cache()
        for method in (cache.time_past, cache.expired):
            with self.assertRaises(KeyError) as caught:
                method('a')
            self.assertTrue(caught.exception.matches(Asab.error_quark(), Asab.Error.NO_SUCH_KEY))
        self.assertFalse(cache.should_refresh('a'))

    @asynchronous
    async def test_remove(self):
        cache = self.new_cache()
        self.assertIsNone(await cache.invalidate('a'))
        await cache.get('a')
        self.assertEqual(await cache.invalidate('a'), {'a': 1})
        await cache.get('a')
        await cache.clear()
        self.assertNotIn('a', cache)

    @asynchronous
    async def test_errors(self):
        cache = self.new_cache()
        await cache.load_item('a')
        self.loader.error = Oops('no')
        with self.assertRaises(Oops) as caught:
            await cache.load_item('a')
        self.assertIs(caught.exception, self.loader.error)
        self.assertEqual(self.errors, [])
        await cache.refresh_item('a')
        self.assertEqual(self.errors, [(self.loader.error, False)])
        self.assertEqual(await cache.get('a'), {'a': 1})

    @asynchronous
    async def test_subclass(self):
        errors = []

        class Cache(Asab.RefreshCache):
            async def do_process_error(self, error, was_batched):
                await asyncio.sleep(0)
                errors.append((self, error, was_batched))

        cache = Cache(default_loader=self.loader)
        await cache.load_item('a')
        self.loader.error = Oops('no')
        await cache.refresh_item('a')
        self.assertEqual(errors, [(cache, self.loader.error, False)])

    @asynchronous
    async def test_cancel(self):
        cancelled = []

        async def load(key):
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                cancelled.append(key)
                raise

        cache = self.new_cache()
        futures = [cache.get('a', load), cache.get('a')]
        await settle()
        futures[0].cancel()
        await settle()
        self.assertEqual(cancelled, [])
        futures[1].cancel()
        await settle()
        self.assertEqual(cancelled, ['a'])

    def test_times(self):
        cache = Asab.RefreshCache(0.1, 5)
        self.assertEqual((cache.ttl, cache.refresh), (5, 0.1))
        cache.configure(10, 1)
        self.assertEqual((cache.ttl, cache.refresh), (10, 1))
        for times in ((-1, 1), (1, -1), (math.nan, 1)):
            for function in (Asab.RefreshCache, cache.configure):
                with self.assertRaises(GLib.Error) as caught:
                    function(*times)
                self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.INVALID_ARGUMENT))
        self.assertEqual((cache.ttl, cache.refresh), (10, 1))

    def test_freed(self):
        async def use():
            async with self.new_cache() as cache:
                await cache.get('a')
                self.clock.advance(50)
                self.loader.error = Oops('no')
                await cache.refresh_item('a')

                return weakref.ref(cache)

        reference = Asab.run(use())
        self.assert_dies(reference)
        self.assertEqual(len(self.errors), 1)


if __name__ == '__main__':
    main()
