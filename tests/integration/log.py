#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Log files of a program under load: rotated, moved, deleted, on a full disk, and at the end of a process.

usage: log.py PROGRAM
"""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import unittest

from processes import environment, Folder, wait_until

PROGRAM = sys.argv.pop(1)


def read(path):
    return gzip.decompress(path.read_bytes()).decode() if path.suffix == '.gz' else path.read_text()


def numbers(*paths):
    """What the program counted, as these files tell."""
    return [int(n) for path in paths for n in re.findall(r'\[sd n="\d+"\] number (\d+)$', read(path), re.MULTILINE)]


class LogTest(unittest.TestCase):
    def setUp(self):
        self.folder = Folder()
        self.folder.__enter__()
        self.addCleanup(self.folder.__exit__)
        self.log = self.folder / 'a.log'

    def start(self, configuration='', *arguments):
        path = self.folder.configure(configuration)
        process = subprocess.Popen([PROGRAM, '-c', path, '-l', self.log, *arguments], env=environment(),
                                   stderr=subprocess.PIPE, encoding='utf-8')
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

    def test_hup(self):
        process = self.start('[logging:console]\nenabled=no\n[logging:file]\nbackup_count=100\n')
        for nth in range(1, 6):
            self.wait_for_number(self.log)
            process.send_signal(signal.SIGHUP)
            wait_until((self.folder / f'a.log.{nth}').exists)
        self.stop(process)
        backups = sorted(self.folder.path.glob('a.log.*'), key=lambda path: -int(path.suffix[1:]))
        self.assertEqual(len(backups), 5)
        self.assert_all(numbers(*backups, self.log))

    def test_size(self):
        process = self.start('[logging:console]\nenabled=no\n[test]\nend_at=5000\n[logging:file]\nbackup_count=1000\n'
                             'backup_max_bytes=20000\ncompress=yes\n')
        self.assertEqual(process.communicate()[1], '')
        backups = sorted(self.folder.path.glob('a.log.*'), key=lambda path: -int(path.name.split('.')[2]))
        self.assertGreater(len(backups), 10)
        self.assertEqual({path.suffix for path in backups}, {'.gz'})
        self.assertTrue(all(len(read(path)) <= 20000 for path in backups))
        self.assertEqual(numbers(*backups, self.log), list(range(5000)))

    def test_moved(self):
        process = self.start('[logging:console]\nenabled=no\n')
        moved = [self.folder / f'moved.{nth}' for nth in range(2)]
        for path in moved:
            self.wait_for_number(self.log)
            self.log.rename(path)
        self.wait_for_number(self.log)
        self.stop(process)
        self.assert_all(numbers(*moved, self.log))

    def test_deleted(self):
        process = self.start('[logging:console]\nenabled=no\n')
        self.wait_for_number(self.log)
        self.log.unlink()
        self.wait_for_number(self.log)
        self.stop(process)
        counted = numbers(self.log)
        self.assertEqual(counted, list(range(counted[0], counted[0] + len(counted))))

    def test_full_device(self):
        self.log = '/dev/full'
        process = self.start('[test]\nend_at=2000\n[logging:console]\nenabled=no\n')
        errors = process.communicate()[1]
        self.assertEqual(process.returncode, 0)
        self.assertIn('Cannot write the log file “/dev/full”: No space left on device', errors)

    @unittest.skipIf(os.geteuid() != 0, 'only root can mount a small disk')
    def test_full_disk(self):
        disk = self.folder / 'disk'
        disk.mkdir()
        if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk], check=False).returncode != 0:
            self.skipTest('this container cannot mount')
        self.addCleanup(subprocess.run, ['umount', disk], check=True)
        (disk / 'ballast').write_bytes(bytes(128 * 1024))
        self.log = disk / 'a.log'
        process = self.start('[logging:console]\nenabled=no\n')
        self.assertIn('No space left on device', process.stderr.readline())
        (disk / 'ballast').unlink()
        wait_until(lambda: 'can be written again' in read(self.log))
        self.stop(process)
        text = read(self.log)
        lost = int(re.search(r'can be written again; (\d+) records were lost', text)[1])
        counted = numbers(self.log)
        self.assertEqual(counted[-1] + 1 - len(counted), lost)
        self.assertTrue(all(re.match(r'\d\d-\w{3}-\d{4} ', line) for line in text.splitlines()))

    def test_crash(self):
        process = self.start('[test]\ncrash_at=5001\n')
        errors = process.communicate()[1]
        self.assertEqual(process.returncode, -signal.SIGSEGV)
        self.assertEqual(numbers(self.log), list(range(5001)))
        self.assertTrue(errors.endswith('number 5000\n'), errors[-200:])

    def test_kill(self):
        process = self.start('[logging:console]\nenabled=no\n')
        self.wait_for_number(self.log)
        self.stop(process, signal.SIGKILL, -signal.SIGKILL)
        self.assert_all(numbers(self.log))

    def test_json(self):
        process = self.start('[test]\nend_at=100\n[logging:console]\npiped=json\n')
        errors = process.communicate()[1]
        records = [json.loads(line) for line in errors.splitlines()]
        self.assertEqual([record['data']['n'] for record in records], list(range(100)))
        self.assertEqual({(record['level'], record['logger'], record['function']) for record in records},
                         {('NOTICE', 'root', 'work')})
        self.assertEqual(numbers(self.log), list(range(100)))

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
