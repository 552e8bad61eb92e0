#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints the result of a build folder's last test run in one line."""

import json
import pathlib
import sys

GOOD = {'OK', 'EXPECTEDFAIL'}
NEUTRAL = {'SKIP', 'IGNORED'}

logs = pathlib.Path(sys.argv[1], 'meson-logs').glob('testlog*.json')
results = [json.loads(line)['result'] for log in logs for line in log.read_text().splitlines()]
passed = sum(result in GOOD for result in results)
failed = sum(result not in GOOD | NEUTRAL for result in results)
print(f'{passed} passed, {failed} failed')
