#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each block of code in the documents that names a file of examples/ just above it is that file, word for word but for
the lines about its licence and its interpreter."""

import re

from tree import ROOT, Report, files, read

# A link to the file, alone in its paragraph, then the block.
BLOCK = re.compile(r'^\[`(?P<file>examples/[^`]+)`\]\([^)]+\):?\n\n```\w*\n(?P<code>.*?)^```$',
                   re.MULTILINE | re.DOTALL)

report = Report()


def program(text):
    lines = text.splitlines()
    while lines and (not lines[0] or lines[0].startswith('#!') or 'SPDX-License-Identifier' in lines[0]):
        del lines[0]
    return lines



for document in files('.md'):
    for block in BLOCK.finditer(read(document)):
        example = block['file']
        if not (ROOT / example).exists():
            report.complain(document, f'shows {example}, which does not exist')
        elif program(block['code']) != program(read(example)):
            report.complain(document, f'does not show {example} as it is')

report.exit()
