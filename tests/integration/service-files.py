#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tries the files of data/ as far as a machine without their users can: units and fragments with systemd's own tools,
the script of OpenRC with functions that note what they are asked for, and of the image what it needs, and how it is
asked whether it is well.

usage: service-files.py BUILD-FOLDER DATA-FOLDER DEV-SCRIPT LAB-GATEWAY LIBRARY...
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import socket
import subprocess
import sys
import unittest

from processes import Folder, environment, run, wait_until

BUILD, DATA, DEV, GATEWAY, *LIBRARIES = (pathlib.Path(path).absolute() for path in sys.argv[1:])
del sys.argv[1:]

WORST_EXPOSURE = 20  # tenths, of 100
HAS_DPKG = shutil.which('dpkg') is not None
OWN = ('libasab-', 'ld-linux')  # our libraries, and what comes with every C library


class FilesCase(unittest.TestCase):

    def setUp(self):
        self.folder = self.enterContext(Folder())

    def succeed(self, *command, **options):
        outcome = run(*command, **options)
        self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)
        return outcome.stdout + outcome.stderr


class Systemd(FilesCase):

    def test_exposure(self):
        self.succeed('systemd-analyze', 'security', '--offline=true', f'--threshold={WORST_EXPOSURE}', '--no-pager',
                     DATA / 'systemd' / 'asab-app.service')

    def test_units(self):
        """systemd has nothing to say about the units, once there is a program to start."""
        for name in ('asab-app.service', 'asab-app.socket'):
            text = (DATA / 'systemd' / name).read_text()
            (self.folder / name).write_text(text.replace('/usr/bin/asab-app', str(GATEWAY)))
        output = self.succeed('systemd-analyze', 'verify', '--man=no', self.folder / 'asab-app.service',
                              self.folder / 'asab-app.socket')
        self.assertEqual(output, '')

    def test_user(self):
        (self.folder / 'etc').mkdir()
        self.succeed('systemd-sysusers', f'--root={self.folder.path}', DATA / 'systemd' / 'asab-app.sysusers')
        self.assertRegex((self.folder / 'etc' / 'passwd').read_text(), r'(?m)^asab-app:.*:/var/lib/asab-app:')
        self.assertRegex((self.folder / 'etc' / 'group').read_text(), r'(?m)^asab-app:')

    def test_folders(self):
        text = (DATA / 'systemd' / 'asab-app.tmpfiles').read_text()
        path = self.folder / 'asab-app.conf'
        path.write_text(text.replace('asab-app asab-app -', '- - -'))
        self.succeed('systemd-tmpfiles', '--create', f'--root={self.folder.path}', path)
        for folder in ('run', 'var/lib', 'var/cache', 'var/log'):
            self.assertEqual((self.folder / folder / 'asab-app').stat().st_mode & 0o777, 0o750)


class OpenRC(FilesCase):
    """Functions and commands of OpenRC write down how they were called."""

    FUNCTIONS = ('need', 'use', 'after', 'checkpath', 'ebegin', 'eend')

    def setUp(self):
        super().setUp()
        self.notes = self.folder / 'notes'
        for name in ('supervise-daemon', 'program'):
            command = self.folder / name
            command.write_text(f'#!/bin/sh\necho {name} "$@" >>{self.notes}\n')
            command.chmod(0o755)

    def call(self, function):
        stubs = ''.join(f'{name} () {{ echo {name} "$@" >>{self.notes}; }}\n' for name in self.FUNCTIONS)
        script = f'set -e\nRC_SVCNAME=my-app\ncommand={self.folder / "program"}\nasab_app_args=-v\n{stubs}' \
                 f'. {DATA / "openrc" / "asab-app.confd"}\n. {DATA / "openrc" / "asab-app.initd"}\n{function}\n'
        output = self.succeed('sh', '-c', script, env=environment(PATH=f'{self.folder.path}:{os.environ["PATH"]}'))
        return output, self.notes.read_text().splitlines() if self.notes.exists() else []

    def test_syntax(self):
        self.succeed('sh', '-n', DATA / 'openrc' / 'asab-app.initd')
        self.succeed('sh', '-n', DATA / 'openrc' / 'asab-app.confd')

    def test_variables(self):
        output, _ = self.call('echo "$supervisor $command $command_args $command_user $pidfile $STATE_DIRECTORY"')
        self.assertEqual(output, f'supervise-daemon {self.folder / "program"} -c /etc/my-app.conf -v asab-app:asab-app '
                                 '/run/my-app.pid /var/lib/my-app\n')

    def test_depend(self):
        self.assertEqual(self.call('depend')[1], ['need net localmount', 'use dns logger', 'after firewall'])

    def test_start(self):
        _, notes = self.call('start_pre')
        self.assertRegex(notes[0], '^checkpath --directory --mode 0750 --owner asab-app:asab-app /var/lib/my-app ')
        self.assertEqual(notes[1:], ['program -c /etc/my-app.conf --check-config'])

    def test_stop(self):
        """Only a restart depends on a configuration to start with."""
        self.assertEqual(self.call('RC_CMD=stop; stop_pre')[1], [])
        self.assertEqual(self.call('RC_CMD=restart; stop_pre')[1], ['program -c /etc/my-app.conf --check-config'])

    def test_reload(self):
        _, notes = self.call('reload')
        self.assertEqual(notes[2], 'supervise-daemon my-app --signal HUP --pidfile /run/my-app.pid')


class Container(FilesCase):

    def setUp(self):
        super().setUp()
        text = (DATA / 'container' / 'Dockerfile').read_text()
        text = re.sub(r'(?m)^#.*\n', '', text).replace('\\\n', ' ')
        stages = [self.parse(stage) for stage in re.split(r'(?m)^(?=FROM )', text) if stage.strip()]
        self.build, self.image = stages

    def parse(self, stage):
        """The instructions of a stage as pairs."""
        return [tuple(re.split(r'\s+', line, maxsplit=1)) for line in stage.splitlines() if line.strip()]

    def get(self, name):
        value, = (rest for instruction, rest in self.image if instruction == name)
        return value

    def packages(self, stage):
        commands = ' && '.join(rest for instruction, rest in stage if instruction == 'RUN').split('&&')
        words, = (shlex.split(command) for command in commands if 'apt-get install' in command)
        return {word for word in words[2:] if not word.startswith('-')}

    def test_user(self):
        self.assertRegex(self.get('USER'), r'^[1-9]\d+:[1-9]\d+$')

    def test_programs(self):
        self.assertEqual(json.loads(self.get('ENTRYPOINT')), ['/usr/bin/asab-app'])
        self.assertEqual(json.loads(self.get('CMD')), ['-c', '/etc/asab-app.conf'])
        self.succeed(GATEWAY, '-c', DATA / 'container' / 'asab-app.conf', '--check-config')

    def test_shell(self):
        for instruction, rest in self.build + self.image:
            if instruction == 'RUN':
                self.succeed('sh', '-n', '-c', rest)

    def test_packages_to_build(self):
        """All of them are among those that the development script installs, or come with what that installs."""
        wanted = self.packages(self.build) - {'libc6-dev'}
        self.assertEqual(wanted - set(DEV.read_text().replace("'", ' ').split()), set())

    def test_dependencies(self):
        """What this build is made with is in a package that the image is built with; it has no bindings."""
        if not HAS_DPKG:
            return
        names = {d['name'] for d in json.loads(self.succeed('meson', 'introspect', BUILD, '--dependencies'))}
        packages = {self.find_package(f'pkgconfig/{name}.pc') for name in names - {'gobject-introspection-1.0'}}
        self.assertEqual(packages - self.packages(self.build), set())

    def test_packages_to_run(self):
        """Each shared library that ours are linked with is in a package of the image."""
        if not HAS_DPKG:
            return
        packages = set()
        for binary in (GATEWAY, *LIBRARIES):
            needed = re.findall(r'NEEDED +(\S+)', self.succeed('objdump', '-p', binary))
            paths = dict(re.findall(r'(\S+) => (\S+)', self.succeed('ldd', binary)))
            packages |= {self.find_package_of_library(paths[name]) for name in needed if not name.startswith(OWN)}
        self.assertEqual(packages - self.packages(self.image), {'libc6'})

    def find_package_of_library(self, path):
        """The folder may be known by another name, as /lib is /usr/lib today."""
        return self.find_package('/'.join(pathlib.Path(path).parts[-2:]))

    def find_package(self, end):
        """The package with the file whose path ends so."""
        return self.succeed('dpkg', '-S', f'*/{end}').splitlines()[0].split(':')[0]

    def test_health(self):
        """The check tells a gateway that answers from one that is not there."""
        with socket.create_server(('127.0.0.1', 0)) as listener:
            port = listener.getsockname()[1]
        check = json.loads(self.get('HEALTHCHECK').partition('CMD ')[2])
        check = [word.replace('/8080', f'/{port}') for word in check]
        self.assertNotEqual(run(*check).returncode, 0)

        gateway = subprocess.Popen([GATEWAY, '-c', self.folder.configure(f'[web]\nlisten = 127.0.0.1 {port}\n')],
                                   env=environment(STATE_DIRECTORY=str(self.folder / 'state')),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: run(*check).returncode == 0)
            wrong = [word.replace('/health', '/nowhere') for word in check]
            self.assertNotEqual(run(*wrong).returncode, 0)
        finally:
            gateway.terminate()
            gateway.wait()


unittest.main(verbosity=2)
