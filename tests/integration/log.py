#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Log files of a program under load: rotated, moved, deleted, on a full disk, and at the end of a process.

usage: log.py PROGRAM
"""

import fcntl
import gzip
import json
import os
import re
import signal
import subprocess
import sys
import termios
import unittest

from processes import become_alone, environment, Folder, wait_until

become_alone('true')  # some of the tests mount

PROGRAM = os.path.abspath(sys.argv.pop(1))
NO_CONSOLE = '[logging:console]\nenabled=no\n'
BROKEN_UTF8 = 'a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}(' + 5 * '\N{REPLACEMENT CHARACTER}'


def read(path):
    return gzip.decompress(path.read_bytes()).decode() if path.suffix == '.gz' else path.read_text()


def numbers(*paths):
    """What the program counted, as these files tell."""
    return [n for path in paths for n in numbers_in(read(path))]


def numbers_in(text):
    return [int(n) for n in re.findall(r'\[sd n="\d+"\] number (\d+)$', text, re.MULTILINE)]


class LogTest(unittest.TestCase):
    def setUp(self):
        self.folder = Folder()
        self.folder.__enter__()
        self.addCleanup(self.folder.__exit__)
        self.log = self.folder / 'a.log'

    def start(self, configuration='', *prefix, **options):
        path = self.folder.configure(configuration)
        process = subprocess.Popen([*prefix, PROGRAM, '-c', path, '-l', self.log], env=environment(),
                                   stderr=subprocess.PIPE, encoding='utf-8', **options)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def stop(self, process, how=signal.SIGTERM, status=0):
        """Reads meanwhile what goes to the console."""
        process.send_signal(how)
        errors = process.communicate()[1]
        self.assertEqual(process.returncode, status, errors[-2000:])
        return errors

    def assert_all(self, counted):
        self.assertGreater(len(counted), 0)
        self.assertEqual(counted, list(range(len(counted))))

    def wait_for_number(self, path):
        wait_until(lambda: path.exists() and numbers(path))

    def backups(self):
        """From the oldest to the newest."""
        return sorted(self.folder.path.glob('a.log.*'), key=lambda path: -int(path.name.split('.')[2]))

    def assert_compressed(self, paths):
        self.assertEqual({path.suffix for path in paths}, {'.gz'})
        subprocess.run(['gzip', '--test', *paths], check=True)

    def test_hup(self):
        process = self.start(NO_CONSOLE + '[logging:file]\nbackup_count=100\n')
        for nth in range(1, 6):
            self.wait_for_number(self.log)
            process.send_signal(signal.SIGHUP)
            wait_until((self.folder / f'a.log.{nth}').exists)
        self.stop(process)
        backups = self.backups()
        self.assertEqual(len(backups), 5)
        self.assert_all(numbers(*backups, self.log))

    def test_hup_all_the_time(self):
        """As fast as signals come, with each file compressed."""
        process = self.start(NO_CONSOLE + '[logging:file]\nbackup_count=10000\ncompress=yes\n')
        self.wait_for_number(self.log)
        wait_until(lambda: process.send_signal(signal.SIGHUP) or len(self.backups()) > 50)
        self.stop(process)
        backups = self.backups()
        self.assert_compressed(backups)
        self.assert_all(numbers(*backups, self.log))

    def test_hup_without_backups(self):
        process = self.start(NO_CONSOLE)
        self.wait_for_number(self.log)
        for end in (100, 200, 300):
            process.send_signal(signal.SIGHUP)
            wait_until(lambda: len(numbers(self.log)) > end)
        self.stop(process)
        self.assertEqual(self.backups(), [])
        self.assert_all(numbers(self.log))

    def test_size(self):
        process = self.start(NO_CONSOLE + '[test]\nend_at=5000\n[logging:file]\nbackup_count=1000\n'
                             'backup_max_bytes=20000\ncompress=yes\n')
        self.assertEqual(process.communicate()[1], '')
        backups = self.backups()
        self.assertGreater(len(backups), 10)
        self.assert_compressed(backups)
        self.assertTrue(all(len(read(path)) <= 20000 for path in backups))
        self.assertEqual(numbers(*backups, self.log), list(range(5000)))

    def test_interval(self):
        process = self.start(NO_CONSOLE + '[logging:file]\nbackup_count=1000\nrotate_every=20ms\n')
        wait_until(lambda: len(self.backups()) > 5)
        self.stop(process)
        self.assert_all(numbers(*self.backups(), self.log))

    def test_read_only_folder(self):
        """It goes on in the same file, and rotates it when it can."""
        prefix = [] if os.geteuid() != 0 else ['setpriv', '--bounding-set=-dac_override', '--inh-caps=-all']
        logs = self.folder / 'logs'
        logs.mkdir()
        self.log = logs / 'a.log'
        process = self.start(NO_CONSOLE + '[logging:file]\nbackup_count=5\n', *prefix)
        self.wait_for_number(self.log)
        logs.chmod(0o555)
        process.send_signal(signal.SIGHUP)
        self.assertIn('Cannot rotate the log file', process.stderr.readline())
        end = len(numbers(self.log))
        wait_until(lambda: len(numbers(self.log)) > end)
        logs.chmod(0o755)
        process.send_signal(signal.SIGHUP)
        wait_until((logs / 'a.log.1').exists)
        self.assertEqual(self.stop(process), '')
        self.assert_all(numbers(logs / 'a.log.1', self.log))

    def test_moved(self):
        process = self.start(NO_CONSOLE)
        moved = [self.folder / f'moved.{nth}' for nth in range(2)]
        for path in moved:
            self.wait_for_number(self.log)
            self.log.rename(path)
        self.wait_for_number(self.log)
        self.stop(process)
        self.assert_all(numbers(*moved, self.log))

    def test_deleted(self):
        process = self.start(NO_CONSOLE)
        self.wait_for_number(self.log)
        self.log.unlink()
        self.wait_for_number(self.log)
        self.stop(process)
        counted = numbers(self.log)
        self.assertEqual(counted, list(range(counted[0], counted[0] + len(counted))))

    def test_full_device(self):
        self.log = '/dev/full'
        process = self.start(NO_CONSOLE + '[test]\nend_at=2000\n')
        errors = process.communicate()[1]
        self.assertEqual(process.returncode, 0)
        self.assertIn('Cannot write the log file “/dev/full”: No space left on device', errors)

    def fill_disk(self):
        """Returns a program whose disk is full, and what else is on that."""
        disk = self.folder / 'disk'
        disk.mkdir()
        subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk], check=True)
        self.addCleanup(subprocess.run, ['umount', disk], check=True)
        ballast = disk / 'ballast'
        ballast.write_bytes(bytes(128 * 1024))
        self.log = disk / 'a.log'
        process = self.start(NO_CONSOLE)
        self.assertIn('No space left on device', process.stderr.readline())
        return process, ballast

    def test_full_disk(self):
        process, ballast = self.fill_disk()
        ballast.unlink()
        wait_until(lambda: 'can be written again' in read(self.log))
        self.stop(process)
        text = read(self.log)
        lost = int(re.search(r'can be written again; (\d+) records were lost', text)[1])
        counted = numbers(self.log)
        self.assertEqual(counted[-1] + 1 - len(counted), lost)
        self.assertTrue(all(re.match(r'\d\d-\w{3}-\d{4} ', line) for line in text.splitlines()))

    def test_full_disk_at_end(self):
        process, _ = self.fill_disk()
        errors = self.stop(process)
        self.assertRegex(errors, r'The log file “.*” lacks its end; up to \d+ records were lost\n$')

    def test_crash(self):
        """All that was logged before is in the file, whatever happens, and to whom."""
        for how, status in (('fault', -signal.SIGSEGV), ('abort', -signal.SIGABRT), ('bus', -signal.SIGBUS),
                            ('thread', -signal.SIGABRT), ('writer', -signal.SIGSEGV), ('error', -signal.SIGTRAP),
                            ('exit', 3)):
            with self.subTest(how):
                self.log = self.folder / how
                process = self.start(f'[test]\nat_once=500\nend_at=5000\nhow={how}\n')
                errors = process.communicate()[1]
                self.assertEqual(process.returncode, status, errors[-2000:])
                # What a thread was just writing when it failed is written again.
                self.assertEqual(sorted(set(numbers(self.log))), list(range(5000)))
                self.assertIn(' number 4999\n', errors)
                if how == 'error':
                    self.assertRegex(read(self.log), r' CRITICAL \S+ the end\n$')

    def test_pipe_without_reader(self):
        """A pipe that nobody reads stops neither the program, not even when it forks, nor its end."""
        os.mkfifo(self.log)
        process = self.start(NO_CONSOLE + '[test]\nat_once=1000\nend_at=100000\nhow=fork\n', stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.assertEqual(process.stdout.readline(), 'done\n')
        lost = int(re.fullmatch(r'The log cannot be written; up to (\d+) records were lost\n', self.stop(process))[1])
        self.assertGreater(lost, 90000)
        self.assertLessEqual(lost, 100000)

    def test_crash_with_pipe_without_reader(self):
        """Nor does it keep alive what crashes."""
        os.mkfifo(self.log)
        process = self.start('[test]\nat_once=1000\nend_at=40000\nhow=fault\n')
        with open(os.open(self.log, os.O_RDONLY | os.O_NONBLOCK), 'rb'):
            errors = process.communicate()[1]
        self.assertEqual(process.returncode, -signal.SIGSEGV)
        self.assertEqual(sorted(set(numbers_in(errors))), list(range(40000)))

    def test_pipe_with_late_reader(self):
        """What is dropped is counted, and told; warnings are not, although they are more than what can wait."""
        os.mkfifo(self.log)
        process = self.start(NO_CONSOLE + '[test]\nat_once=1000\nend_at=100000\nwarnings=20000\nhow=stop\n')
        with open(os.open(self.log, os.O_RDONLY | os.O_NONBLOCK), encoding='utf-8') as pipe:
            wait_until(lambda: len(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)).strip(b'\0')) > 1)
            os.set_blocking(pipe.fileno(), True)
            text = pipe.read()
        self.assertEqual(process.wait(), 0)
        n_numbers = len(re.findall(r' NOTICE root \[sd n="\d+"\] number \d+$', text, re.MULTILINE))
        n_dropped = sum(int(n) for n in re.findall(r' WARNING asab\.log (\d+) records were dropped', text))
        self.assertEqual(n_numbers + n_dropped, 100000)
        warnings = [int(n) for n in re.findall(r' WARNING root \[sd n="\d+"\] warning (\d+)$', text, re.MULTILINE)]
        self.assertEqual(warnings, list(range(20000)))

    def test_kill(self):
        process = self.start(NO_CONSOLE)
        self.wait_for_number(self.log)
        self.stop(process, signal.SIGKILL, -signal.SIGKILL)
        self.assert_all(numbers(self.log))

    def test_json(self):
        """Each record is a line that is valid JSON, whatever is in it."""
        process = self.start('[test]\nhard=yes\nend_at=100\n[logging:console]\npiped=json\n')
        errors = process.communicate()[1]
        records = [json.loads(line) for line in errors.splitlines()]
        self.assertEqual([record['data']['n'] for record in records[4:]], list(range(100)))
        self.assertEqual({(record['level'], record['logger'], record['function']) for record in records[4:]},
                         {('NOTICE', 'root', 'log_number')})
        self.assertRegex(records[4]['time'], r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$')
        every_byte = '\ufffd' + bytes(range(1, 128)).decode() + 128 * '\ufffd'
        for record, text in zip(records, ('one\n\ttwo\n', every_byte, BROKEN_UTF8, 1024 * 1024 * 'x')):
            self.assertEqual(record['message'], text)
            self.assertEqual(record['data']['data'], text)
        self.assertIn(1024 * 1024 * 'x' + '\n', read(self.log))
        self.assertEqual(numbers(self.log), list(range(100)))

    def test_no_colours(self):
        """Neither in a pipe nor, if $NO_COLOR says so, on a terminal."""
        for more, has_colours in (({}, True), ({'NO_COLOR': ''}, True), ({'NO_COLOR': '1'}, False)):
            master, terminal = os.openpty()
            with open(master, 'rb') as output:
                path = self.folder.configure('[test]\nend_at=1\n')
                subprocess.run([PROGRAM, '-c', path], env=environment(TERM='xterm', **more), stderr=terminal,
                               check=True)
                os.close(terminal)
                line = output.readline()
            self.assertEqual(b'\033[1;36mNOTICE\033[0m' in line, has_colours, line)
        process = self.start('[test]\nend_at=1\n')
        self.assertNotIn('\033', process.communicate()[1])

    def test_reload(self):
        """SIGHUP changes what is logged, unless it makes no sense: then nothing changes."""
        process = self.start()
        self.wait_for_number(self.log)
        process.send_signal(signal.SIGHUP)
        self.folder.configure('[logging]\nlevels=\n  asab INFO\n')
        wait_until(lambda: process.send_signal(signal.SIGHUP) or ' INFO asab Rotating log files\n' in read(self.log))
        self.folder.configure('[logging]\nlevels=\n  root LOUD\n')
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: '“root LOUD” is not a log domain and a level' in read(self.log))
        end = numbers(self.log)[-1]
        wait_until(lambda: numbers(self.log)[-1] > end)
        self.assertGreater(numbers_in(self.stop(process))[-1], end)

    def test_cannot_open(self):
        self.log = self.folder.path
        process = self.start()
        self.assertIn('Cannot open the log file', process.communicate()[1])
        self.assertEqual(process.returncode, 1)

    def test_bad_format(self):
        process = self.start('[logging:file]\nformat=%(nonsense)s\n')
        self.assertIn('Section “logging:file”: “%(nonsense)s” is no format of log lines', process.communicate()[1])
        self.assertEqual(process.returncode, 1)

    def test_format_of_document(self):
        process = self.start('[test]\nend_at=20\n[logging:file]\n'
                             'format="%%(asctime)s %%(levelname)s %%(name)s %%(struct_data)s%%(message)s",\n'
                             'datefmt="%%d-%%b-%%Y %%H:%%M:%%S.%%f"\nbackup_count=0\n')
        process.communicate()
        self.assertRegex(read(self.log).splitlines()[0],
                         r'^\d\d-\w{3}-\d{4} \d\d:\d\d:\d\d\.\d{6} NOTICE root \[sd n="0"\] number 0$')


if __name__ == '__main__':
    unittest.main(verbosity=2)
