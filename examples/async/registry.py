#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Instances that can be found by their names as long as they live."""

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab  # noqa: E402


class Planet(Asab.Registry):
    __unique_key_attr__ = 'name'

    def __init__(self, name):
        super().__init__()
        self.name = name


def print_registry():
    print(', '.join(Planet.registry))


first = Planet('Vulcan')
print_registry()
second = Planet('George')
print_registry()

# The registry does not keep what nobody else has.
del first
print_registry()

second.name = 'Uranus'
print_registry()
print('found' if Planet.registry['Uranus'] is second else 'lost')
