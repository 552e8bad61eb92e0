#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What happens to records when a syslog server goes.

usage: syslog-faults.py PROGRAM FOLDER, as for syslog_parties.py
"""

import re
import signal
import unittest

from processes import Folder, wait_until
from syslog_parties import Certificates, Rsyslog, Sender, SyslogNg

N_RESTART = 20000


def numbers(records):
    """Which of the program's records these are."""
    found = (re.search(r'record (\d+) end$', record['message']) for record in records)
    return [int(match[1]) for match in found if match]


class FaultCase(unittest.TestCase):

    def setUp(self):
        self.folder = self.enterContext(Folder())
        Certificates(self.folder.path)

    def make(self, make_server):
        self.server = make_server(self.folder.path)
        self.addCleanup(self.server.close)

    def send(self, transport, test, options=''):
        sender = Sender(self.folder, self.server, transport, test=test, options=options)
        self.addCleanup(sender.kill)
        return sender


class RestartTest(FaultCase):
    """The server goes while records come, and returns: each is there in the end, at first in order."""

    def check(self, make_server, transport, number):
        self.make(make_server)
        self.server.start()
        sender = self.send(transport, f'records = {N_RESTART}\npause = 0.01')
        wait_until(lambda: len(self.server.read()) > 3000)
        self.server.stop(number)
        self.assertNotIn(N_RESTART - 1, numbers(self.server.read()))
        self.server.drop_half_line()
        self.server.start()
        self.server.wait_for('sender', f'record {N_RESTART - 1} end')
        sender.end()
        received = numbers(self.server.read())
        self.assertEqual(list(dict.fromkeys(received)), list(range(N_RESTART)))

    def test_rsyslog_killed_tcp(self):
        self.check(Rsyslog, 'tcp', signal.SIGKILL)

    def test_rsyslog_killed_tls(self):
        self.check(Rsyslog, 'tls', signal.SIGKILL)

    def test_rsyslog_killed_unix_sendto(self):
        self.check(Rsyslog, 'unix-sendto', signal.SIGKILL)

    def test_rsyslog_killed_unix_connect(self):
        self.check(Rsyslog, 'unix-connect', signal.SIGKILL)

    def test_rsyslog_restarted(self):
        self.check(Rsyslog, 'tcp', signal.SIGTERM)

    def test_syslog_ng_killed_tcp(self):
        self.check(SyslogNg, 'tcp', signal.SIGKILL)

    def test_syslog_ng_killed_tls(self):
        self.check(SyslogNg, 'tls', signal.SIGKILL)

    def test_syslog_ng_killed_unix_connect(self):
        self.check(SyslogNg, 'unix-connect', signal.SIGKILL)


if __name__ == '__main__':
    unittest.main(verbosity=2)
