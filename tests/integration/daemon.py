#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Starts, signals and stops daemons, as root if it can, and giving up that too.

usage: daemon.py PROGRAM
"""

import fcntl
import grp
import os
import pathlib
import pwd
import signal
import stat
import subprocess
import sys
import unittest

from processes import TIMEOUT, Folder, environment, is_alive, run, wait_until

PROGRAM = os.path.abspath(sys.argv.pop(1))
NOBODY = pwd.getpwnam('nobody')
is_root = os.geteuid() == 0
is_public = all(folder.stat().st_mode & stat.S_IXOTH for folder in pathlib.Path(PROGRAM).parents)


def read_status(pid):
    """The lines of the process's status, as a dictionary."""
    lines = pathlib.Path(f'/proc/{pid}/status').read_text().splitlines()
    return dict(line.split(':\t', 1) for line in lines if ':\t' in line)


def read_stat(pid):
    """State, parent, process group, session, terminal."""
    return pathlib.Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[:5]


def insist(pid):
    """Asks a process to end until it does; signals that come too soon after each other are one."""
    def is_ended():
        if is_alive(pid):
            os.kill(pid, signal.SIGTERM)
        return not is_alive(pid)
    wait_until(is_ended)


def find_processes(configuration):
    """Those that were started with this configuration."""
    for entry in pathlib.Path('/proc').glob('[0-9]*/cmdline'):
        try:
            if str(configuration).encode() in entry.read_bytes().split(b'\0'):
                yield int(entry.parent.name)
        except (FileNotFoundError, ProcessLookupError):
            pass


class DaemonCase(unittest.TestCase):

    def setUp(self):
        self.folder = self.enterContext(Folder())
        self.pidfile = self.folder / 'daemon.pid'
        self.addCleanup(self.end)
        self.configure()

    def configure(self, daemon='', test='', section='daemon'):
        self.configuration = self.folder.configure(f'[{section}]\npidfile = {self.pidfile}\n{daemon}\n[test]\n{test}\n')

    def call(self, *options, **more):
        return run(PROGRAM, '-c', self.configuration, *options, **more)

    def start(self, *options, **more):
        outcome = self.call('-d', *options, **more)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        return self.read_pid()

    def read_pid(self):
        text = self.pidfile.read_text()
        self.assertRegex(text, r'\A\d+\n\Z')
        return int(text)

    def end(self):
        """Leaves nothing behind, however a test ended."""
        try:
            pid = int(self.pidfile.read_text())
            if os.readlink(f'/proc/{pid}/exe') == os.path.realpath(PROGRAM):
                os.kill(pid, signal.SIGKILL)
                wait_until(lambda: not is_alive(pid))
        except (FileNotFoundError, ProcessLookupError, ValueError):
            pass


class Background(DaemonCase):

    def test_life(self):
        pid = self.start()
        self.assertTrue(is_alive(pid))
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not is_alive(pid))
        self.assertFalse(self.pidfile.exists())

    def test_output(self):
        outcome = self.call('-d')
        self.assertEqual((outcome.stdout, outcome.stderr), ('beginning\n', ''), 'run-time is not for the terminal')
        self.assert_null(self.read_pid())

    def test_session(self):
        pid = self.start()
        _, _, group, session, terminal = read_stat(pid)
        self.assertNotEqual(int(session), os.getsid(0))
        self.assertNotEqual(int(session), pid, 'a session leader could get a terminal')
        self.assertNotEqual(int(group), os.getpgrp())
        self.assertEqual(int(terminal), 0)

    def test_pidfile(self):
        self.start(umask=0o022)
        self.assertEqual(stat.S_IMODE(self.pidfile.stat().st_mode), 0o644)
        with self.pidfile.open() as file, self.assertRaises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)

    def test_working_dir(self):
        (self.folder / 'work').mkdir()
        self.configuration = self.folder.configure(f'[daemon]\npidfile = ../daemon.pid\n'
                                                   f'working_dir = {self.folder / "work"}\n')
        pid = self.start()
        self.assertEqual(os.readlink(f'/proc/{pid}/cwd'), str(self.folder / 'work'))

    def test_present_working_dir(self):
        pid = self.start(cwd=self.folder.path)
        self.assertEqual(os.readlink(f'/proc/{pid}/cwd'), str(self.folder.path))

    def test_section_general(self):
        self.configure(section='general')
        self.start()

    def test_section_daemon_wins(self):
        self.configuration = self.folder.configure('[general]\npidfile = /nowhere/general.pid\n'
                                                   f'[daemon]\npidfile = {self.pidfile}\n')
        self.start()

    def test_no_pidfile(self):
        self.configuration = self.folder.configure('[daemon]\npidfile =\n')
        self.assertEqual(self.call('-d').returncode, 0)
        pid, = find_processes(self.configuration)
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not is_alive(pid))
        outcome = self.call('-k')
        self.assertEqual((outcome.returncode, outcome.stderr), (0, ''))

    def test_no_threads_before_fork(self):
        """With a thread the daemon would have to begin anew, which its first environment tells of."""
        pid = self.start()
        self.assertNotIn('ASAB_DAEMON_WORD_FD', pathlib.Path(f'/proc/{pid}/environ').read_text())

    def test_threads_before_fork(self):
        """Whoever has threads before the application runs has them in the daemon too."""
        pid = self.start(env=environment(DAEMON_PROGRAM_THREAD='1'))
        # A thread gives itself its name.
        wait_until(lambda: 'early' in [task.read_text().strip()
                                       for task in pathlib.Path(f'/proc/{pid}/task').glob('*/comm')])
        self.assertIn('ASAB_DAEMON_WORD_FD', pathlib.Path(f'/proc/{pid}/environ').read_text())
        self.assertEqual(self.call('-k').returncode, 0)

    def test_reload(self):
        """It finds its configuration again, though it works in another folder than its caller."""
        (self.folder / 'work').mkdir()
        text = f'[daemon]\npidfile = {self.pidfile}\nworking_dir = {self.folder / "work"}\n[logging:file]\npath = '
        self.folder.configure(f'{text}first.log\n')
        self.assertEqual(run(PROGRAM, '-v', '-c', 'test.conf', '-d', cwd=self.folder.path).returncode, 0)
        self.assertTrue((self.folder / 'work' / 'first.log').exists())
        self.folder.configure(f'{text}second.log\n')
        os.kill(self.read_pid(), signal.SIGHUP)
        second = self.folder / 'work' / 'second.log'
        wait_until(lambda: second.exists() and 'INFO asab The configuration was read again' in second.read_text())

    def test_relative_log_file(self):
        """What is given on the command line is found from where that was given."""
        self.configure(daemon='working_dir = /')
        self.start('-l', 'here.log', cwd=self.folder.path)
        self.assertTrue((self.folder / 'here.log').exists())

    def open_gate(self, gate):
        with gate.open('w') as file:
            file.write('open')

    def start_at_gate(self):
        """Starts a daemon whose init-time lasts until the gate is opened."""
        gate, log = self.folder / 'gate', self.folder / 'test.log'
        os.mkfifo(gate)
        self.configure(test=f'gate = {gate}\n[logging:file]\npath = {log}\n')
        caller = subprocess.Popen([PROGRAM, '-v', '-c', self.configuration, '-d'], env=environment(),
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(caller.wait)
        self.addCleanup(caller.kill)
        wait_until(lambda: log.exists() and 'is initializing' in log.read_text())
        return caller, gate, log

    def test_return(self):
        """The caller has its terminal back when the daemon has come to run-time, not earlier."""
        caller, gate, _ = self.start_at_gate()
        self.assertIsNone(caller.poll())
        self.open_gate(gate)
        self.assertEqual(caller.wait(TIMEOUT), 0)

    def test_impatient_caller(self):
        """The daemon goes on when nobody waits for it any longer."""
        caller, gate, log = self.start_at_gate()
        caller.kill()
        caller.wait()
        self.open_gate(gate)
        wait_until(lambda: 'is running' in log.read_text())
        self.assertEqual(self.call('-k').returncode, 0)

    def test_ignored_signals(self):
        """What nohup and shells let their children ignore is not for the daemon."""
        ignored = [signal.SIGHUP, signal.SIGINT, signal.SIGTERM]
        self.start(preexec_fn=lambda: [signal.signal(number, signal.SIG_IGN) for number in ignored])
        outcome = self.call('-k')
        self.assertEqual((outcome.returncode, outcome.stderr), (0, ''))

    def test_blocked_signals(self):
        """Nor is what they block, but for signals that the program may wait for in its own way."""
        pid = self.start(preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32)))
        self.assertTrue(int(read_status(pid)['SigBlk'], 16) & 1 << signal.SIGUSR1 - 1)
        outcome = self.call('-k')
        self.assertEqual((outcome.returncode, outcome.stderr), (0, ''))

    def test_closed_descriptors(self):
        """Who has no standard streams gets some, before others are in their place."""
        script = 'exec "$0" -c "$1" -d <&- >&- 2>&-'
        self.assertEqual(run('sh', '-c', script, PROGRAM, self.configuration).returncode, 0)
        self.assert_null(self.read_pid())
        self.assertEqual(self.call('-k').returncode, 0)

    def test_closed_descriptors_in_the_foreground(self):
        log = self.folder / 'test.log'
        script = 'exec "$0" -v -c "$1" -l "$2" <&- >&- 2>&-'
        process = subprocess.Popen(['sh', '-c', script, PROGRAM, self.configuration, log], env=environment())
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        wait_until(lambda: log.exists() and 'is running' in log.read_text())
        self.assert_null(process.pid)
        process.terminate()
        self.assertEqual(process.wait(TIMEOUT), 0)

    def assert_null(self, pid):
        for fd in range(3):
            self.assertEqual(os.readlink(f'/proc/{pid}/fd/{fd}'), '/dev/null')

    def test_second_start(self):
        pid = self.start()
        outcome = self.call('-d')
        self.assertEqual(outcome.returncode, 1)
        self.assertIn(f'running already, as process {pid}', outcome.stderr)
        self.assertEqual(self.read_pid(), pid)

    def test_stale_pidfile(self):
        self.pidfile.write_text(f'{os.getpid()}\n' + 'x' * 50)
        self.assertNotEqual(self.start(), os.getpid())

    def test_stale_after_kill(self):
        pid = self.start()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not is_alive(pid))
        self.assertEqual(self.read_pid(), pid)
        self.assertNotEqual(self.start(), pid)

    def test_foreign_pidfile_stays(self):
        """Somebody removed the pidfile, and another daemon made it again: it is not ours to remove."""
        pid = self.start()
        self.pidfile.unlink()
        other = self.start()
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not is_alive(pid))
        self.assertEqual(self.read_pid(), other)

    def test_third_stop(self):
        self.configure(test='hang = yes')
        pid = self.start()
        insist(pid)
        self.assertFalse(self.pidfile.exists())


class Failures(DaemonCase):

    def assert_fails(self, status, *parts):
        outcome = self.call('-d')
        self.assertEqual(outcome.returncode, status)
        for part in parts:
            self.assertIn(part, outcome.stderr)
        self.assertFalse(self.pidfile.exists())
        return outcome

    def test_init_time(self):
        self.configure(test='fail = yes')
        outcome = self.assert_fails(1, 'The moon is not full')
        self.assertEqual(outcome.stdout, 'beginning\n')

    def test_quiet_console(self):
        """Whoever does not want the log on the terminal is told what went wrong all the same, once."""
        log = self.folder / 'test.log'
        self.configure(test=f'fail = yes\n[logging:console]\nenabled = no\n[logging:file]\npath = {log}\n')
        outcome = self.assert_fails(1, 'The moon is not full')
        self.assertEqual(len(outcome.stderr.splitlines()), 1)
        self.assertIn('The moon is not full', log.read_text())

    def test_log_file(self):
        self.configure(test='[logging:file]\npath = /dev/null/test.log\n')
        self.assert_fails(1, "“/dev/null/test.log”: Not a directory")

    def test_stop_at_init_time(self):
        self.configure(test='leave = yes')
        self.assert_fails(1)

    def test_crash(self):
        self.configure(test='crash = yes')
        outcome = self.call('-d')
        self.assertEqual(outcome.returncode, 1)
        self.assertIn('ended before it was ready', outcome.stderr)

    def test_pidfile(self):
        self.pidfile = self.folder / 'missing' / 'daemon.pid'
        self.configure()
        self.assert_fails(1, f'Cannot create the pidfile “{self.pidfile}”: No such file')

    def test_working_dir(self):
        self.configure(daemon='working_dir = /nowhere')
        self.assert_fails(1, 'Cannot work in the folder “/nowhere”: No such file')

    def test_user(self):
        self.configure(daemon='uid = mr-nobody')
        self.assert_fails(1, 'There is no user “mr-nobody”')

    def test_user_without_group(self):
        self.configure(daemon='uid = 54321')
        self.assert_fails(1, 'There is no user “54321”')

    def test_group(self):
        self.configure(daemon='gid = no-group-at-all')
        self.assert_fails(1, 'There is no group “no-group-at-all”')

    def test_configuration(self):
        self.configure(daemon='nonsense')
        self.assert_fails(1, 'test.conf:3')


class Kill(DaemonCase):

    def kill(self):
        return self.call('-k')

    def test_end(self):
        pid = self.start()
        outcome = self.kill()
        self.assertEqual((outcome.returncode, outcome.stdout, outcome.stderr), (0, '', ''))
        self.assertFalse(self.pidfile.exists())
        wait_until(lambda: not is_alive(pid))

    def test_stubborn(self):
        """The third signal ends at once what does not end by itself."""
        self.configure(test='hang = yes')
        pid = self.start()
        outcome = self.kill()
        self.assertEqual(outcome.returncode, 0)
        self.assertEqual(outcome.stderr.count('still running'), 2)
        self.assertFalse(is_alive(pid))

    def test_missing(self):
        outcome = self.kill()
        self.assertEqual(outcome.returncode, 0)
        self.assertIn(f'Cannot open the pidfile “{self.pidfile}”', outcome.stderr)

    def test_stale(self):
        """Whoever has the number now is left alone."""
        bystander = subprocess.Popen(['sleep', '60'])
        self.addCleanup(bystander.wait)
        self.addCleanup(bystander.kill)
        self.pidfile.write_text(f'{bystander.pid}\n')
        outcome = self.kill()
        self.assertEqual(outcome.returncode, 0)
        self.assertIn('No process has the pidfile', outcome.stderr)
        self.assertIsNone(bystander.poll())

    def test_garbage(self):
        self.pidfile.write_text('garbage\n')
        with self.pidfile.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            outcome = self.kill()
        self.assertEqual(outcome.returncode, 1)
        self.assertIn('does not name a process', outcome.stderr)

    def test_with_daemonize(self):
        self.assertEqual(self.call('-k', '-d').returncode, 0)
        self.assertTrue(is_alive(self.read_pid()))

    def test_frozen(self):
        """A process that handles no signals gets all five."""
        pid = self.start()
        os.kill(pid, signal.SIGSTOP)
        outcome = self.kill()
        self.assertEqual(outcome.returncode, 1)
        self.assertEqual(outcome.stderr.count('still running'), 5)
        self.assertIn('does not end', outcome.stderr)
        os.kill(pid, signal.SIGCONT)


if is_root:
    class Privileges(DaemonCase):

        def setUp(self):
            super().setUp()
            (self.folder / 'run').mkdir(mode=0o755)
            self.pidfile = self.folder / 'run' / 'daemon.pid'

        def start_as(self, daemon):
            self.configure(daemon=daemon)
            return self.start()

        def assert_is(self, pid, uid, gid):
            status = read_status(pid)
            self.assertEqual(status['Uid'].split(), [str(uid)] * 4)
            self.assertEqual(status['Gid'].split(), [str(gid)] * 4)
            self.assertNotIn('0', status['Groups'].split())
            self.assertEqual(int(status['CapEff'], 16), 0)

        def assert_ends(self, pid):
            os.kill(pid, signal.SIGTERM)
            wait_until(lambda: not is_alive(pid))
            wait_until(lambda: not self.pidfile.exists())

        def test_names(self):
            group = grp.getgrgid(NOBODY.pw_gid).gr_name
            pid = self.start_as(f'uid = nobody\ngid = {group}')
            self.assert_is(pid, NOBODY.pw_uid, NOBODY.pw_gid)
            self.assertEqual(self.pidfile.stat().st_uid, 0)
            with self.pidfile.open() as file, self.assertRaises(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            self.assertIn(f'running already, as process {pid}', self.call('-d').stderr)
            self.assert_ends(pid)

        def test_numbers(self):
            pid = self.start_as('uid = 54321\ngid = 54322')
            self.assert_is(pid, 54321, 54322)
            self.assert_ends(pid)

        def test_group_of_user(self):
            pid = self.start_as('uid = nobody')
            self.assert_is(pid, NOBODY.pw_uid, NOBODY.pw_gid)
            self.assertEqual(self.call('-k').returncode, 0)

        def test_pidfile_after_kill(self):
            """The keeper sees to the pidfile, even when there was no time to say goodbye."""
            pid = self.start_as('uid = nobody')
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda: not self.pidfile.exists())

        def test_third_stop(self):
            self.configure(daemon='uid = nobody', test='hang = yes')
            pid = self.start()
            insist(pid)
            wait_until(lambda: not self.pidfile.exists())

        def test_log_file(self):
            """It is made while there are the rights to do so, and written without them."""
            log = self.folder / 'run' / 'daemon.log'
            self.configure(daemon='uid = nobody', test=f'[logging:file]\npath = {log}\n')
            pid = self.start('-v')
            self.assertEqual(log.stat().st_uid, NOBODY.pw_uid)
            wait_until(lambda: 'is running' in log.read_text())
            self.assert_ends(pid)
            self.assertIn('is exiting', log.read_text())

        def test_log_file_of_somebody(self):
            """A file that is there is not given away."""
            log = self.folder / 'run' / 'daemon.log'
            log.write_text('mine\n')
            log.chmod(0o600)
            self.configure(daemon='uid = nobody', test=f'[logging:file]\npath = {log}\n')
            outcome = self.call('-d')
            self.assertEqual(outcome.returncode, 1)
            self.assertIn(f'“{log}”: Permission denied', outcome.stderr)
            self.assertEqual((log.stat().st_uid, log.read_text()), (0, 'mine\n'))

        def test_keeper_survives_signals(self):
            """A service manager signals all processes of a service."""
            pid = self.start_as('uid = nobody')
            keeper = int(read_stat(pid)[1])
            os.kill(keeper, signal.SIGTERM)
            os.kill(keeper, signal.SIGHUP)
            self.assertTrue(is_alive(keeper))
            self.assertEqual(read_status(keeper)['Uid'].split()[0], '0')
            self.assert_ends(pid)
            wait_until(lambda: not is_alive(keeper))


if is_root and is_public:
    class Unprivileged(DaemonCase):

        def test_usual_place(self):
            configuration = self.folder.configure('')
            options = {'env': environment(XDG_RUNTIME_DIR=str(self.folder.path)), 'user': 'nobody'}
            pidfile = self.folder / f'{pathlib.Path(PROGRAM).name}.pid'
            self.assertEqual(run(PROGRAM, '-c', configuration, '-d', **options).returncode, 0)
            self.assertTrue(pidfile.exists())
            self.assertEqual(run(PROGRAM, '-c', configuration, '-k', **options).returncode, 0)
            self.assertFalse(pidfile.exists())

        def test_kill_of_root(self):
            """The daemon of somebody else is not to be ended."""
            pid = self.start(umask=0o022)
            outcome = self.call('-k', user='nobody', group=NOBODY.pw_gid, extra_groups=[])
            self.assertEqual(outcome.returncode, 1)
            self.assertIn(f'Process {pid} does not take signals', outcome.stderr)
            self.assertTrue(is_alive(pid))

        def test_identity(self):
            """Who is not root cannot become somebody else, but may be named."""
            for user, status in (('nobody', 0), ('root', 1)):
                self.configure(daemon=f'uid = {user}')
                outcome = self.call('-d', user='nobody', group=NOBODY.pw_gid, extra_groups=[])
                self.assertEqual(outcome.returncode, status, outcome.stderr)
                self.call('-k')
            self.assertIn('Cannot become user 0', outcome.stderr)


unittest.main(verbosity=2)
