#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

# Devices that are switched off when somebody leaves.

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab


class Device:
    def __init__(self, name):
        self.name = name

    def switch_off(self):
        print(f'the {self.name} is off')


with Asab.CallbackAccumulator('switch_off', maxlen=2) as devices:
    devices.add(Device('lamp'))
    devices.add(Device('oven'))
    if not devices.offer_last(Device('radio')):
        print('no room for the radio')

    print('good bye')

print(len(devices), 'devices left')
