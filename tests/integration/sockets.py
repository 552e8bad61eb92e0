#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Talks to a server as strangers do: those of the distribution, and those who behave badly.

usage: sockets.py PROGRAM
"""

import contextlib
import multiprocessing
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import unittest

from processes import Folder, environment, wait_until

PROGRAM = os.path.abspath(sys.argv.pop(1))
TIMEOUT = 60
BURST = 10000
FLOOD = 8_000_000  # more than the buffers of the system take


def tool(name, package):
    """The path of a program that is to be there."""
    path = shutil.which(name)
    if path is None:
        raise FileNotFoundError(f'there is no {name}: install the package {package}')

    return path


class Server:
    """The program, with what goes into its section; used as a context it ends well."""

    def __init__(self, folder, descriptors=None, **settings):
        self.path = folder / 'socket'
        listen = settings.pop('listen', f'127.0.0.1 0\n unix:{self.path}')
        lines = [f'{key} = {value}' for key, value in ({'listen': listen} | settings).items()]
        self.configuration = folder.configure('\n'.join(['[lines]', *lines, '']))
        self.descriptors = descriptors or resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        self.errors = folder / 'errors'

    def __enter__(self):
        with open(self.errors, 'a') as errors:
            self.process = subprocess.Popen([PROGRAM, '-c', self.configuration], env=environment(), text=True,
                                            stdout=subprocess.PIPE, stderr=errors, preexec_fn=self.limit)
        addresses = list(iter(self.process.stdout.readline, '\n'))
        self.port = int(re.search(r':(\d+)', addresses[0])[1])
        return self

    def limit(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.descriptors, self.descriptors))

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=TIMEOUT)

    def connect(self):
        client = socket.create_connection(('127.0.0.1', self.port), timeout=TIMEOUT)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client

    def count(self):
        """How many connections there are, besides that which asks, and how many descriptors."""
        with self.connect() as client:
            client.sendall(b'count\n')
            channels, descriptors = receive(client, b'\r\n').split()
        return int(channels) - 3, int(descriptors)  # the listeners are channels, too

    def wait_until_alone(self):
        wait_until(lambda: self.count()[0] == 0)

    def resident(self):
        """In bytes."""
        status = pathlib.Path(f'/proc/{self.process.pid}/status').read_text()
        return int(re.search(r'VmRSS:\s+(\d+)', status)[1]) * 1024

    def busy(self):
        """Seconds of the processor."""
        fields = pathlib.Path(f'/proc/{self.process.pid}/stat').read_text().rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def receive(client, end=None, size=float('inf')):
    """Until the end of the connection, or of what is received."""
    data = bytearray()
    while len(data) < size and not (end and data.endswith(end)):
        block = client.recv(min(size - len(data), 65536))
        if not block:
            break
        data += block
    return bytes(data)


def reset(client):
    """Closes a connection so that the other side is told that it is broken."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    client.close()


def burst(port, number):
    """Connects as often as it is told, then talks to all of them; gives the number of good answers."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    clients = [socket.create_connection(('127.0.0.1', port), timeout=TIMEOUT) for _ in range(number)]
    for client in clients:
        client.sendall(b'here\n')
    answers = sum(receive(client, b'\r\n') == b'HERE\r\n' for client in clients)
    for client in clients:
        reset(client)
    return answers


class SocketsCase(unittest.TestCase):

    def setUp(self):
        self.folder = self.enterContext(Folder())

    def serve(self, **settings):
        """Starts the server; when the test is over it ends well, and has complained of nothing."""
        server = Server(self.folder, **settings)
        self.addCleanup(lambda: self.assertEqual(server.errors.read_text(), ''))
        self.addCleanup(lambda: self.assertEqual(server.process.returncode, 0))
        return self.enterContext(server)


class Strangers(SocketsCase):
    """Programs that everybody has; a class for each transport may stand beside this one."""

    ASKED = b'one\r\ntwo\nflood 1000000\nthree\n'
    ANSWERED = b'ONE\r\nTWO\r\n' + b'~' * 1000000 + b'THREE\r\n'

    def talk(self, *command):
        """The program is given all at once, and its input ends there; it gets the whole answer."""
        outcome = subprocess.run(command, input=self.ASKED, capture_output=True, timeout=TIMEOUT)
        self.assertEqual((outcome.returncode, outcome.stderr), (0, b''))
        self.assertEqual(outcome.stdout, self.ANSWERED)

    def test_netcat(self):
        server = self.serve()
        netcat = tool('nc', 'netcat-openbsd')
        self.talk(netcat, '-N', '127.0.0.1', str(server.port))
        self.talk(netcat, '-N', '-U', server.path)

    def test_socat(self):
        server = self.serve()
        socat = tool('socat', 'socat')
        self.talk(socat, '-t', str(TIMEOUT), '-', f'TCP:127.0.0.1:{server.port}')
        self.talk(socat, '-t', str(TIMEOUT), '-', f'UNIX-CONNECT:{server.path}')
        self.talk(socat, '-t', str(TIMEOUT), '-b', '1', '-', f'TCP:127.0.0.1:{server.port},nodelay')

    def test_hang_up(self):
        server = self.serve()
        outcome = subprocess.run([tool('nc', 'netcat-openbsd'), '127.0.0.1', str(server.port)],
                                 input=b'quit\nnever\n', capture_output=True, timeout=TIMEOUT)
        self.assertEqual(outcome.stdout, b'')


class TlsStrangers(SocketsCase):
    """OpenSSL as the client of a server that speaks TLS."""

    FOLDER = pathlib.Path(__file__).resolve().parents[2] / 'examples' / 'net' / 'tls'
    CERTIFICATE = FOLDER / 'server.pem'
    AUTHORITY = FOLDER / 'authority.pem'
    ANSWERED = b'ONE\r\n' + b'~' * 1000000 + b'TWO\r\n'

    def talk(self, server, *options):
        """A line that is “K” is for the client: it has the keys changed in the middle of the conversation."""
        command = [tool('openssl', 'openssl'), 's_client', '-brief', '-verify_return_error', '-CAfile', self.AUTHORITY,
                   '-verify_hostname', 'localhost', '-connect', f'127.0.0.1:{server.port}', *options]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0) as client:
            client.stdin.write(b'one\n')
            answer = client.stdout.read(len(b'ONE\r\n'))
            client.stdin.write(b'K\n')
            messages = b''.join(iter(client.stderr.readline, b'KEYUPDATE\n'))
            client.stdin.write(b'flood 1000000\ntwo\n')
            while len(answer) < len(self.ANSWERED) and (block := client.stdout.read(65536)):
                answer += block
            rest, _ = client.communicate(timeout=TIMEOUT)
        self.assertEqual((answer, rest), (self.ANSWERED, b''), messages)
        return messages

    def test_openssl(self):
        server = self.serve(cert=self.CERTIFICATE)
        messages = self.talk(server)
        self.assertIn(b'TLSv1.3', messages)

    def test_client_certificate(self):
        server = self.serve(cert=self.CERTIFICATE, cafile=self.AUTHORITY, verify_mode='required')
        self.talk(server, '-cert', self.CERTIFICATE)


class BadManners(SocketsCase):

    def test_byte_by_byte(self):
        with self.serve().connect() as client:
            for byte in b'hello\r\nworld\r\n':
                client.send(bytes([byte]))
            client.shutdown(socket.SHUT_WR)
            self.assertEqual(receive(client), b'HELLO\r\nWORLD\r\n')

    def test_endless_line(self):
        """Each is refused when the line is too long, and none costs more than a line."""
        server = self.serve()
        before = server.resident()
        for _ in range(20):
            with server.connect() as client, contextlib.suppress(ConnectionResetError, BrokenPipeError):
                for _ in range(100):
                    client.sendall(b'x' * 100000)
                self.fail('The line was too long, but nobody said so')
        server.wait_until_alone()
        self.assertLess(server.resident() - before, 4_000_000)
        wait_until(lambda: len(server.errors.read_text().splitlines()) == 20)  # one complaint about each
        os.truncate(server.errors, 0)

    def test_slow_reader(self):
        """Who asks for much and does not listen costs what he asked for, once, and asks for no more."""
        server = self.serve()
        before = server.resident()
        with server.connect() as client:
            client.settimeout(0.5)
            with self.assertRaises(TimeoutError):
                for _ in range(10000):
                    client.sendall(b'flood 1000000\n' * 1000)
            self.assertLess(server.resident() - before, 10_000_000)
            client.settimeout(TIMEOUT)
            self.assertEqual(len(receive(client, size=3_000_000)), 3_000_000)
        server.wait_until_alone()

    def test_reset(self):
        """In each state of a connection; nothing of it remains."""
        server = self.serve()
        _, descriptors = server.count()
        for question in b'', b'half', b'whole\n', b'one\ntwo', b'flood %d\n' % FLOOD, b'quit\n':
            for wait in False, True:
                with self.subTest(question=question, wait=wait):
                    client = server.connect()
                    client.sendall(question)
                    if wait and b'\n' in question:
                        client.recv(1)
                    reset(client)
        server.wait_until_alone()
        self.assertEqual(server.count()[1], descriptors)

    def test_half_open(self):
        """A peer that is stopped does nothing any more, not even close."""
        server = self.serve(idle_timeout=1)
        with subprocess.Popen([tool('nc', 'netcat-openbsd'), '127.0.0.1', str(server.port)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as stranger:
            stranger.stdin.write(b'hello\n')
            stranger.stdin.flush()
            self.assertEqual(stranger.stdout.readline(), b'HELLO\r\n')
            stranger.send_signal(signal.SIGSTOP)
            server.wait_until_alone()
            stranger.kill()

    def test_drain(self):
        """Who is being answered when the server is to end gets it all."""
        server = self.serve()
        with server.connect() as client, server.connect() as idle:
            client.sendall(b'flood %d\n' % FLOOD)
            data = client.recv(1)
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(receive(idle), b'')
            self.assertRaises(ConnectionRefusedError, server.connect)
            data += receive(client)
        self.assertEqual(data, b'~' * FLOOD)
        self.assertEqual(server.process.wait(TIMEOUT), 0)
        self.assertFalse(server.path.exists())


class Crowds(SocketsCase):

    @contextlib.contextmanager
    def measuring(self, server, what):
        """Others keep the machine busy, so it is the processor's time that has to do for 10,000 in a second."""
        begin, busy = time.monotonic(), server.busy()
        yield
        rate, busy = BURST / (time.monotonic() - begin), server.busy() - busy
        print(f'{what}: {rate:,.0f} connections a second, {busy / BURST * 1e6:.0f} µs of the server each',
              file=sys.stderr)
        self.assertLess(busy, BURST / 10000)

    def test_burst(self):
        server = self.serve()
        with self.measuring(server, 'one process'):
            self.assertEqual(burst(server.port, BURST), BURST)
        server.wait_until_alone()

    def test_burst_of_several(self):
        server = self.serve()
        with multiprocessing.Pool(5) as pool, self.measuring(server, 'five processes'):
            answers = pool.starmap(burst, [(server.port, BURST // 5)] * 5)
        self.assertEqual(answers, [BURST // 5] * 5)
        server.wait_until_alone()

    def test_no_descriptors(self):
        """Who comes when there are no more waits, which costs nothing, and is served when others go."""
        server = self.serve(descriptors=40)
        clients = [server.connect() for _ in range(60)]
        for client in clients:
            client.sendall(b'here\n')
        for client in clients[:20]:
            self.assertEqual(receive(client, b'\r\n'), b'HERE\r\n')

        busy = server.busy()
        clients[-1].settimeout(0.5)
        self.assertRaises(TimeoutError, clients[-1].recv, 1)
        self.assertLess(server.busy() - busy, 0.1)

        for client in clients[:20]:
            client.close()
        clients = clients[20:]
        clients[-1].settimeout(TIMEOUT)
        while clients:
            client = clients.pop(0)
            self.assertEqual(receive(client, b'\r\n'), b'HERE\r\n')
            client.close()
        server.wait_until_alone()

    def test_limit(self):
        server = self.serve(connection_limit=2)
        first, second, third = (server.connect() for _ in range(3))
        third.sendall(b'here\n')
        for client in first, second:
            client.sendall(b'here\n')
            self.assertEqual(receive(client, b'\r\n'), b'HERE\r\n')
        first.close()
        self.assertEqual(receive(third, b'\r\n'), b'HERE\r\n')
        for client in second, third:
            client.close()


if __name__ == '__main__':
    unittest.main(verbosity=2)
