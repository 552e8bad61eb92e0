# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab


class Shouter(Asab.AsyncChat):
    """The server: answers a line in capitals, and hangs up."""

    def __init__(self, **properties):
        super().__init__(**properties)
        self.set_terminator('\r\n')

    def found_terminator(self):
        self.push(self.take_line().upper() + '\r\n')
        self.close_when_done()


class Asker(Asab.AsyncChat):
    """The client: asks when it is connected. There is a new one for each connection."""

    def __init__(self, **properties):
        super().__init__(**properties)
        self.set_terminator('\r\n')

    def handle_connect(self):
        self.push('hello\r\n')

    def found_terminator(self):
        print(self.take_line())


async def main():
    server = Asab.StreamServer(protocol=Shouter, listen='127.0.0.1 0')
    server.start()
    done = Asab.Promise.new()
    rounds = 2

    def disconnected(client, _error):
        nonlocal rounds
        print('disconnected')
        rounds -= 1
        if rounds == 0:
            client.stop()
            done.resolve()

    client = Asab.StreamClient(protocol=Asker, address=server.dup_addresses()[0], min_delay=0.01)
    client.connect('connected', lambda _client, _channel: print('connected'))
    client.connect('disconnected', disconnected)
    client.start()
    await done.get_future()
    await server.stop()


Asab.run(main())
