#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab


class Thing:
    def __init__(self):
        self._value = None
        self.value_accessor = Asab.Accessor(funcs=(
            type(self).value.fget.__get__(self),
            type(self).value.fset.__get__(self),
        ))

    @property
    def value(self):
        return self._value

    @value.setter
    def value(self, val):
        if not val:
            raise ValueError(f'Illegal value {val}')
        self._value = val


async def wait_for_write(accessor):
    print(await accessor.get())


async def share(accessor, value):
    background = Asab.spawn(wait_for_write(accessor))
    await accessor.has_waiting_read
    await accessor.set(value)
    await background


async def main():
    foo = Asab.Accessor()
    await share(foo, 1)

    thing = Thing()
    await share(thing.value_accessor, 3)
    print(thing.value)
    try:
        await thing.value_accessor.set(0)
    except ValueError as error:
        print(error)


Asab.run(main())
