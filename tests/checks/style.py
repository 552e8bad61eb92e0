#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What .editorconfig asks of every file, and a licence at the top of every source."""

from tree import Report, files, read

CODE = {'.c', '.h', '.cc', '.py', '.js', '.vala', '.sh', '.build'}
TEXT = CODE | {'.md', '.toml', '.conf', '.txt', '.in', '.metadata', '.supp'}
LONGEST = 120

report = Report()

for path in files(*TEXT):
    if path.parts[0] == 'LICENSES':
        continue

    try:
        text = read(path)
    except UnicodeDecodeError:
        report.complain(path, 'is not UTF-8')
        continue

    if text and not text.endswith('\n'):
        report.complain(path, 'does not end with a newline')
    if text.endswith('\n\n'):
        report.complain(path, 'ends with an empty line')
    if path.suffix in CODE and 'SPDX-License-Identifier: ' not in '\n'.join(text.splitlines()[:3]):
        report.complain(path, 'does not tell its licence')
    if path.suffix == '.h' and '#pragma once' not in text:
        report.complain(path, 'lacks #pragma once')

    for number, line in enumerate(text.split('\n'), 1):
        where = f'{path}:{number}'
        if line != line.rstrip():
            report.complain(where, 'trailing white space')
        if '\t' in line:
            report.complain(where, 'a tab')
        if path.suffix in CODE and len(line) > LONGEST:
            report.complain(where, f'longer than {LONGEST} columns')

report.exit()
