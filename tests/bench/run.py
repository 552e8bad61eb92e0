#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the benchmarks and prints their table, which is also written to bench.json in the build folder.

Each row tells what its ratio is, ours divided by the peer's or the peer's divided by ours, and what it is to reach, if
it is; without a peer it may tell what ours is to be at most. A target that is missed is no failure; a benchmark that
does not run is.
"""

import argparse
import itertools
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import gather
import net
import web

PROGRAMS = ('pubsub', 'timers', 'async', 'log', 'memory', 'start')
SERVERS = {'net': net, 'web': web}
COUNTED = ('pubsub', 'timers', 'async')
KEYS = ('suite', 'case', 'ours', 'peer', 'peer_name', 'unit', 'sense', 'ratio', 'target', 'met')


def run_program(program):
    output = subprocess.run([program], check=True, stdout=subprocess.PIPE, text=True).stdout

    return [json.loads(line) for line in output.splitlines()]


def read_count(dump):
    return int(re.search(r'^(?:totals|summary): (\d+)', dump.read_text(), re.MULTILINE)[1])


def count(program):
    """The instructions of each call, exact where the clock is not."""
    with tempfile.TemporaryDirectory() as folder:
        command = ['valgrind', '--tool=callgrind', '--instr-atstart=no', f'--callgrind-out-file={folder}/out',
                   f'--log-file={folder}/log', program, '--count']
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        rows = [json.loads(line) for line in output.splitlines()]

        dumps = itertools.count(1)
        for row in rows:
            for side, calls in (('ours', 'our_calls'), ('peer', 'peer_calls')):
                if calls in row:
                    row[side] = read_count(pathlib.Path(folder, f'out.{next(dumps)}')) / row.pop(calls)

    return rows


def judge(row):
    """Completes a row with its ratio, and whether that meets the target."""
    row = dict.fromkeys(KEYS) | row
    if row['peer'] is None:
        reached = row['ours']
    else:
        row['sense'] = row['sense'] or 'ours/peer'
        reached = row['peer'] / row['ours'] if row['sense'].startswith('peer/ours') else row['ours'] / row['peer']
        row['ratio'] = reached
    if row['target'] is not None:
        row['met'] = reached <= row['target'] if row['sense'].endswith('<=') else reached >= row['target']

    return row


def format_number(value):
    if value is None:
        return ''

    return f'{value:,.0f}' if value >= 1000 else f'{value:.3g}'


def format_row(row):
    target = row['sense'] or ''
    if row['target'] is not None:
        target += f" {row['target']:g}"
    met = {None: '', True: 'yes', False: 'NO'}[row['met']]

    return (row['suite'], row['case'], format_number(row['ours']), format_number(row['peer']), row['peer_name'] or '',
            row['unit'], format_number(row['ratio']), target, met)


def print_table(rows):
    table = [('suite', 'case', 'ours', 'peer', 'peer name', 'unit', 'ratio', 'target', 'met')]
    table += [format_row(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table)]

    for line in table:
        cells = (cell.rjust(width) if i in (2, 3, 6) else cell.ljust(width)
                 for i, (cell, width) in enumerate(zip(line, widths)))
        print('  '.join(cells).rstrip())


def run_suite(builddir, name):
    print(f'Running {name}', file=sys.stderr)
    if name in SERVERS:
        return list(SERVERS[name].run(builddir))

    program = builddir / f'tests/bench/bench-{name}'
    rows = run_program(program)
    if name in COUNTED and shutil.which('valgrind'):
        rows += count(program)
    if name == 'async':
        rows += gather.run(builddir)

    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--builddir', type=pathlib.Path, required=True)
    parser.add_argument('name', nargs='?', choices=(*PROGRAMS, *SERVERS), help='run only the suite of this name')
    arguments = parser.parse_args()

    builddir = arguments.builddir.resolve()
    built = [name for name in SERVERS if (builddir / f'tests/bench/bench-{name}').exists()]
    suites = [arguments.name] if arguments.name else [*PROGRAMS, *built]

    rows = [judge(row) for name in suites for row in run_suite(builddir, name)]
    (builddir / 'bench.json').write_text(json.dumps(rows, indent=1) + '\n', encoding='utf-8')
    print_table(rows)


if __name__ == '__main__':
    try:
        main()
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        sys.exit(f'A benchmark could not run: {error}')
