#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import pathlib
import socket
import sys
import tempfile
import threading
import time

from asabtest import Asab, GLib, TestCase, main


class DaemonTest(TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())).resolve()
        self.configuration = self.folder / 'test.conf'
        self.configuration.write_text(f'[daemon]\npidfile = {self.folder / "pid"}\nworking_dir = {self.folder}\n')

    def start_and_kill(self, function):
        output, errors = self.run_program(function, '-c', self.configuration, '-d')
        self.assertEqual((output, errors), ('initialize\n', ''))
        pid = int((self.folder / 'pid').read_text())
        self.assertEqual(os.readlink(f'/proc/{pid}/cwd'), str(self.folder))

        self.run_program(function, '-c', self.configuration, '-k')
        self.assertFalse((self.folder / 'pid').exists())
        self.assertEqual((self.folder / 'out').read_text(), 'tick\nterminate\n')

    def test_daemon(self):
        self.start_and_kill(daemon)

    def test_threads(self):
        self.start_and_kill(daemon_with_thread)

    def test_failure(self):
        output, errors = self.run_program(failing, '-c', self.configuration, '-d', status=1)
        self.assertIn('KeyError: 7', errors)
        self.assertFalse((self.folder / 'pid').exists())


class StallTest(TestCase):
    def run_stalled(self, function):
        with tempfile.NamedTemporaryFile('w') as file:
            file.write('[application]\nstall_threshold = 0.02\n')
            file.flush()
            return self.run_program(function, '-c', file.name)[1]

    def test_source(self):
        self.assertRegex(self.run_stalled(stalled_source),
                         r'WARNING asab The main loop stood still for 0\.\d{3} s in the source “import”\n\Z')

    def test_coroutine(self):
        """asyncio tells which one, if it is asked to."""
        os.environ['PYTHONASYNCIODEBUG'] = '1'
        self.addCleanup(os.environ.pop, 'PYTHONASYNCIODEBUG')
        errors = self.run_stalled(stalled_coroutine)
        self.assertRegex(errors, 'WARNING asyncio Executing <Task .* took 0')
        self.assertRegex(errors, 'WARNING asab The main loop stood still for .* in the source “asyncio”')


class SystemdTest(TestCase):
    def test_notify(self):
        self.run_program(notify)

    def test_sockets(self):
        with self.assertRaises(GLib.Error) as caught:
            Asab.systemd_dup_sockets('web')
        self.assertTrue(caught.exception.matches(GLib.quark_from_string('g-io-error-quark'), 1))

    def test_directory(self):
        self.run_program(directory)


class Daemon(Asab.Application):
    async def initialize(self):
        print('initialize', flush=True)

    async def main(self):
        await Asab.sleep(0.01)
        self.note('tick')

    async def terminate(self):
        self.note('terminate')

    def note(self, text):
        with open('out', 'a', encoding='utf-8') as file:
            print(text, file=file)


class Failing(Asab.Application):
    async def initialize(self):
        raise KeyError(7)


def daemon():
    return Daemon().run(sys.argv)


def daemon_with_thread():
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    return daemon()


def failing():
    return Failing().run(sys.argv)


def work():
    """Keeps the main loop waiting."""
    end = time.monotonic() + 0.1
    while time.monotonic() < end:
        pass


def stalled_source():
    class Application(Asab.Application):
        async def main(self):
            source = GLib.Idle()
            source.set_name('import')
            source.set_callback(self.do_import)
            source.attach()

        def do_import(self, *_args):
            work()
            self.stop()
            return GLib.SOURCE_REMOVE

    return Application().run(sys.argv)


def stalled_coroutine():
    class Application(Asab.Application):
        async def main(self):
            await Asab.sleep(0)
            work()
            self.stop()

    return Application().run(sys.argv)


def notify():
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f'{folder}/notify')
        GLib.setenv('NOTIFY_SOCKET', f'{folder}/notify', True)
        assert Asab.systemd_notify('STATUS=Warming up')
        assert manager.recv(4096) == b'STATUS=Warming up'
        assert GLib.getenv('NOTIFY_SOCKET') is None


def directory():
    with tempfile.TemporaryDirectory() as folder:
        GLib.setenv('CACHE_DIRECTORY', f'{folder}/cache', True)
        assert Daemon().ensure_directory(Asab.Directory.CACHE) == f'{folder}/cache'
        assert os.path.isdir(f'{folder}/cache')


if __name__ == '__main__':
    main()
