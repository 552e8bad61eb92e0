# SPDX-License-Identifier: LGPL-2.1-or-later
"""Round trips through servers that echo: each on one core, the load on another one, turn by turn."""

import contextlib
import re
import resource
import statistics
import subprocess
import sys

from web import pinned

ASYNCIO_SERVER = '''
import asyncio, socket

class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        transport.get_extra_info('socket').setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data):
        self.transport.write(data)

async def main():
    server = await asyncio.get_running_loop().create_server(Echo, '127.0.0.1', 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
asyncio.run(main())
'''
SERVERS = {'epoll': 'epoll in C', 'uv': 'libuv', 'gio': 'GSocketService, stream reads',
           'asyncio': 'asyncio Protocol'}
CASES = (
    ('chat', 100, (('epoll', 0.85),)),
    ('chat', 5000, (('epoll', 0.85), ('uv', 1.1), ('gio', 40), ('asyncio', 1.8))),
    ('dispatcher', 5000, (('epoll', 0.85), ('uv', 1.1))),  # which looks for no records, as its peers do
)
ACTIVE = 10
ROUNDS = 5
SECONDS = 1
IDLE = min(20000, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 100)  # as many as are allowed here


@contextlib.contextmanager
def serving(program, name):
    """Starts a server, and gives its process and its port."""
    command = [sys.executable, '-c', ASYNCIO_SERVER] if name == 'asyncio' else [program, name]
    with subprocess.Popen(pinned(0, *command), stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def load(program, port, connections):
    command = pinned(1, program, 'load', port, str(connections), str(ACTIVE), str(SECONDS))

    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def resident(process):
    with open(f'/proc/{process.pid}/status', encoding='utf-8') as status:
        return int(re.search(r'VmRSS:\s+(\d+)', status.read())[1])


def measure_idle(program, name):
    """Bytes resident for each of many idle connections."""
    with serving(program, name) as (server, port):
        before = resident(server)
        with subprocess.Popen([program, 'idle', port, str(IDLE)], stdout=subprocess.PIPE, text=True) as client:
            client.stdout.readline()
            after = resident(server)
            client.kill()

    return (after - before) * 1024 / IDLE


def run(builddir):
    """Yields one row for each case."""
    program = str(builddir / 'tests/bench/bench-net')

    for ours, connections, peers in CASES:
        rates = {name: [] for name in (ours, *(peer for peer, _ in peers))}
        for _ in range(ROUNDS):
            for name, values in rates.items():
                with serving(program, name) as (_, port):
                    values.append(load(program, port, connections))
        rate = {name: statistics.median(values) for name, values in rates.items()}
        for peer, target in peers:
            yield {'suite': 'net', 'case': f'echo of a {ours}, {connections:,} connections, {ACTIVE} active',
                   'unit': 'round trips/s', 'ours': rate[ours], 'peer': rate[peer], 'peer_name': SERVERS[peer],
                   'sense': 'ours/peer >=', 'target': target}

    size = {name: statistics.median(measure_idle(program, name) for _ in range(3)) for name in ('chat', 'uv')}
    yield {'suite': 'net', 'case': f'{IDLE:,} idle connections, each', 'unit': 'bytes', 'ours': size['chat'],
           'peer': size['uv'], 'peer_name': SERVERS['uv'], 'sense': 'ours/peer <=', 'target': 1}
