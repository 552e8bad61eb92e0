#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import sys

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab


class Hello(Asab.Application):
    async def main(self):
        print('Hello world!')
        self.stop()


sys.exit(Hello().run())
