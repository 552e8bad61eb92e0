# SPDX-License-Identifier: LGPL-2.1-or-later
"""The fibers of bench-gather against asyncio, which does the same with a semaphore, turn by turn."""

import asyncio
import statistics
import subprocess
import time

JOBS = 10000
LIMIT = 100
ROUNDS = 11


async def job(number):
    await asyncio.sleep(0)

    return number


async def limited(semaphore, awaitable):
    async with semaphore:
        return await awaitable


async def gather():
    semaphore = asyncio.Semaphore(LIMIT)
    results = await asyncio.gather(*(limited(semaphore, job(number)) for number in range(JOBS)))
    assert sum(results) == JOBS * (JOBS - 1) // 2


def time_peer():
    start = time.perf_counter_ns()
    asyncio.run(gather())

    return time.perf_counter_ns() - start


def time_ours(process):
    process.stdin.write('\n')
    process.stdin.flush()

    return int(process.stdout.readline())


def run(builddir):
    """Yields one row."""
    command = builddir / 'tests/bench/bench-gather'
    with subprocess.Popen([command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        ours, peer = zip(*[(time_ours(process), time_peer()) for _ in range(ROUNDS)])
        process.stdin.close()

    yield {'suite': 'async', 'case': f'gather of {JOBS:,} fibers, {LIMIT} at a time',
           'ours': statistics.median(ours) / JOBS, 'peer': statistics.median(peer) / JOBS,
           'peer_name': 'asyncio with a semaphore', 'unit': 'ns', 'sense': 'peer/ours >=', 'target': 5}
