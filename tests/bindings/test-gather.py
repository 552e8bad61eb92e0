#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import asyncio

from asabtest import Asab, GLib, TestCase, asynchronous, main
from gi.repository import Gio


class Oops(Exception):
    pass


class Jobs:
    def __init__(self, failing=None):
        self.failing = failing
        self.running = self.most = 0
        self.entered = []
        self.ended = []

    async def run(self, number):
        self.entered.append(number)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            for _ in range(20 - number):
                await asyncio.sleep(0)
        finally:
            self.running -= 1
        self.ended.append(number)
        if number == self.failing:
            raise Oops(number)

        return number

    def all(self, count):
        return [self.run(number) for number in range(count)]


class GatherTest(TestCase):
    @asynchronous
    async def test_order(self):
        jobs = Jobs()
        self.assertEqual(await Asab.gather_limited(2, *jobs.all(5)), [0, 1, 2, 3, 4])
        self.assertEqual(jobs.most, 2)
        self.assertEqual(jobs.entered, [0, 1, 2, 3, 4])

    @asynchronous
    async def test_default_limit(self):
        jobs = Jobs()
        self.assertEqual(await Asab.gather_limited(None, *jobs.all(20)), list(range(20)))
        self.assertEqual(jobs.most, 8)

    @asynchronous
    async def test_none(self):
        self.assertEqual(await Asab.gather_limited(3), [])

    @asynchronous
    async def test_exceptions_returned(self):
        results = await Asab.gather_limited(2, *Jobs(failing=1).all(3), ret_exc=True)
        self.assertEqual([results[0], results[2]], [0, 2])
        self.assertIsInstance(results[1], Oops)

    @asynchronous
    async def test_exception(self):
        jobs = Jobs(failing=0)
        with self.assertRaises(Oops):
            await Asab.gather_limited(2, *jobs.all(5))
        while len(jobs.ended) < 5:
            await asyncio.sleep(0)
        self.assertEqual(sorted(jobs.ended), [0, 1, 2, 3, 4])

    @asynchronous
    async def test_cancel_on_error(self):
        jobs = Jobs(failing=1)
        with self.assertRaises(Oops):
            await Asab.map_limited(2, jobs.run, range(5), cancel_on_error=True)
        while jobs.running:
            await asyncio.sleep(0)
        self.assertEqual(jobs.entered, [0, 1])

    @asynchronous
    async def test_cancel(self):
        jobs = Jobs()
        future = Asab.map_limited(2, jobs.run, range(5))
        await asyncio.sleep(0)
        future.cancel()
        with self.assertRaises(GLib.Error) as caught:
            await future
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))
        while jobs.running:
            await asyncio.sleep(0)
        self.assertEqual(jobs.entered, [0, 1])

    @asynchronous
    async def test_bad_limit(self):
        jobs = Jobs()
        for limit in 0, -1:
            with self.assertRaises(GLib.Error) as caught:
                await Asab.map_limited(limit, jobs.run, range(3))
            self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.INVALID_ARGUMENT))
        self.assertEqual(jobs.entered, [])

    @asynchronous
    async def test_map(self):
        self.assertEqual(await Asab.map_limited(3, str, range(4)), ['0', '1', '2', '3'])
        results = await Asab.map_limited(3, int, ['1', 'x'], ret_exc=True)
        self.assertEqual(results[0], 1)
        self.assertIsInstance(results[1], ValueError)

    @asynchronous
    async def test_awaitables(self):
        async def one():
            return 1

        coroutine = Asab.Coroutine(one())
        task = asyncio.create_task(one())
        results = await Asab.gather_limited(2, coroutine, Asab.spawn(one()), task, coroutine, ret_exc=True)
        self.assertEqual(results[:3], [1, 1, 1])
        self.assertIsInstance(results[3], RuntimeError)

    def test_main_loop(self):
        async def one():
            await Asab.sleep(0)
            return 1

        future = Asab.gather_limited(2, one(), one(), one())  # without asyncio
        Asab.run_until_complete(future, None)
        self.assertEqual(future.get_value(), [1, 1, 1])


main()
