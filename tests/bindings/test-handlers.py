#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Handlers of channels that raise exceptions."""

import contextlib
import io
import socket
import sys
import unittest

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab, Gio, GLib, GObject

import asabtest


class Talker(Asab.AsyncChat):
    """Writes down what goes wrong."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.errors = []
        self.lines = []
        self.wants_to_write = False
        self.set_terminator('\n')

    def writable(self):
        return self.wants_to_write or Asab.AsyncChat.do_writable(self)

    def found_terminator(self):
        self.lines.append(self.take_inbox())

    def handle_error(self, error):
        self.errors.append(error)
        self.close()


def raising(name, exception, base=Talker):
    """A class whose handler of that name raises an exception."""
    def handler(self, *args):
        self.wants_to_write = False
        raise exception

    return type(f'Raising_{name}_{id(exception)}', (base,), {name: handler})


class Blocks(GObject.Object, Asab.Producer):
    def __init__(self, blocks):
        super().__init__()
        self.blocks = blocks

    def more(self):
        block = self.blocks.pop(0) if self.blocks else None
        if isinstance(block, Exception):
            raise block
        return block


class TestHandlers(unittest.TestCase):
    def setUp(self):
        self.map = Asab.ChannelMap()
        self.addCleanup(self.map.close_all)

    def pair(self, cls):
        """A channel of a class, and the other end of its connection."""
        with socket.create_server(('127.0.0.1', 0)) as listener:
            peer = self.enterContext(socket.create_connection(listener.getsockname()))
            ours, _ = listener.accept()

        return cls(Gio.Socket.new_from_fd(ours.detach()), self.map), peer

    def start(self, name, cls):
        """A channel of a class for which the event is about to happen."""
        if name == 'handle_connect':
            listener = self.enterContext(socket.create_server(('127.0.0.1', 0)))
            channel = cls(map=self.map)
            channel.create_socket()
            channel.connect(listener.getsockname())
        elif name == 'handle_accept':
            channel = cls(map=self.map)
            channel.create_socket()
            channel.bind(('127.0.0.1', 0))
            channel.listen(1)
            address = channel.get_address()
            self.enterContext(socket.create_connection((address.get_address().to_string(), address.get_port())))
        else:
            channel, peer = self.pair(cls)
            if name == 'handle_exception':
                peer.send(b'!', socket.MSG_OOB)
            elif name == 'handle_close':
                peer.shutdown(socket.SHUT_WR)
            else:
                channel.wants_to_write = name == 'handle_write'
                peer.send(b'line\n')

        return channel

    def run_until_closed(self, channel):
        while not channel.is_closed():
            Asab.loop(30, self.map, count=1)

    def test_each(self):
        for name in ('handle_connect', 'handle_accept', 'handle_read', 'handle_write', 'handle_exception', 'pull',
                     'found_terminator'):
            for style in '', 'do_':
                with self.subTest(style + name):
                    channel = self.start(name, raising(style + name, ValueError('It broke')))
                    self.run_until_closed(channel)
                    self.assertEqual([error.message for error in channel.errors], ['ValueError: It broke'])
                    self.assertEqual(self.map.get_n_channels(), 0)

    def test_exit(self):
        """An error that says so leaves the loop, and the channel is as it was."""
        exit_now = GLib.Error.new_literal(Asab.error_quark(), 'Enough', Asab.Error.EXIT_NOW)
        for name in ('handle_connect', 'handle_accept', 'handle_read', 'handle_write', 'handle_exception', 'pull',
                     'found_terminator'):
            with self.subTest(name):
                channel = self.start(name, raising(name, exit_now))
                with self.assertRaises(GLib.Error) as raised:
                    Asab.loop(30, self.map)
                self.assertTrue(raised.exception.matches(Asab.error_quark(), Asab.Error.EXIT_NOW))
                self.assertEqual((channel.errors, channel.is_closed()), ([], False))
                channel.close()

    def test_last_resort(self):
        """Where nobody is there to be told, the channel is closed, and the traceback printed."""
        for name in 'handle_close', 'handle_error', 'readable', 'writable':
            with self.subTest(name):
                base = raising('found_terminator', ValueError('It broke')) if name == 'handle_error' else Talker
                output = io.StringIO()
                with contextlib.redirect_stderr(output):
                    channel = self.start(name, raising(name, KeyError('Again'), base))
                    self.run_until_closed(channel)
                self.assertIn("KeyError: 'Again'", output.getvalue())

    def test_producer(self):
        channel, peer = self.pair(Talker)
        channel.push('<')
        channel.push_with_producer(Blocks([b'one', 'two']))
        channel.push('>')
        self.assertEqual(peer.recv(100), b'<onetwo>')

        with self.assertRaisesRegex(GLib.Error, 'ValueError: It broke'):
            channel.push_with_producer(Blocks([b'three', ValueError('It broke'), b'four']))
        channel.push('.')
        self.assertEqual(peer.recv(100), b'three.')

    def test_producer_later(self):
        """When it is asked in the course of an event, it is the channel's error."""
        with socket.create_server(('127.0.0.1', 0)) as listener:
            channel = Talker(map=self.map)
            channel.create_socket()
            channel.connect(listener.getsockname())
            channel.push_with_producer(Blocks([ValueError('It broke')]))
            self.run_until_closed(channel)
        self.assertEqual([error.message for error in channel.errors], ['ValueError: It broke'])


if __name__ == '__main__':
    asabtest.main()
