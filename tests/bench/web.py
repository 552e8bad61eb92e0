# SPDX-License-Identifier: LGPL-2.1-or-later
"""wrk against the servers of bench-web: each on one core, wrk on another one, turn by turn."""

import contextlib
import os
import re
import statistics
import subprocess

SERVERS = {'asab': 'asab-glib', 'soup': 'SoupServer, backlog 1024', 'microhttpd': 'libmicrohttpd, bare callback'}
ROUNDS = 5
SECONDS = 2
CONNECTIONS = 64


def pinned(core, *command):
    return ['taskset', '-c', str(core), *command] if os.cpu_count() > 1 else command


@contextlib.contextmanager
def serving(builddir, name):
    """Starts a server, its access log going to a file, and gives its process and its address."""
    command = pinned(0, str(builddir / 'tests/bench/bench-web'), name)
    with open(builddir / f'bench-web-{name}.log', 'w', encoding='utf-8') as log:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process:
            try:
                yield process, process.stdout.readline().strip()
            finally:
                process.kill()


def load(address):
    """Returns requests a second and the 99th percentile of the latency in milliseconds."""
    command = pinned(1, 'wrk', '-t1', f'-c{CONNECTIONS}', f'-d{SECONDS}s', '--latency', address)
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if 'Socket errors' in output or 'Non-2xx' in output:
        raise RuntimeError(output)
    value, unit = re.search(r'99%\s+([\d.]+)(us|ms|s)\n', output).groups()

    return (float(re.search(r'Requests/sec:\s+([\d.]+)', output)[1]),
            float(value) * {'us': 0.001, 'ms': 1, 's': 1000}[unit])


def peak_resident(process):
    with open(f'/proc/{process.pid}/status', encoding='utf-8') as status:
        return int(re.search(r'VmHWM:\s+(\d+)', status.read())[1])


def run(builddir):
    """Yields one row for each case."""
    rates = {name: [] for name in SERVERS}
    latencies = {name: [] for name in SERVERS}

    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(serving(builddir, name)) for name in SERVERS}
        for _ in range(ROUNDS):
            for name, (_, address) in servers.items():
                rate, latency = load(address)
                rates[name].append(rate)
                latencies[name].append(latency)
        resident = {name: peak_resident(process) for name, (process, _) in servers.items()}

    def row(case, unit, values, peer, **target):
        return {'suite': 'web', 'case': case, 'ours': values['asab'], 'peer': values[peer],
                'peer_name': SERVERS[peer], 'unit': unit, **target}

    rate = {name: statistics.median(values) for name, values in rates.items()}
    latency = {name: statistics.median(values) for name, values in latencies.items()}
    for peer, target in ('soup', 3), ('microhttpd', 0.75):
        yield row('hello, 64 connections', 'requests/s', rate, peer, sense='ours/peer >=', target=target)
    for peer in 'soup', 'microhttpd':
        yield row('hello, 64 connections, 99th percentile', 'ms', latency, peer)
    for peer in 'soup', 'microhttpd':
        yield row('peak resident size under load', 'KiB', resident, peer)
