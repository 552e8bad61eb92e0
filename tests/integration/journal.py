#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Logs to the journal of systemd, which is killed, stopped and taken away meanwhile.

usage: journal.py PROGRAM

The journal is started with a /run of its own. As systemd does, this holds its sockets.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import unittest

from processes import TIMEOUT, become_alone, environment, Folder, run, wait_until

become_alone('mount -t tmpfs tmpfs /run')

PROGRAM = os.path.abspath(sys.argv.pop(1))
JOURNALD = shutil.which('systemd-journald', path='/lib/systemd:/usr/lib/systemd')
SOCKETS = pathlib.Path('/run/systemd/journal')
JOURNAL = pathlib.Path('/run/log/journal')
JOURNAL_OUTPUT = '[logging:console]\noutput=journal\n'
EVERY_BYTE = bytes(range(256))
N_IN_SOCKET = int(pathlib.Path('/proc/sys/net/unix/max_dgram_qlen').read_text()) + 1
N_IN_PROGRESS = 1  # what the journal has just read, and not written
BROKEN_UTF8 = b'a\xff\xc3(\xed\xa0\x80\xf0\x9f'


def listen(name, kind):
    path = SOCKETS / name
    path.unlink(missing_ok=True)
    found = socket.socket(socket.AF_UNIX, kind)
    found.bind(str(path))
    path.chmod(0o666)
    if kind == socket.SOCK_STREAM:
        found.listen()
    return found


class Journal:
    def __init__(self):
        SOCKETS.mkdir(parents=True, exist_ok=True)
        JOURNAL.mkdir(parents=True, exist_ok=True)
        settings = pathlib.Path('/run/systemd/journald.conf.d/test.conf')
        settings.parent.mkdir(exist_ok=True)
        settings.write_text('[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\n')
        self.process = None
        self.sockets = []

    def open(self):
        self.sockets = [listen('socket', socket.SOCK_DGRAM), listen('dev-log', socket.SOCK_DGRAM),
                        listen('stdout', socket.SOCK_STREAM)]

    def close(self):
        for found in self.sockets:
            found.close()
        for name in ('socket', 'dev-log', 'stdout'):
            (SOCKETS / name).unlink()

    def start(self):
        """Hands over the sockets, from descriptor 3 on."""
        if JOURNALD is None:
            raise RuntimeError('there is no systemd-journald; it is in the package systemd')
        fds = [found.fileno() for found in self.sockets]
        high = ' '.join(f'{number}<&{fd}' for number, fd in enumerate(fds, 23))
        script = f'exec {high}; exec 3<&23 4<&24 5<&25; LISTEN_PID=$$ exec {JOURNALD}'
        self.process = subprocess.Popen(['/bin/bash', '-c', script], pass_fds=fds, stderr=subprocess.DEVNULL,
                                        env=environment(LISTEN_FDS='3'))

    def kill(self, number=signal.SIGKILL):
        self.process.send_signal(number)
        self.process.wait()


class JournalTest(unittest.TestCase):
    def setUp(self):
        self.journal = Journal()
        self.journal.open()
        self.journal.start()
        self.addCleanup(self.journal.close)
        self.addCleanup(lambda: self.journal.kill())
        self.folder = Folder()
        self.folder.__enter__()
        self.addCleanup(self.folder.__exit__)
        self.name = self.id().rpartition('.')[2]

    def command(self, text=''):
        """Logs to a file as well, which tells what there should be."""
        path = self.folder.configure(f'[logging]\napp_name={self.name}\n{text}')
        return [PROGRAM, '-c', path, '-l', self.folder / 'a.log']

    def run_to_end(self, n, text, *prefix, **options):
        """Runs the program, and returns the records in the journal, as soon as there are n."""
        result = run(*prefix, *self.command(text), **options)
        self.assertEqual((result.returncode, result.stderr), (0, ''))
        return self.wait_for_records(lambda found: len(found) == n)

    def spawn(self):
        command = self.command(JOURNAL_OUTPUT)
        process = subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, encoding='utf-8')
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def wait_for_steps(self):
        """Lets the program go on for a while."""
        end = len(self.written()) + 1000
        wait_until(lambda: len(self.written()) > end)

    def written(self):
        path = self.folder / 'a.log'
        return [int(n) for n in re.findall(r' number (\d+)$', path.read_text(), re.MULTILINE)] if path.exists() else []

    def stop(self, process):
        process.terminate()
        errors = process.communicate(timeout=TIMEOUT)[1]
        self.assertEqual(process.returncode, 0, errors)
        return errors

    def records(self, *options):
        """Those of the program, which the journal has."""
        result = run('journalctl', '-o', 'json', '--all', *options, f'--directory={JOURNAL}',
                     f'SYSLOG_IDENTIFIER={self.name}')
        return [json.loads(line) for line in result.stdout.splitlines()]

    def wait_for_records(self, condition):
        return wait_until(lambda: condition(found := self.records()) and (found or True))

    def numbers(self, *options):
        return [int(record['N']) for record in self.records('--output-fields=N', *options) if 'N' in record]

    def wait_for_number(self, is_wanted):
        wait_until(lambda: (last := self.numbers('--lines=1')) and is_wanted(last[0]))

    def wait_for_end(self):
        """Returns what is in the journal when it has the last number."""
        end = self.written()[-1]
        self.wait_for_number(lambda n: n == end)
        return self.numbers()

    def test_fields(self):
        records = self.run_to_end(20, JOURNAL_OUTPUT + '[test]\nend_at=20\n')
        self.assertEqual([record['MESSAGE'] for record in records], [f'number {n}' for n in range(20)])
        self.assertEqual([record['N'] for record in records], [f'{n}' for n in range(20)])
        record = records[0]
        self.assertEqual(record['PRIORITY'], '5')
        self.assertEqual(record['GLIB_DOMAIN'], 'root')
        self.assertEqual(record['_TRANSPORT'], 'journal')
        self.assertTrue(record['CODE_FILE'].endswith('log-program.c'))
        self.assertEqual(record['CODE_FUNC'], 'log_number')
        self.assertGreater(int(record['CODE_LINE']), 0)
        self.assertNotIn('SYSLOG_TIMESTAMP', record)

    def test_hard_messages(self):
        """Several lines, every byte, broken UTF-8, and what is too long for a datagram."""
        records = self.run_to_end(4, JOURNAL_OUTPUT + '[test]\nhard=yes\nend_at=0\n')
        lines, every_byte, broken, big = (record['MESSAGE'] for record in records)
        self.assertEqual(lines, 'one\n\ttwo\n')
        self.assertEqual(bytes(every_byte), EVERY_BYTE)
        self.assertEqual(bytes(broken), BROKEN_UTF8)
        self.assertEqual(big, 'x' * 1024 * 1024)
        self.assertEqual([record['DATA'] for record in records], [record['MESSAGE'] for record in records])

    def test_stream(self):
        """The journal is found by itself, if standard error is one of its streams."""
        records = self.run_to_end(20, '[test]\nend_at=20\n', 'systemd-cat')
        self.assertEqual({record['_TRANSPORT'] for record in records}, {'journal'})

    def test_stream_by_name(self):
        """Or if $JOURNAL_STREAM says so, as for a service with a namespace of the journal."""
        ours, theirs = socket.socketpair()
        status = os.fstat(theirs.fileno())
        with ours, theirs:
            for inode, n in ((status.st_ino + 1, 0), (status.st_ino, 20)):
                subprocess.run(self.command('[test]\nend_at=20\n'), stderr=theirs, check=True, timeout=TIMEOUT,
                               env=environment(JOURNAL_STREAM=f'{status.st_dev}:{inode}'))
                self.wait_for_records(lambda found: len(found) == n)
            self.assertEqual(ours.recv(65536).count(b'\n'), 20)  # of the first one

    def test_killed(self):
        """While the journal starts again its sockets live on: what it was just about to write is all that gets lost."""
        process = self.spawn()
        for _ in range(3):
            end = len(self.written())
            self.wait_for_number(lambda n: n > end)
            self.journal.kill()
            self.wait_for_steps()
            self.journal.start()
        self.assertEqual(self.stop(process), '')
        counted = self.wait_for_end()
        self.assertEqual(counted, sorted(set(counted)))
        self.assertLessEqual(len(self.written()) - len(counted), 3 * N_IN_PROGRESS)

    def test_standstill(self):
        """A journal that stands still does not stop the program, and gets everything later."""
        process = self.spawn()
        self.wait_for_number(lambda n: n > 0)
        self.journal.process.send_signal(signal.SIGSTOP)
        self.wait_for_steps()
        self.journal.process.send_signal(signal.SIGCONT)
        self.assertEqual(self.stop(process), '')
        self.assertEqual(self.wait_for_end(), self.written())

    def test_away(self):
        """What is logged while there is no journal comes later, with its time; what is in its socket goes with that."""
        process = self.spawn()
        self.wait_for_number(lambda n: n > 0)
        self.journal.close()
        self.journal.kill()
        self.assertIn('Cannot write to the journal, trying again', process.stderr.readline())
        self.wait_for_steps()
        self.journal.open()
        self.journal.start()
        self.assertIn('The journal can be written again', process.stderr.readline())
        self.wait_for_steps()
        self.assertEqual(self.stop(process), '')
        counted = self.wait_for_end()
        self.assertEqual(counted, sorted(set(counted)))
        self.assertLessEqual(len(self.written()) - len(counted), N_IN_SOCKET + N_IN_PROGRESS)
        times = [record['SYSLOG_TIMESTAMP'] for record in self.records()
                 if 'N' in record and 'SYSLOG_TIMESTAMP' in record]
        self.assertGreater(len(times), 1000)
        self.assertRegex(times[0], r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$')
        self.assertEqual(times, sorted(times))


if __name__ == '__main__':
    unittest.main(verbosity=2)
