# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the lab gateway share: a gateway that runs, and an analyser that knows nothing of its code."""

import json
import re
import signal
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request

from processes import TIMEOUT, Folder, environment

STX, ETX, EOT, ENQ, ACK, NAK, ETB = (bytes([code]) for code in (0x02, 0x03, 0x04, 0x05, 0x06, 0x15, 0x17))


class Gateway:
    """A gateway that runs, with a configuration and a folder of its own."""

    BASE = '[lab]\nfirst_web_port = 0\nfirst_gateway_port = 0\n'

    def __init__(self, program, configuration='', folder=None, command=(), base=BASE):
        self.program, self.command = program, command
        self.own_folder = None if folder else Folder()
        self.folder = folder or self.own_folder.__enter__()
        self.folder.configure(base + configuration)
        self.start()

    def start(self):
        self.log = tempfile.TemporaryFile('w+')
        self.process = subprocess.Popen([*self.command, self.program, '-v', '-c', self.folder / 'test.conf'],
                                        encoding='utf-8', stdout=subprocess.PIPE, stderr=self.log,
                                        env=environment(STATE_DIRECTORY=str(self.folder / 'state')))
        self.address = self.read(r'Listening on (http://127\.0\.0\.1:\d+)/\n')
        self.gateway = self.read(r'Analysers connect to (127\.0\.0\.1:\d+)\n')

    def read(self, pattern):
        match = re.fullmatch(pattern, self.process.stdout.readline())
        return match and match[1]

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.kill()
        if self.own_folder:
            self.own_folder.__exit__(*exception)

    def kill(self):
        """As a power cut does."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def restart(self):
        self.kill()
        self.start()

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(TIMEOUT)

    def read_log(self):
        self.log.seek(0)
        return self.log.read()

    def ask(self, path, body=None, accept='application/json'):
        """Returns the status and the body; what is JSON is decoded."""
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data=data, headers={'Accept': accept})
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                status, headers, text = answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, headers, text = error.code, error.headers, error.read().decode()
        return status, json.loads(text) if headers.get_content_type() == 'application/json' else text

    def results(self, query=''):
        return self.ask(f'/api/results{query}')[1]['results']

    def values(self):
        return [(result['specimen'], result['test'], result['value']) for result in self.results()]

    def status(self):
        return self.ask('/api/status')[1]

    def connect(self, **options):
        return Instrument(self.gateway, **options)


class Instrument:
    """An analyser that speaks the bytes of the protocol by hand, without the code that is tested."""

    def __init__(self, address, tls=None):
        host, _, port = address.rpartition(':')
        self.socket = socket.create_connection((host, int(port)), TIMEOUT)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname=host)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def receive(self):
        return self.socket.recv(1)

    def call(self):
        """Asks for the right to send, returns the reply."""
        self.send(ENQ)
        return self.receive()

    @staticmethod
    def frame(number, text, end=ETX):
        body = str(number % 8).encode() + text + end
        return STX + body + b'%02X\r\n' % (sum(body) % 256)

    def send_frame(self, number, text, end=ETX):
        """Sends a frame, returns the reply."""
        self.send(self.frame(number, text, end))
        return self.receive()

    def send_records(self, *records):
        """Sends a message, a frame for each record, returns the replies."""
        replies = self.call()
        for number, record in enumerate(records, 1):
            replies += self.send_frame(number, record.encode() + b'\r')
        self.send(EOT)
        return replies

    def receive_records(self):
        """Takes a message of the gateway, returns its records."""
        assert self.receive() == ENQ
        self.send(ACK)
        text, number = b'', 1
        while (first := self.receive()) == STX:
            body = first
            while not body.endswith(b'\n'):
                body += self.receive()
            assert body[1:2] == str(number % 8).encode(), body
            assert body[-5:-4] in (ETX, ETB) and body[-2:] == b'\r\n', body
            assert int(body[-4:-2], 16) == sum(body[1:-4]) % 256, body
            text += body[2:-5]
            number += 1
            self.send(ACK)
        assert first == EOT, first
        return text.decode().removesuffix('\r').split('\r')


def message(specimen, value='5.4', test='GLU', name='hand', flags='N', time='20260301101500'):
    """The records of a message with one result."""
    return (f'H|\\^&|||{name}|||||||P|LIS2-A2|{time}', 'P|1||P-7||Novák^Jan', f'O|1|{specimen}||^^^{test}|R',
            f'R|1|^^^{test}|{value}|mmol/L|3.9-5.6|{flags}||F||||{time}', 'L|1|N')
