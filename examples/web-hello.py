#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import sys

import gi

gi.require_versions({'Asab': '1.0', 'AsabWeb': '1.0'})
from gi.repository import Asab, AsabWeb


class Hello(Asab.Application):
    async def initialize(self):
        web = AsabWeb.Service(self)
        web.router.add_get('/hello', self.hello)

    async def hello(self, request):
        await Asab.sleep(0.001)
        return 'Hello, world!\n'


sys.exit(Hello().run())
