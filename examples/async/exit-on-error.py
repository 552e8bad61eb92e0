#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A connection that is closed as soon as a task that uses it fails."""

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab  # noqa: E402


class Connection:
    async def __aenter__(self):
        print('the connection is open')
        return self

    async def __aexit__(self, _exc_type, exception, _traceback):
        print('the connection is closed:', exception or 'all is well')


async def work():
    await Asab.sleep(0)


async def fail():
    raise ConnectionError('nobody answers')


async def watch(connection, task):
    was_needed = await Asab.async_exit_on_exc(connection, task)
    print('a task has failed' if was_needed else 'a task has ended well')


async def main():
    connection = await Connection().__aenter__()
    await watch(connection, work())
    await watch(connection, fail())


Asab.run(main())
