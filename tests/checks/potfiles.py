#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""po/POTFILES names every source with a message to translate, and no other, in alphabetical order."""

import re

from tree import Report, files, read

MESSAGE = re.compile(r"""(?<!\w)(?:N?C?_|Q_|(?:g_)?d?n?gettext|g_dpgettext2?)\s*\(\s*(?:\w+,\s*)?["']""")

report = Report()
listed = [line for line in read('po/POTFILES').splitlines() if line and not line.startswith('#')]
translated = {str(path)
              for folder in ('asab-glib', 'bindings')
              for path in files('.c', '.h', '.py', '.js', '.vala', under=folder)
              if MESSAGE.search(read(path))}

for path in translated - set(listed):
    report.complain(path, 'has messages and is not in po/POTFILES')
for path in set(listed) - translated:
    report.complain(path, 'is in po/POTFILES and has no messages')
if listed != sorted(set(listed)):
    report.complain('po/POTFILES', 'is not sorted')

report.exit()
