#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Clients that connect again, and hosts by their names, in Python."""

import unittest

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab, Gio, GLib

import asabtest


class Echo(Asab.AsyncChat):
    def __init__(self, **properties):
        super().__init__(**properties)
        self.set_terminator('\n')

    def found_terminator(self):
        self.push(self.take_line() + '\n')


class Asker(Asab.AsyncChat):
    """Asks when it is connected, and has the answer as a future."""

    def __init__(self, **properties):
        super().__init__(**properties)
        self.set_terminator('\n')
        self.promise = Asab.Promise.new()
        self.answer = self.promise.get_future()

    def handle_connect(self):
        self.push('hello\n')

    def found_terminator(self):
        self.promise.resolve(self.take_line())


def start_server(listen='127.0.0.1 0'):
    server = Asab.StreamServer(protocol=Echo, listen=listen)
    server.start()

    return server, server.dup_addresses()[0]


class TestStreamClient(asabtest.TestCase):
    def setUp(self):
        # The outages are wanted; a failing test shows what was lost.
        GLib.log_set_handler('asab', GLib.LogLevelFlags.LEVEL_MASK, lambda *_: None)

    def new_client(self, address, **properties):
        return Asab.StreamClient(protocol=Asker, address=address, min_delay=0.001, max_delay=0.01, **properties)

    @asabtest.asynchronous
    async def test_talk(self):
        server, address = start_server()
        client = self.new_client(address)
        client.start()
        channel = await client.wait_connected()
        self.assertIsInstance(channel, Asker)
        self.assertIs(client.dup_channel(), channel)
        self.assertIs(client.props.channel, channel)
        self.assertEqual(await channel.answer, 'hello')
        await client.stop()
        self.assertIsNone(client.props.channel)
        await server.stop()

    @asabtest.asynchronous
    async def test_restart(self):
        server, address = start_server()
        client = self.new_client(address)
        losses = []
        lost = Asab.Promise.new()

        def disconnected(_client, error):
            losses.append(error)
            lost.resolve()

        client.connect('disconnected', disconnected)
        client.start()
        first = await client.wait_connected()
        await first.answer
        await server.stop()
        await lost.get_future()
        self.assertEqual(losses, [None])
        self.assertTrue(client.is_running())

        server, _ = start_server(address)
        second = await client.wait_connected()
        self.assertIsNot(first, second)
        self.assertEqual(await second.answer, 'hello')
        await client.stop()
        await server.stop()

    @asabtest.asynchronous
    async def test_factory(self):
        server, address = start_server()
        clients = []

        def make(client):
            clients.append(client)
            if len(clients) == 1:
                raise ValueError('Not today')

            return Asker()

        client = Asab.StreamClient.new_with_factory(make)
        client.props.address = address
        client.props.min_delay = 0.001
        client.start()
        channel = await client.wait_connected()
        self.assertEqual(await channel.answer, 'hello')
        self.assertEqual(clients, [client, client])
        await client.stop()
        await server.stop()

    @asabtest.asynchronous
    async def test_server_factory(self):
        server = Asab.StreamServer.new_with_factory(lambda server: Echo())
        server.props.listen = '127.0.0.1 0'
        server.start()
        client = self.new_client(server.dup_addresses()[0])
        client.start()
        self.assertEqual(await (await client.wait_connected()).answer, 'hello')
        await client.stop()
        await server.stop()

    @asabtest.asynchronous
    async def test_stop(self):
        client = self.new_client('127.0.0.1:1')
        connected = client.wait_connected()
        client.start()
        await client.stop()
        with self.assertRaisesRegex(GLib.Error, 'stopped') as caught:
            await connected
        self.assertTrue(caught.exception.matches(Asab.error_quark(), Asab.Error.CLOSED))

    def test_bad_address(self):
        with self.assertRaisesRegex(GLib.Error, '“nowhere”'):
            self.new_client('nowhere').start()

    @asabtest.asynchronous
    async def test_connect_to_host(self):
        server, address = start_server()
        port = int(address.split(':')[1])

        for host, default_port in ((f'localhost:{port}', 0), ('127.0.0.1', port)):
            channel = Asker()
            await channel.connect_to_host(host, default_port, timeout=60)
            self.assertEqual(await channel.answer, 'hello')
            channel.close()
        await server.stop()

        with self.assertRaises(GLib.Error) as caught:
            await Asker().connect_to_host(f'localhost:{port}')
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CONNECTION_REFUSED))


if __name__ == '__main__':
    asabtest.main()
