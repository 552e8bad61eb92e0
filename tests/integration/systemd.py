#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs services as systemd would: passes them sockets, credentials and a place to report to, and listens.

usage: systemd.py PROGRAM STREAM-PROGRAM LAB-GATEWAY
"""

import os
import signal
import socket
import subprocess
import sys
import unittest
import urllib.request

from processes import TIMEOUT, Folder, environment, run

PROGRAM, STREAM_PROGRAM, GATEWAY = (sys.argv.pop(1) for _ in range(3))
HIGH_FD = 100  # out of the way of what is open


class Manager:
    """A service manager with one service."""

    def __init__(self, folder):
        self.folder = folder
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(TIMEOUT)
        self.socket.bind(str(folder / 'notify'))
        self.sockets = {}
        self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for listener in self.sockets.values():
            listener.close()
        self.socket.close()

    def listen(self, name, listener):
        self.sockets[name] = listener
        return listener

    def start(self, program, *arguments, **variables):
        """Starts the service, by a shell that knows its process number and puts the sockets where they belong."""
        copies = range(HIGH_FD, HIGH_FD + len(self.sockets))
        for copy, listener in zip(copies, self.sockets.values()):
            os.dup2(listener.fileno(), copy)
        moves = ' '.join(f'{3 + i}<&{copy} {copy}<&-' for i, copy in enumerate(copies))
        variables = environment(NOTIFY_SOCKET=str(self.folder / 'notify'), LISTEN_FDS=str(len(copies)),
                                LISTEN_FDNAMES=':'.join(self.sockets), **variables)
        self.process = subprocess.Popen(['bash', '-c', f'LISTEN_PID=$$ exec "$0" "$@" {moves}', program, *arguments],
                                        env=variables, pass_fds=copies, stdout=subprocess.DEVNULL)
        for copy in copies:
            os.close(copy)

    def receive(self):
        """The next thing that the service has to say, as a dictionary."""
        return dict(line.split('=', 1) for line in self.socket.recv(4096).decode().splitlines())

    def receive_until(self, key):
        while key not in (state := self.receive()):
            pass
        return state

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.process.wait(TIMEOUT)


class SystemdCase(unittest.TestCase):

    def setUp(self):
        self.folder = self.enterContext(Folder())
        self.manager = self.enterContext(Manager(self.folder))


class Notify(SystemdCase):

    def test_life(self):
        self.manager.start(PROGRAM)
        self.assertEqual(self.manager.receive()['STATUS'], 'Initializing')
        self.assertEqual(self.manager.receive(), {'READY': '1', 'STATUS': 'Running'})
        self.assertEqual(self.manager.stop(), 0)
        self.assertEqual(self.manager.receive()['STOPPING'], '1')

    def test_reload(self):
        configuration = self.folder.configure('[test]\nspawn = no\n')
        self.manager.start(PROGRAM, '-c', configuration)
        self.manager.receive_until('READY')
        self.manager.signal(signal.SIGHUP)
        self.assertGreater(int(self.manager.receive_until('RELOADING')['MONOTONIC_USEC']), 0)
        self.assertEqual(self.manager.receive(), {'READY': '1', 'STATUS': 'Running'})

        self.folder.configure('nonsense')
        self.manager.signal(signal.SIGHUP)
        self.manager.receive_until('RELOADING')
        state = self.manager.receive()
        self.assertEqual(state['READY'], '1')
        self.assertIn('test.conf:1', state['STATUS'])
        self.assertEqual(self.manager.stop(), 0)

    def test_failure(self):
        self.manager.start(PROGRAM, '-c', self.folder.configure('[test]\nfail = yes\n'))
        self.assertEqual(self.manager.process.wait(TIMEOUT), 1)
        self.manager.receive()
        self.assertIn('The moon is not full', self.manager.receive()['STATUS'])

    def test_long_phases(self):
        self.manager.start(PROGRAM, '-c', self.folder.configure('[application]\ninit_timeout = 10m\n'))
        self.assertEqual(self.manager.receive()['EXTEND_TIMEOUT_USEC'], '605000000')

    def test_watchdog(self):
        self.manager.start(PROGRAM, WATCHDOG_USEC='20000')
        for _ in range(3):
            self.manager.receive_until('WATCHDOG')
        self.assertEqual(self.manager.stop(), 0)

    def test_watchdog_of_another_process(self):
        self.manager.start(PROGRAM, WATCHDOG_USEC='1000', WATCHDOG_PID='1')
        self.manager.receive_until('READY')
        self.manager.stop()
        self.manager.receive_until('STOPPING')

    def test_daemon(self):
        """The manager did not start the process that goes on, so it is told which one that is."""
        pidfile = self.folder / 'pid'
        configuration = self.folder.configure(f'[daemon]\npidfile = {pidfile}\n')
        self.addCleanup(run, PROGRAM, '-c', configuration, '-k')
        self.manager.start(PROGRAM, '-c', configuration, '-d')
        self.assertEqual(self.manager.receive()['MAINPID'], pidfile.read_text().strip())
        self.manager.receive_until('READY')
        self.assertEqual(self.manager.process.wait(TIMEOUT), 0)

    def test_children(self):
        """What the manager told this process is not for others."""
        self.manager.start(PROGRAM, '-c', self.folder.configure('[test]\nspawn = yes\n'))
        self.assertEqual(self.manager.receive_until('X_CHILD')['X_CHILD'], 'none')


class Sockets(SystemdCase):

    def start(self, listen):
        self.manager.start(GATEWAY, '-c', self.folder.configure(f'[web]\nlisten = {listen}\n'),
                           STATE_DIRECTORY=str(self.folder / 'state'))

    def ask(self, listener):
        with socket.create_connection(listener.getsockname()) as client:
            client.sendall(b'GET /health HTTP/1.0\r\n\r\n')
            return b''.join(iter(lambda: client.recv(4096), b'')).splitlines()[-1]

    def test_before_start(self):
        """Clients that come before the service is there are served too, and stopping does not turn them away."""
        listener = self.manager.listen('web', socket.create_server(('127.0.0.1', 0)))
        with socket.create_connection(listener.getsockname()) as client:
            client.sendall(b'GET /health HTTP/1.0\r\n\r\n')
            self.start('systemd:web')
            self.assertTrue(client.recv(4096).startswith(b'HTTP/1.'))
        self.assertEqual(self.manager.stop(), 0)
        socket.create_connection(listener.getsockname()).close()

    def test_names(self):
        self.manager.listen('other', socket.create_server(('127.0.0.1', 0)))
        listener = self.manager.listen('web', socket.create_server(('127.0.0.1', 0)))
        self.start('systemd:web')
        self.assertEqual(self.ask(listener), b'OK')
        self.assertEqual(self.manager.stop(), 0)

    def test_unix(self):
        """The file of the socket is the manager's."""
        path = self.folder / 'web.sock'
        listener = self.manager.listen('web', socket.socket(socket.AF_UNIX))
        listener.bind(str(path))
        listener.listen()
        self.start('systemd:web')
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.sendall(b'GET /health HTTP/1.0\r\n\r\n')
            self.assertTrue(client.recv(4096).startswith(b'HTTP/1.'))
        self.assertEqual(self.manager.stop(), 0)
        self.assertTrue(path.exists())

    def test_missing(self):
        self.start('systemd:web')
        self.assertEqual(self.manager.process.wait(TIMEOUT), 1)
        self.manager.receive()
        self.assertIn('no socket with the name “web”', self.manager.receive()['STATUS'])

    def test_not_listening(self):
        self.manager.listen('web', socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.start('systemd:web')
        self.assertEqual(self.manager.process.wait(TIMEOUT), 1)
        self.manager.receive()
        self.assertIn('no socket that listens', self.manager.receive()['STATUS'])


class StreamSockets(SystemdCase):
    """What a web server can do with sockets of the manager, a stream server can too."""

    def start(self, *addresses):
        lines = ''.join(f'  {address}\n' for address in addresses)
        self.manager.start(STREAM_PROGRAM, '-c', self.folder.configure(f'[echo]\nlisten =\n{lines}'))

    def assert_echoes(self, client):
        client.sendall(b'ahoy\n')
        self.assertEqual(client.recv(4096), b'ahoy\n')

    def test_names(self):
        """It takes those that it is told to, of any family, and leaves the others."""
        other = self.manager.listen('other', socket.create_server(('127.0.0.1', 0)))
        lines = self.manager.listen('lines', socket.create_server(('127.0.0.1', 0)))
        local = self.manager.listen('local', socket.socket(socket.AF_UNIX))
        path = str(self.folder / 'lines.sock')
        local.bind(path)
        local.listen()
        with socket.create_connection(lines.getsockname()) as early:
            self.start('systemd:lines', 'systemd:local')
            self.assert_echoes(early)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            self.assert_echoes(client)
        with socket.create_connection(other.getsockname()):
            other.accept()[0].close()
        self.assertEqual(self.manager.stop(), 0)
        self.assertTrue(os.path.exists(path))
        socket.create_connection(lines.getsockname()).close()

    def test_missing(self):
        self.start('systemd:lines')
        self.assertEqual(self.manager.process.wait(TIMEOUT), 1)
        self.manager.receive()
        self.assertIn('no socket with the name “lines”', self.manager.receive()['STATUS'])


class Credentials(SystemdCase):

    def test_credential(self):
        (self.folder / 'order').write_text('A-1 P-1 GLU\n')
        listener = self.manager.listen('web', socket.create_server(('127.0.0.1', 0)))
        configuration = self.folder.configure('[web]\nlisten = systemd:web\n'
                                              '[orders]\nlist = ${credential:order}\n')
        self.manager.start(GATEWAY, '-c', configuration, CREDENTIALS_DIRECTORY=str(self.folder.path),
                           STATE_DIRECTORY=str(self.folder / 'state'))
        address = 'http://127.0.0.1:%d/api/orders' % listener.getsockname()[1]
        with urllib.request.urlopen(address, timeout=TIMEOUT) as answer:
            self.assertIn('"specimen":"A-1"', answer.read().decode())


unittest.main(verbosity=2)
