# SPDX-License-Identifier: LGPL-2.1-or-later
"""asyncio on the main context of GLib.

The selector of asyncio's loop is an epoll set, and the file descriptor of an epoll set can itself be polled. So one
GSource that watches this descriptor, the time of the next timer and the queue of what is ready is all it takes; when it
is dispatched, asyncio makes one of its turns, which never blocks.
"""

import asyncio
import contextlib
import math
import selectors
import signal
import sys
import threading

from gi.repository import GLib


class _Selector(selectors.EpollSelector):
    """Looks what is ready, but leaves waiting to GLib."""

    def select(self, timeout=None):
        return super().select(0)


class _Source(GLib.Source):
    def __init__(self, loop):
        super().__init__()
        self._loop = loop
        self._tag = self.add_unix_fd(loop._selector.fileno(), GLib.IOCondition.IN)
        self.set_name('asyncio')

    def prepare(self):
        delay = self._loop.get_delay()

        return delay == 0, -1 if delay is None else math.ceil(delay * 1000)

    def check(self):
        return self._loop.get_delay() == 0 or self.query_unix_fd(self._tag) != 0

    def dispatch(self, _callback, _args):
        self._loop.turn()

        return GLib.SOURCE_CONTINUE


class GLibEventLoop(asyncio.SelectorEventLoop):
    """asyncio's loop as a source of the default main context."""

    def __init__(self):
        super().__init__(_Selector())
        self._source = None
        self._main_loop = None

    def get_delay(self):
        """The seconds until there is something to do; None if that only a file descriptor can tell."""
        if self._ready or self._stopping:
            return 0
        if not self._scheduled:
            return None

        return max(0, self._scheduled[0].when() - self.time())

    def turn(self):
        """Runs what is ready. A main loop inside of a task does not get here: GLib does not let sources recurse."""
        self._run_once()
        if self._stopping and self._main_loop is not None:
            self._main_loop.quit()

    @contextlib.contextmanager
    def attached(self):
        """Makes this the running loop of the thread, for whatever iterates the main context."""
        self._check_closed()
        hooks = sys.get_asyncgen_hooks()
        self._thread_id = threading.get_ident()
        sys.set_asyncgen_hooks(firstiter=self._asyncgen_firstiter_hook, finalizer=self._asyncgen_finalizer_hook)
        asyncio._set_running_loop(self)
        self._source = _Source(self)
        self._source.attach(None)
        try:
            yield self
        finally:
            self._source.destroy()
            self._source = None
            asyncio._set_running_loop(None)
            sys.set_asyncgen_hooks(*hooks)
            self._thread_id = None

    def run_forever(self):
        self._check_running()
        self._main_loop = GLib.MainLoop()
        try:
            with self.attached():
                self._main_loop.run()
        finally:
            self._main_loop = None
            self._stopping = False


def _close(loop):
    """Ends what is left behind, as asyncio.run () does."""
    try:
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()


@contextlib.contextmanager
def _sigint_kept():
    """GLib leaves the default handler behind when its own for Ctrl-C goes; this gives Python's back."""
    try:
        yield
    finally:
        handler = signal.getsignal(signal.SIGINT)
        if handler is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, handler)


@contextlib.contextmanager
def running_loop():
    """Lets asyncio run on the default main context; where one of its loops runs already, that is the one."""
    if asyncio._get_running_loop() is not None:
        yield
        return

    loop = GLibEventLoop()
    try:
        with _sigint_kept(), loop.attached():
            yield
    finally:
        _close(loop)
