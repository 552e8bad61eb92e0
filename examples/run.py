#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs an example and compares what it prints.

usage: run.py EXPECTED-OUTPUT COMMAND [ARGUMENT...]
"""

import pathlib
import subprocess
import sys

expected = pathlib.Path(sys.argv[1]).read_text(encoding='utf-8')
done = subprocess.run(sys.argv[2:], capture_output=True, encoding='utf-8', timeout=20, check=False)

sys.stderr.write(done.stderr)
if done.stdout != expected:
    sys.exit(f'expected:\n{expected}\nprinted:\n{done.stdout}')
if done.returncode != 0:
    sys.exit(f'ended with status {done.returncode}')
