#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The include rules: public headers stand alone in C and C++ and see nothing private, and a folder includes only from
the folders above it.

usage: headers.py BUILD-FOLDER PUBLIC-HEADER...
"""

import concurrent.futures
import pathlib
import re
import shutil
import subprocess
import sys

from tree import ROOT, Report, files, read

PACKAGES = ['gio-2.0', 'json-glib-1.0']  # what asab-glib-1.0.pc requires
COMPILERS = {'c': ['gcc', '-std=gnu11'], 'c++': ['g++', '-std=c++17']}

report = Report()
build_folder = sys.argv[1]
public = [pathlib.Path(header).resolve().relative_to(ROOT) for header in sys.argv[2:]]
flags = subprocess.check_output(['pkg-config', '--cflags', *PACKAGES], text=True).split()

# Meson enters the folders in the order in which they may include each other.
order = re.findall(r"^ *subdir\('(\w+)'\)", read('asab-glib/meson.build'), re.MULTILINE)


def stands_alone(header):
    """What the compilers have to say about a file that includes nothing but this header."""
    for language, (compiler, standard) in COMPILERS.items():
        if shutil.which(compiler) is None:
            continue
        command = [compiler, '-x', language, standard, '-Wall', '-Werror', '-fsyntax-only',
                   f'-I{ROOT}', f'-I{build_folder}', *flags, '-']
        run = subprocess.run(command, input=f'#include <{header}>\n', capture_output=True, text=True)
        if run.returncode != 0:
            yield f'does not stand alone in {language}:\n{run.stderr}'


def check_includes(path):
    for quote, name in re.findall(r'^#include ([<"])([^>"]+)', read(path), re.MULTILINE):
        included = path.parent / name if quote == '"' else pathlib.Path(name)

        if quote == '"' and name != 'config.h' and not (ROOT / included).exists():
            report.complain(path, f'“{name}” is of another folder: include it as <asab-glib/…>')
        if path in public and name.endswith('-private.h'):
            report.complain(path, f'is public and includes {name}')
        if included.parts[0] == 'asab-glib' and included.parts[1] in order and path.parts[1] in order:
            if order.index(included.parts[1]) > order.index(path.parts[1]):
                report.complain(path, f'includes {name}, which is of a folder below')


def check_listed(header):
    """The one header that users include leads to each of those that are installed."""
    main = 'asab-glib/asab-web.h' if header.parts[1] == 'web' else 'asab-glib/asab.h'
    if len(header.parts) > 2 and f'#include <{header}>' not in read(main):
        report.complain(header, f'is missing in {main}')


for header in public:
    check_listed(header)

for source in files('.c', '.h', under='asab-glib'):
    check_includes(source)

with concurrent.futures.ThreadPoolExecutor(2) as pool:
    for header, complaints in zip(public, pool.map(lambda header: list(stands_alone(header)), public)):
        for complaint in complaints:
            report.complain(header, complaint)

report.exit()
