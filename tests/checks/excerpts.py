#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each block of C in the documentation of a class or a function is an excerpt of a file of examples/, whole lines, and
indented as it is there or less."""

import re
import textwrap

from tree import Report, files, read

BLOCK = re.compile(r'^ \* ```c\n(?P<code>.*?)^ \* ```$', re.MULTILINE | re.DOTALL)
PREFIX = re.compile(r'^ \* ?', re.MULTILINE)


def excerpts(program, n_lines):
    lines = program.splitlines()
    for i in range(len(lines) - n_lines + 1):
        yield textwrap.dedent('\n'.join(lines[i:i + n_lines]))


report = Report()
programs = [read(example) for example in files('.c', under='examples')]

for source in files('.c', '.h', under='asab-glib'):
    for block in BLOCK.finditer(read(source)):
        code = textwrap.dedent(PREFIX.sub('', block['code'])).rstrip('\n')
        if not any(code in excerpts(program, code.count('\n') + 1) for program in programs):
            report.complain(source, f'shows what is in no example: {code.splitlines()[0].strip()}')

report.exit()
