#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Logs to the syslog servers of the distribution, over all transports and in all formats.

usage: syslog.py PROGRAM FOLDER, as for syslog_parties.py
"""

import datetime
import itertools
import re
import socket
import unittest

from processes import Folder
from syslog_parties import Certificates, Rsyslog, Sender, SyslogNg

FORMATS = ['5', '3', 'm']
TRANSPORTS = ['tcp', 'udp', 'tls', 'unix-sendto', 'unix-connect', 'path']
HARD = 'a"b\\c]d é'
N_RECORDS = 1000
N_DATAGRAMS = 100  # of UDP, which fit into the buffer of a socket


class SyslogCase:
    """The tests that are the same for each server."""

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

    def check_delivery(self, transport, style):
        n = N_DATAGRAMS if transport == 'udp' else N_RECORDS
        sender = self.send(transport, style, app=f'{transport}-{style}', test=f'records = {n}')
        self.assertNotIn('asab.log', sender.end())
        self.server.wait_for(sender.app, f'record {n - 1} end')
        records = self.server.of(sender.app)
        self.assertEqual(len(records), n)
        for number, record in enumerate(records):
            self.check_text(record, number, style)
            self.check_header(record, sender, transport, style)

    def test_delivery(self):
        for style, transport in itertools.product(FORMATS, TRANSPORTS):
            with self.subTest(style=style, transport=transport):
                self.check_delivery(transport, style)


class RsyslogTest(SyslogCase, unittest.TestCase):
    make_server = Rsyslog


class SyslogNgTest(SyslogCase, unittest.TestCase):
    make_server = SyslogNg


if __name__ == '__main__':
    unittest.main(verbosity=2)
