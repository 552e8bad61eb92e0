# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the checks share: the files of the source tree, and a report that becomes the exit status."""

import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def files(*suffixes, under='.'):
    """The files of the source tree, sorted; build folders and hidden ones are no part of it."""
    found = []
    for folder, folders, names in os.walk(ROOT / under):
        folders[:] = [f for f in folders if not f.startswith(('build', '.', '__pycache__'))]
        found += [pathlib.Path(folder, name) for name in names]
    return sorted(f.relative_to(ROOT) for f in found if not suffixes or f.suffix in suffixes)


def read(path):
    return (ROOT / path).read_text(encoding='utf-8')


class Report:
    """Collects what is wrong, and tells it at the end."""

    def __init__(self):
        self.complaints = []

    def complain(self, where, what):
        self.complaints.append(f'{where}: {what}')

    def exit(self):
        print('\n'.join(self.complaints))
        sys.exit(1 if self.complaints else 0)
