#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Logs to the syslog servers of the distribution, over all transports and in all formats.

usage: syslog.py PROGRAM FOLDER, as for syslog_parties.py
"""

import datetime
import itertools
import re
import socket
import subprocess
import unittest

from processes import TIMEOUT, Folder, run, wait_until
from syslog_parties import PROGRAM, Certificates, Rsyslog, Sender, SyslogNg

FORMATS = ['5', '3', 'm']
TRANSPORTS = ['tcp', 'udp', 'tls', 'unix-sendto', 'unix-connect', 'path']
HARD = 'a"b\\c]d é'
N_RECORDS = 1000
N_DATAGRAMS = 50  # of UDP
N_ATTEMPTS = 3
MAX_DATAGRAM = 65507
MAX_DATUM = 16384  # what a program gives as a datum: the servers take no more than 30 KiB, and 64
LONG = ('0123456789abcdefghijklmnopqrstu' * (1 << 15) + 'é')[-(1 << 20) + 1:].encode()  # a mebibyte
TEXTS = [
    bytes(range(256)),
    ''.join(map(chr, range(0x80, 0x100))).encode(),
    b'cut \xc3 short \xe2\x82 strange \xff\xc0\x80 half \xed\xa0\x80 \xf0\x9f\x98\x80\xf0\x9f',
    b'',
    b'one\ntwo\r\n\tthree',
    b'"\\][ sd="x"] \\" \\',
    b'  blanks  ',
    LONG,
]


def clean(text, spared=''):
    """What is left of any bytes: UTF-8 without control characters, but for those that are spared."""
    plain = text.decode(errors='surrogateescape').replace('\0', '\ufffd')
    plain = re.sub('[\ud800-\udfff]', '\ufffd', plain)
    return re.sub('[\x01-\x1f\x7f-\x9f]', lambda c: c[0] if c[0] in spared else f'#{ord(c[0]):03o}', plain)


class ServerCase:

    make_server = None

    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(Folder())
        Certificates(folder.path)
        cls.server = cls.make_server(folder.path)
        cls.addClassCleanup(cls.server.close)
        cls.server.start()

    def setUp(self):
        self.folder = self.enterContext(Folder())

    def send(self, transport, style='5', **more):
        return Sender(self.folder, self.server, transport, style, **more)

    def check_arrives(self, sender):
        """What the program says is there, each record once."""
        self.assertNotIn('asab.log', sender.end())
        self.server.wait_for(sender.app, 'record 0 end')
        records = self.server.of(sender.app)
        self.assertEqual(len({(record['time'], record['message']) for record in records}), len(records))
        return records


class SyslogCase(ServerCase):
    """The tests that are the same for each server."""

    def check_text(self, record, number, style):
        message = f'record {number} end'
        if style == '5':
            self.assertEqual(record['message'].removeprefix(' '), message)
            self.assertEqual(record['id'], 'root')
            data = self.server.data(record)
            self.assertEqual(data['sd'], {'number': str(number), 'hard': HARD})
            self.assertEqual(data['log'], {'l': 'NOTICE'})
        else:
            hard = HARD.replace('\\', '\\\\').replace('"', '\\"').replace(']', '\\]')
            self.assertEqual(record['message'].removeprefix(' '),
                             f'NOTICE root [sd number="{number}" hard="{hard}"] {message}')

    def check_header(self, record, sender, transport, style):
        fields = {name: record[name] for name in ('facility', 'severity', 'app', 'process')}
        self.assertEqual(fields, {'facility': 'local0', 'severity': 'notice', 'app': sender.app,
                                  'process': str(sender.process.pid)})
        if style == '5' or (style == '3' and transport in ('tcp', 'udp', 'tls')):
            self.assertEqual(record['host'], socket.gethostname())
        self.check_time(record['time'], sender, style)

    def check_time(self, text, sender, style):
        """Format 5 has microseconds, the others whole seconds of local time."""
        time = datetime.datetime.fromisoformat(text)
        before = sender.began if style == '5' else sender.began.replace(microsecond=0)
        self.assertTrue(before <= time <= datetime.datetime.now(datetime.timezone.utc), text)
        self.assertEqual(len(re.sub(r'.*\.|\+.*', '', text)) == 6 and time.microsecond != 0, style == '5', text)

    def check_everywhere(self, check):
        for style, transport in itertools.product(FORMATS, TRANSPORTS):
            with self.subTest(style=style, transport=transport):
                if transport == 'udp':
                    self.check_often(check, style)
                else:
                    check(transport, style, transport, TIMEOUT)

    @staticmethod
    def check_often(check, style):
        """The kernel may drop what is sent by UDP, but does so seldom."""
        for attempt in range(N_ATTEMPTS):
            try:
                check('udp', style, f'udp-{attempt}', timeout=5)
                return
            except (AssertionError, TimeoutError):
                if attempt == N_ATTEMPTS - 1:
                    raise

    def check_delivery(self, transport, style, name, timeout):
        n = N_DATAGRAMS if transport == 'udp' else N_RECORDS
        sender = self.send(transport, style, app=f'{name}-{style}', test=f'records = {n}')
        self.assertNotIn('asab.log', sender.end())
        self.server.wait_for(sender.app, f'record {n - 1} end', timeout)
        records = self.server.of(sender.app)
        self.assertEqual(len(records), n)
        for number, record in enumerate(records):
            self.check_text(record, number, style)
            self.check_header(record, sender, transport, style)

    def test_delivery(self):
        self.check_everywhere(self.check_delivery)

    def check_texts(self, transport, style, name, timeout):
        self.folder.path.joinpath('messages').mkdir(exist_ok=True)
        for number, text in enumerate(TEXTS):
            self.folder.path.joinpath('messages', str(number)).write_bytes(text)
        sender = self.send(transport, style, app=f'{name}-{style}-texts',
                           test=f'messages = {self.folder.path}/messages')
        sender.wait_until_done()
        wait_until(lambda: len(self.server.of(sender.app)) == len(TEXTS), timeout)
        self.assertNotIn('asab.log', sender.end())
        for number, (text, record) in enumerate(zip(TEXTS, self.server.of(sender.app))):
            with self.subTest(number=number):
                self.check_special(record, number, text, transport, style)

    def check_special(self, record, number, text, transport, style):
        has_lines = style == '5' and transport != 'unix-connect'
        message = clean(text, '\n\t' if has_lines else '')
        datum = clean(text[:MAX_DATUM])
        if style == '5':
            data = {'log': {'l': 'NOTICE'}, 'sd': {'number': str(number), 'text': datum}}
            self.assertEqual(self.server.data(record), data)
        else:
            value = re.sub(r'(["\\\]])', r'\\\1', datum)
            message = f'NOTICE root [sd number="{number}" text="{value}"] {message}'
        received = record['message'].removeprefix(' ' if message[:1] != ' ' else '')
        if transport in ('udp', 'unix-sendto', 'path') and len(text) > MAX_DATAGRAM:
            self.check_cut(received, message)
        else:
            self.assertTrue(received == message, f'{received[:1000]!r} {message[:1000]!r}')

    def check_cut(self, received, message):
        """A datagram has as much of a message as it can, and a mark at its end."""
        self.assertEqual(received[-1], '…')
        self.assertTrue(message.startswith(received[:-1]))
        self.assertGreater(len(received), MAX_DATAGRAM - MAX_DATUM - 200)

    def test_texts(self):
        self.check_everywhere(self.check_texts)

    def test_client_certificate(self):
        folder = self.server.folder
        keys = f'cert = {folder}/client.pem\nkey = {folder}/client.key'
        self.check_arrives(self.send('tls-client', app='known', options=keys, test='records = 1'))

    def check_refused(self, reason, transport, app, **more):
        """The program says once that it has no connection, and why, and keeps what it has to say to itself."""
        sender = self.send(transport, app=app, **more, test='records = 100')
        sender.wait_until_done()
        wait_until(lambda: 'No connection' in sender.console.read_text())
        console = sender.end()
        self.assertRegex(console, f'No connection to the syslog server at tls://localhost:.*: {reason}')
        self.assertEqual(console.count('No connection'), 1)
        self.assertNotIn('Connected', console)
        self.assertIn(' records were lost', console)
        self.assertEqual(self.server.of(app), [])

    def test_no_client_certificate(self):
        self.check_refused('.', 'tls-client', 'anonymous')

    def test_unknown_authority(self):
        self.check_refused('.*not signed by an authority that is known', 'tls', 'suspicious', ca='other-ca')

    def test_wrong_host_name(self):
        server = self.server
        self.server = self.make_server(self.folder.path, 'stranger')
        self.addCleanup(self.server.close)
        self.addCleanup(setattr, self, 'server', server)
        Certificates(self.folder.path)
        self.server.start()
        self.check_refused('.*it is for another host', 'tls', 'curious')


class RsyslogTest(SyslogCase, unittest.TestCase):
    make_server = Rsyslog


class SyslogNgTest(SyslogCase, unittest.TestCase):
    make_server = SyslogNg


class OptionsTest(ServerCase, unittest.TestCase):
    """What is configured and what the command line says; the server is the same for all of that."""

    make_server = Rsyslog

    def test_facility(self):
        for value, name in ('daemon', 'daemon'), ('LOCAL7', 'local7'), ('4', 'auth'), ('0', 'kern'):
            with self.subTest(value=value):
                sender = self.send('tcp', app=f'facility-{value}', options=f'facility = {value}', test='records = 1')
                self.assertEqual([record['facility'] for record in self.check_arrives(sender)], [name])

    def test_enabled(self):
        self.check_arrives(self.send('tcp', app='enabled', options='enabled = yes', test='records = 1', arguments=[]))

    def test_not_enabled(self):
        sender = self.send('tcp', app='quiet', test='records = 1', arguments=[])
        self.assertNotIn('asab.log', sender.end())
        self.check_arrives(self.send('tcp', app='other', test='records = 1'))
        self.assertEqual(self.server.of('quiet'), [])

    def test_daemon(self):
        """What is logged before the fork is there once, too, and all of it is the daemon's."""
        for transport in 'tcp', 'tls', 'unix-sendto':
            with self.subTest(transport=transport):
                sender = self.send(transport, app=f'daemon-{transport}', arguments=['-d', '-s', '-v'],
                                   test=f'records = 1000\n[daemon]\npidfile = {self.folder.path}/daemon.pid')
                sender.end()
                self.server.wait_for(sender.app, 'record 999 end')
                records = self.check_arrives(sender)
                texts = [text for record in records if (text := record['message'].strip()).startswith('record ')]
                self.assertEqual(texts, [f'record {number} end' for number in range(1000)])
                self.assertEqual(len({record['process'] for record in records}), 1)
                self.assertNotEqual(records[0]['process'], str(sender.process.pid))

    def check_bad(self, message, *lines):
        settings = '\n'.join(lines)
        configuration = self.folder.configure(f'[logging:syslog]\n{settings}\n')
        for arguments in ['--check-config'], ['-s']:
            outcome = run(PROGRAM, '-c', configuration, *arguments, stdin=subprocess.DEVNULL)
            self.assertNotEqual(outcome.returncode, 0)
            self.assertIn(message, outcome.stderr)

    def test_bad_values(self):
        wrong = 'Section “logging:syslog”: '
        self.check_bad(wrong + '“tcp://a/b” is no address of a syslog server', 'address = tcp://a/b')
        self.check_bad(wrong + '“localhost:514” is no address of a syslog server', 'address = localhost:514')
        self.check_bad(' is too long for the path of a socket', 'address = ' + 200 * '/')
        self.check_bad('“format” in section “logging:syslog” cannot be “6”', 'format = 6')
        self.check_bad('“facility” in section “logging:syslog” cannot be “local8”', 'facility = local8')
        self.check_bad('“facility” in section “logging:syslog” cannot be “24”', 'facility = 24')
        self.check_bad(wrong + '“crlf” is no framing of syslog', 'framing = crlf')
        self.check_bad('buffer_size', 'buffer_size = much')
        self.check_bad('Cannot read “/none/ca.pem”: No such file', 'address = tls://a/', 'cafile = /none/ca.pem')
        self.check_bad('Cannot read “/none/key.pem”: No such file', 'address = tls://a/',
                       f'cert = {self.server.folder}/client.pem', 'key = /none/key.pem')


if __name__ == '__main__':
    unittest.main(verbosity=2)
