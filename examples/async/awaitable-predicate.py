#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab

value = 0
is_zero = Asab.AwaitablePredicate(lambda: value == 0)


async def set_value(number):
    global value
    async with is_zero.condition:
        value = number
        is_zero.condition.notify()


async def wait_for_zero():
    await is_zero
    print(f'Finally! value: {value}')


async def main():
    global value
    print('zero' if is_zero else 'not zero')
    value = 1
    print('zero' if is_zero else 'not zero')

    waiting = Asab.spawn(wait_for_zero())
    for n in reversed(range(3)):
        await set_value(n)
    await waiting


Asab.run(main())
