#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What happens to records when a syslog server goes.

usage: syslog-faults.py PROGRAM FOLDER, as for syslog_parties.py
"""

import re
import signal
import time
import unittest

from processes import Folder, wait_until
from syslog_parties import Certificates, Rsyslog, Sender, SyslogNg

N_RESTART = 15000
N_FLOOD = 40000  # of a kilobyte each
BUFFER_SIZE = 1024  # KiB
MAX_GROWTH = 20 * 1024  # KiB: the queue in front, what is kept, and a library for TLS; the flood is twice that
MAX_CALL = 1000000  # µs: a busy machine takes its time, but a server that stands still stands for longer
MAX_END = 5  # seconds, of which the program waits two


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
        self.assertNotIn(N_RESTART - 1, numbers(self.server.of('sender')))
        self.server.drop_half_line()
        self.server.start()
        self.server.wait_for('sender', f'record {N_RESTART - 1} end')
        sender.end()
        received = numbers(self.server.of('sender'))
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


class FloodCase(FaultCase):
    """A program says more than is kept for a server that does not take it."""

    def flood(self, transport):
        return self.send(transport, f'records = {N_FLOOD}\nwarnings = 100\npadding = 1000',
                         f'buffer_size = {BUFFER_SIZE}K')

    def check_memory(self, sender):
        """After a flood; compared with a program that had next to nothing to say."""
        quiet = Sender(self.enterContext(Folder()), self.server, 'tcp', app='quiet', test='records = 1')
        self.addCleanup(quiet.kill)
        quiet.wait_until_done()
        self.assertLess(sender.memory() - quiet.memory(), MAX_GROWTH)

    def check_end(self, sender):
        begin = time.monotonic()
        console = sender.end()
        self.assertLess(time.monotonic() - begin, MAX_END)
        return console

    @staticmethod
    def count_lost(console):
        """What the program itself says."""
        return sum(int(n) for n in re.findall(r'(\d+) records were (?:lost|dropped)', console))


class StoppedTest(FloodCase):
    """The server stands still, and then goes on: what is not there is what the program says is lost."""

    def check(self, make_server, transport):
        self.make(make_server)
        self.server.start()
        self.server.process.send_signal(signal.SIGSTOP)
        self.addCleanup(self.server.process.send_signal, signal.SIGCONT)
        sender = self.flood(transport)
        self.assertLess(sender.wait_until_done(), MAX_CALL)
        wait_until(lambda: 'records are lost' in sender.console.read_text())
        self.check_memory(sender)

        self.server.process.send_signal(signal.SIGCONT)
        wait_until(lambda: 'records were lost' in sender.console.read_text())
        n_lost = self.count_lost(sender.end())
        self.assertGreater(n_lost, 0)
        self.server.wait_for('sender', f'record {N_FLOOD - 1} end')  # a warning
        received = numbers(self.server.of('sender'))
        self.assertEqual(len(received), N_FLOOD - n_lost)
        self.assertEqual(received, sorted(set(received)))
        self.assertEqual([number for number in received if number % 100 == 99], list(range(99, N_FLOOD, 100)))

    def test_rsyslog_unix_sendto(self):
        self.check(Rsyslog, 'unix-sendto')

    def test_rsyslog_unix_connect(self):
        self.check(Rsyslog, 'unix-connect')

    def test_rsyslog_tcp(self):
        self.check(Rsyslog, 'tcp')

    def test_rsyslog_tls(self):
        self.check(Rsyslog, 'tls')

    def test_syslog_ng_unix_connect(self):
        self.check(SyslogNg, 'unix-connect')


class AwayTest(FloodCase):
    """The server never comes: the program needs little memory, says what is lost, and ends soon."""

    def check(self, transport, reason, n_uncertain=0):
        self.make(Rsyslog)
        sender = self.flood(transport)
        self.assertLess(sender.wait_until_done(), MAX_CALL)
        self.check_memory(sender)
        console = self.check_end(sender)
        self.assertIn(f'No connection to the syslog server at {self.server.address(transport, "5")}', console)
        self.assertIn(reason, console)
        self.assertAlmostEqual(self.count_lost(console), N_FLOOD + self.count_reports(console), delta=n_uncertain)

    @staticmethod
    def count_reports(console):
        """They were for the server too; what is said of its end is not."""
        return len(re.findall(r' asab\.log (?!\d+ records were lost)', console))

    def test_tcp(self):
        self.check('tcp', 'Connection refused')

    def test_udp(self):
        self.check('udp', 'Connection refused', n_uncertain=10)

    def test_unix_connect(self):
        self.check('unix-connect', 'No such file or directory')

    def test_unix_sendto(self):
        self.check('unix-sendto', 'No such file or directory')

    def test_silent(self):
        """It takes the connection, and never says a word of TLS."""
        self.make(Rsyslog)
        port = self.server.reserved['tls']
        port.socket.listen()
        sender = self.flood('tls')
        self.assertLess(sender.wait_until_done(), MAX_CALL)
        self.check_memory(sender)
        self.assertGreaterEqual(self.count_lost(self.check_end(sender)), N_FLOOD)


if __name__ == '__main__':
    unittest.main(verbosity=2)
