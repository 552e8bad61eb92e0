# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the Python bindings share."""

import functools
import gc
import inspect
import subprocess
import sys
import unittest

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab, GLib  # noqa: E402


def asynchronous(test):
    """Runs a test that is a coroutine function on asyncio and the main loop."""
    @functools.wraps(test)
    def run(self):
        Asab.run(test(self))

    return run


class TestCase(unittest.TestCase):
    def assert_dies(self, reference):
        """Asserts that nobody holds what a weak reference stands for, once the main loop has come to rest."""
        context = GLib.MainContext.default()
        for _ in range(3):
            gc.collect()
            while context.iteration(False):
                pass
        self.assertIsNone(reference())

    def run_program(self, function, *args, status=0):
        """Runs a function in a process of its own, as a process has one application; returns what it printed."""
        name = f'{inspect.getmodule(function).__file__}:{function.__qualname__}'
        done = subprocess.run([sys.executable, __file__, name, *args], capture_output=True, encoding='utf-8',
                              timeout=60, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)

        return done.stdout, done.stderr


def main():
    unittest.main(verbosity=2)


if __name__ == '__main__':
    import runpy

    # The function finds the arguments behind the name of the program.
    path, function_name = sys.argv.pop(1).rsplit(':', 1)
    sys.exit(runpy.run_path(path, run_name='program')[function_name]())
