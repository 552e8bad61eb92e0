#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Channels in Python."""

import socket
import unittest

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab, Gio, GLib

import asabtest


class Echo(Asab.AsyncChat):
    """Answers each line, in capitals."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.lines = []
        self.errors = []
        self.closed = 0
        self.set_terminator('\r\n')

    def do_found_terminator(self):
        line = self.take_inbox()
        self.lines.append(line)
        if line == b'fail':
            raise ValueError('It broke')
        self.push(line.upper() + b'\r\n')

    def do_handle_error(self, error):
        self.errors.append(error.message)
        self.close()

    def do_handle_close(self):
        self.closed += 1
        self.close()


class Server(Asab.Dispatcher):
    def __init__(self, channel_map):
        super().__init__(map=channel_map)
        self.children = []
        self.create_socket()
        self.set_reuse_addr()
        self.bind(('127.0.0.1', 0))
        self.listen(5)

    def do_writable(self):
        return False

    def do_handle_accept(self):
        pair = self.accept()
        if pair is not None:
            sock, address = pair
            assert isinstance(address, Gio.InetSocketAddress)
            self.children.append(Echo(sock, self.get_map()))
            assert self.accept() is None


class Client(Asab.Dispatcher):
    """The handlers under the names that they have in asynclib."""

    def __init__(self, channel_map, address, text):
        super().__init__(map=channel_map)
        self.buffer = text
        self.received = b''
        self.connected = 0
        self.create_socket()
        self.connect(address)

    def handle_connect(self):
        self.connected += 1

    def writable(self):
        return bool(self.buffer)

    def handle_write(self):
        sent = self.send(self.buffer)
        self.buffer = self.buffer[sent:]

    def handle_read(self):
        self.received += self.recv(8192)
        if self.received.endswith(b'\n'):
            self.close()


class TestNet(unittest.TestCase):
    def setUp(self):
        self.map = Asab.ChannelMap()
        self.server = Server(self.map)

    def tearDown(self):
        self.map.close_all()

    def talk(self, text):
        client = Client(self.map, self.server.get_address(), text)
        while not client.is_closed():
            Asab.loop(30, self.map, count=1)

        return client

    def test_echo(self):
        client = self.talk(b'hello\r\n')
        self.assertEqual(client.received, b'HELLO\r\n')
        self.assertEqual(client.connected, 1)
        self.assertEqual(self.server.children[0].lines, [b'hello'])
        self.assertIn('listening, 127.0.0.1', repr(self.server))

        Asab.loop(30, self.map, count=1)
        self.assertEqual(self.server.children[0].closed, 1)

    def test_exception(self):
        client = Client(self.map, self.server.get_address(), b'fail\r\n')
        while not (self.server.children and self.server.children[0].errors):
            Asab.loop(30, self.map, count=1)
        self.assertEqual(self.server.children[0].errors, ['ValueError: It broke'])
        client.close()

    def test_main_loop(self):
        client = Client(self.map, self.server.get_address(), b'hello\r\n')
        context = GLib.MainContext.default()
        while not client.is_closed():
            context.iteration(True)
        self.assertEqual(client.received, b'HELLO\r\n')

    def test_terminators(self):
        ours, theirs = socket.socketpair()
        chat = Echo(Gio.Socket.new_from_fd(ours.detach()), self.map)
        for terminator, text, lines in ((b'|', b'a|b|', [b'a', b'b']), (2, b'abcd', [b'ab', b'cd']),
                                        ([b';', '\n'], b'x\ny;', [b'x', b'y'])):
            with self.subTest(terminator):
                chat.lines.clear()
                chat.set_terminator(terminator)
                theirs.send(text)
                while len(chat.lines) < len(lines):
                    Asab.loop(30, self.map, count=1)
                self.assertEqual(chat.lines, lines)
        chat.set_terminator(None)
        theirs.send(b'rest')
        while chat.get_inbox_size() < 4:
            Asab.loop(30, self.map, count=1)
        self.assertEqual(chat.take_inbox(), b'rest')
        theirs.close()

    def test_call_later(self):
        called = []
        self.map.close_all()
        Asab.call_later(0.002, called.append, 'second')
        Asab.call_later(0.001, called.append, 'first')
        cancelled = Asab.call_later(0.001, called.append, 'never')
        cancelled.cancel()
        with self.assertRaises(GLib.Error):
            cancelled.cancel()
        Asab.loop(30, self.map)
        self.assertEqual(called, ['first', 'second'])

        Asab.call_later(0, lambda: 1 / 0)
        with self.assertRaisesRegex(GLib.Error, 'ZeroDivisionError'):
            Asab.loop(30, self.map)

    def test_channels(self):
        self.talk(b'hello\r\n')
        self.assertIs(self.map.dup_channels()[0], self.server)
        self.assertEqual(len(self.map.dup_channels()), self.map.get_n_channels())

    def test_stream_server(self):
        server = Asab.StreamServer(protocol=Echo, listen='127.0.0.1 0')
        server.start()
        host, port = server.dup_addresses()[0].split(':')
        with socket.create_connection((host, int(port))) as client:
            client.send(b'hello\r\n')
            while not (server.dup_connections() and server.dup_connections()[0].lines):
                GLib.MainContext.default().iteration(True)
            self.assertEqual(client.recv(100), b'HELLO\r\n')
            self.assertEqual(server.get_n_connections(), 1)
            stopped = server.stop()
            while not stopped.is_done():
                GLib.MainContext.default().iteration(True)
            self.assertEqual(client.recv(100), b'')

    def test_bad_address(self):
        with self.assertRaisesRegex(ValueError, 'no IP address'):
            self.server.bind(('nowhere', 0))


if __name__ == '__main__':
    asabtest.main()
