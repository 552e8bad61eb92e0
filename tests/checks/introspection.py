#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What g-ir-scanner lets pass without a warning.

A function that bindings cannot call has to say so with (skip), and what they can call must be described completely: the
scanner takes an array of bytes for a number, a string list for one string, and a container of anything for granted.

usage: introspection.py GIR SOURCE-FOLDER
"""

import re
import sys
import xml.etree.ElementTree as ET

from tree import Report, files, read

GIR = '{http://www.gtk.org/introspection/core/1.0}'
C = '{http://www.gtk.org/introspection/c/1.0}'
CONTAINERS = {'GLib.List', 'GLib.SList', 'GLib.HashTable', 'GLib.PtrArray', 'GLib.Array'}
CALLABLES = ('function', 'method', 'constructor', 'virtual-method', 'callback')

report = Report()


def marked_as_skipped():
    """The symbols whose documentation says (skip)."""
    skipped = set()
    for path in files('.c', '.h', under=sys.argv[2]):
        skipped.update(re.findall(r'^ *\* ([\w:]+): .*\(skip\)', read(path), re.MULTILINE))
    return skipped


def check_type(name, node):
    kind = node.find(GIR + 'type')
    if kind is None:
        return
    c_type = kind.get(C + 'type') or ''
    out = node.get('direction', 'in') != 'in'
    if kind.get('name') == 'guint8' and c_type.count('*') > out:
        report.complain(name, f'{c_type}: bytes without (array)')
    if kind.get('name') == 'utf8' and c_type.count('*') > 1 + out:
        report.complain(name, f'{c_type}: strings without (array) or (out)')
    if kind.get('name') in CONTAINERS and kind.find(GIR + 'type') is None:
        report.complain(name, f'{c_type} without (element-type)')
    if node.get('scope') == 'forever':
        report.complain(name, '(scope forever), which PyGObject does not know')


namespace = ET.parse(sys.argv[1]).getroot().find(GIR + 'namespace')
skipped = marked_as_skipped()

for owner in [namespace, *namespace]:
    for node in owner:
        if node.tag.removeprefix(GIR) not in CALLABLES:
            continue
        name = node.get(C + 'identifier') or node.get(C + 'type')
        if name is None:
            name = f"{owner.get(C + 'type')}Class::{node.get('name')}"
        if node.get('introspectable') == '0':
            if name not in skipped:
                report.complain(name, 'cannot be called from bindings and is not marked (skip)')
            continue
        for part in [node.find(GIR + 'return-value'), *node.iter(GIR + 'parameter')]:
            check_type(name, part)

report.exit()
