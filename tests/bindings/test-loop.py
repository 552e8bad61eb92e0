#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""asyncio on the main loop."""

import asyncio
import signal
import subprocess
import sys
import threading
import time

from asabtest import Asab, GLib, TestCase, asynchronous, main


class LoopTest(TestCase):
    @asynchronous
    async def test_is_on_the_main_context(self):
        turns = asyncio.Queue()
        GLib.idle_add(turns.put_nowait, 'GLib')
        asyncio.get_running_loop().call_soon(turns.put_nowait, 'asyncio')
        self.assertEqual({await turns.get(), await turns.get()}, {'GLib', 'asyncio'})

    @asynchronous
    async def test_timers(self):
        order = []
        loop = asyncio.get_running_loop()
        for delay in (0.003, 0.001, 0.002):
            loop.call_later(delay, order.append, delay)
        loop.call_later(0.0005, self.fail).cancel()
        begin = time.monotonic()
        await asyncio.sleep(0.004)
        self.assertGreaterEqual(time.monotonic() - begin, 0.004)
        self.assertEqual(order, [0.001, 0.002, 0.003])

    @asynchronous
    async def test_streams(self):
        async def echo(reader, writer):
            writer.write(await reader.readline())
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(echo, '127.0.0.1', 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(b'hello\n')
            self.assertEqual(await reader.read(), b'hello\n')
            writer.close()
            await writer.wait_closed()

    @asynchronous
    async def test_subprocess(self):
        process = await asyncio.create_subprocess_exec('cat', stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        output, _ = await process.communicate(b'text')
        self.assertEqual((output, process.returncode), (b'text', 0))

    @asynchronous
    async def test_threads(self):
        self.assertNotEqual(await asyncio.to_thread(threading.get_ident), threading.get_ident())

    @asynchronous
    async def test_thread_resolves(self):
        promise = Asab.Promise.new()
        threading.Thread(target=promise.resolve, args=('from a thread',)).start()
        self.assertEqual(await promise.get_future(), 'from a thread')

    @asynchronous
    async def test_task_group_and_timeout(self):
        event = Asab.Event()
        with self.assertRaises(TimeoutError):
            async with asyncio.timeout(0.001):
                await event.wait()
        async with asyncio.TaskGroup() as group:
            task = group.create_task(asyncio.sleep(0, 'done'))
        self.assertEqual(task.result(), 'done')

    @asynchronous
    async def test_nested_main_loop(self):
        main_loop = GLib.MainLoop()
        asyncio.get_running_loop().call_soon(self.fail)  # asyncio rests while a task runs the main loop
        GLib.idle_add(main_loop.quit)
        try:
            main_loop.run()
        finally:
            asyncio.get_running_loop()._ready.clear()

    @asynchronous
    async def test_generators_are_closed(self):
        closed = asyncio.Event()

        async def generate():
            try:
                yield 1
            finally:
                closed.set()

        async for _ in generate():
            break
        await closed.wait()

    @asynchronous
    async def test_signal(self):
        received = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, received.set)
        signal.raise_signal(signal.SIGUSR1)
        await received.wait()
        loop.remove_signal_handler(signal.SIGUSR1)

    def test_not_running_afterwards(self):
        Asab.run(asyncio.sleep(0))
        with self.assertRaises(RuntimeError):
            asyncio.get_running_loop()

    def test_interrupt(self):
        _, errors = self.run_program(interrupt)
        self.assertNotIn('Traceback', errors)


def interrupt():
    """Ctrl-C ends an application, and afterwards Python, as it does without one."""
    class Application(Asab.Application):
        async def main(self):
            signal.raise_signal(signal.SIGINT)

    Application().run([sys.argv[0]])
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        return 0

    return 1


if __name__ == '__main__':
    main()
