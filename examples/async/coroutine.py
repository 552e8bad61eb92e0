#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

# A coroutine with helpers of its own: it processes those numbers of many ranges that are even.

import asyncio

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab


async def generate_ranges(up_to):
    for n in range(up_to):
        yield range(n)


class Filter(Asab.Coroutine):
    def __init__(self, process, filter_, ranges):
        self.filter = filter_
        self.process = process
        self.ranges = ranges
        super().__init__(coroutine=self.work())

    async def make_flat_values(self):
        async for r in self.ranges:
            for n in r:
                yield n

    async def filter_values(self):
        async for value in self.make_flat_values():
            if self.filter(value):
                yield value

    async def work(self):
        async for value in self.filter_values():
            self.process(value)


async def main():
    # An object, and for asyncio a coroutine as any other.
    await asyncio.create_task(Filter(print, lambda n: n % 2 == 0, generate_ranges(5)))


Asab.run(main())
