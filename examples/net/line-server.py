#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab


class Shouter(Asab.AsyncChat):
    """The server: answers each line in capitals."""

    def __init__(self, **properties):
        super().__init__(**properties)
        self.set_terminator('\r\n')

    def found_terminator(self):
        line = self.take_line()
        self.push(line.upper() + '\r\n')
        if line == 'quit':
            self.close_when_done()


class Client(Asab.AsyncChat):
    """The client: prints each answer."""

    def __init__(self, address, **properties):
        super().__init__(**properties)
        self.set_terminator('\r\n')
        self.create_socket()
        self.connect(address)

    def handle_connect(self):
        self.push('hello\r\nworld\r\nquit\r\n')

    def found_terminator(self):
        print(self.take_line())


server = Asab.StreamServer(protocol=Shouter, listen='127.0.0.1 0')
server.start()
host, port = server.dup_addresses()[0].split(':')

# The client has a map of its own, so that the loop ends with it; the server is served meanwhile.
channels = Asab.ChannelMap()
client = Client((host, int(port)), map=channels)
Asab.loop(map=channels)
server.stop()
