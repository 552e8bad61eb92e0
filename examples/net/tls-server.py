#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import sys

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab

folder = sys.argv[1]


class Shouter(Asab.AsyncChat):
    """The server: nothing in it is about TLS."""

    def __init__(self, **properties):
        super().__init__(**properties)
        self.set_terminator('\r\n')

    def found_terminator(self):
        self.push(self.take_line().upper() + '\r\n')


class Client(Asab.AsyncChat):
    """The client: is connected when it knows who the server is."""

    def __init__(self, address, context, **properties):
        super().__init__(**properties)
        self.set_terminator('\r\n')
        self.create_socket()
        self.start_tls_client(context, 'localhost')
        self.connect(address)

    def handle_connect(self):
        print(self.get_peer_certificate().get_subject_name())
        self.push('hello\r\n')

    def found_terminator(self):
        print(self.take_line())
        self.close()


server = Asab.StreamServer(protocol=Shouter, listen='127.0.0.1 0', tls=Asab.TlsContext(cert=f'{folder}/server.pem'))
server.start()
host, port = server.dup_addresses()[0].split(':')

channels = Asab.ChannelMap()
client = Client((host, int(port)), Asab.TlsContext(cafile=f'{folder}/authority.pem'), map=channels)
Asab.loop(map=channels)
server.stop()
