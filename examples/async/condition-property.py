#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab


class Tank:
    def __init__(self):
        self.content = 0

    @Asab.condition_property
    def level(self):
        """How full it is."""
        return self.content

    @level.setter
    def level(self, value):
        self.content = value


async def wait_for_level(tank):
    value = await tank.level.get()
    print(f'{tank.level.name}: {value}')


async def main():
    tank = Tank()
    waiting = Asab.spawn(wait_for_level(tank))
    await tank.level.set(40, wait_for_read=True)
    await waiting


Asab.run(main())
