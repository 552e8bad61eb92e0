#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A nursery with two tasks, one of which would go on for ever."""

import asyncio

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab  # noqa: E402


async def count():
    for n in 1, 2, 3:
        print(f'  counting {n}')
        await Asab.sleep(0)

    return n


async def watch():
    try:
        await asyncio.Event().wait()
    finally:
        print('  the watcher stops')


async def close_database():
    print('  closing the database')
    await Asab.sleep(0)


async def main():
    async with Asab.TaskNursery(name='Foo') as nursery:
        sentinel = nursery.sentinel_task
        print('nurseries:', *Asab.TaskNursery.registry)
        nursery.push_async_callback(close_database)
        nursery.create_task(watch())
        counter = nursery.create_task(count(), name='counter')
        print(counter.get_name(), 'gives', await counter)

    print('the end of the nursery:', await sentinel)


Asab.run(main())
