# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests of real processes share."""

import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

TIMEOUT = 60


def environment(**more):
    """This process's, without what would change how an application behaves."""
    unwanted = {'ASAB_CONFIG', 'ASAB_VERBOSE', 'G_DEBUG', 'G_MESSAGES_DEBUG', 'NOTIFY_SOCKET'}
    return {name: value for name, value in os.environ.items() if name not in unwanted} | more


def unshare():
    """The command before a command that may mount, which nobody else sees.

    That takes root, or the right to become one in a user namespace. In a changed root only the last one works.
    """
    for options in (['-rm'], ['-m'], ['-m', '--propagation', 'unchanged']):
        command = ['unshare', *options]
        if subprocess.run([*command, 'true'], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return command
    sys.exit('This test needs a mount namespace, so root or unprivileged user namespaces')


def become_alone(command):
    """Runs this program again after a command of the shell, with which it may mount."""
    if os.environ.pop('ASAB_TEST_IS_ALONE', None):
        return
    script = f'set -e; {command}; exec {shlex.join([sys.executable, *sys.argv])}'
    arguments = [*unshare(), 'sh', '-c', script]
    os.execvpe(arguments[0], arguments, {**os.environ, 'ASAB_TEST_IS_ALONE': '1'})


def wait_until(condition, timeout=TIMEOUT):
    """Returns what the condition comes to, when that is something."""
    deadline = time.monotonic() + timeout
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.01)
    return result


def is_alive(pid):
    """Whether the process lives; a zombie does not."""
    try:
        return pathlib.Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except (FileNotFoundError, ProcessLookupError):
        return False


class Folder:
    """A temporary folder that everybody may write to, with a configuration file in it."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name).resolve()
        self.path.chmod(0o1777)
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def __truediv__(self, name):
        return self.path / name

    def configure(self, text):
        path = self / 'test.conf'
        path.write_text(text)
        return path


def run(*command, **options):
    """Runs a command to its end; what it leaves in the background must not keep its output open."""
    options.setdefault('env', environment())
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, **options)
