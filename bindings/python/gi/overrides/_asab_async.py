# SPDX-License-Identifier: LGPL-2.1-or-later
"""Futures that can be awaited, coroutines as futures, and functions that C may call where it wants a future.

A coroutine is driven by asyncio where its loop runs, which is so in Application.run () and Asab.run (), else by a few
lines here. An exception rides in a rejected future beside its error: C sees the error, Python the exception.
"""

import asyncio
import functools
import inspect
import traceback

from gi.module import get_introspection_module
from gi.repository import Gio, GLib, GObject

from gi.overrides._asab_loop import running_loop

Asab = get_introspection_module('Asab')
Future, FutureSet, Promise = Asab.Future, Asab.FutureSet, Asab.Promise


# Values

def to_value(value):
    """What makes a GValue that holds `value`: by itself PyGObject takes 32 bits for each integer, and no None."""
    if isinstance(value, int) and not isinstance(value, bool):
        if -2**63 <= value < 2**63:
            return GObject.Value(GObject.TYPE_INT64, value)
        if 0 <= value < 2**64:
            return GObject.Value(GObject.TYPE_UINT64, value)
    elif value is not None and not isinstance(value, (list, tuple)):
        return value

    return GObject.Value(GObject.TYPE_PYOBJECT, value)


def from_value(value):
    """What PyGObject makes of a GValue, but a boxed value as a copy: PyGObject lends what the GValue holds."""
    if isinstance(value, FutureSet):
        outcomes = [_outcome(value.get_future(i)) for i in range(value.get_n_futures())]
        return [result if exception is None else exception for result, exception in outcomes]

    return GObject.GBoxed.copy(value) if isinstance(value, GObject.GBoxed) else value


# Errors

def to_error(exception):
    if isinstance(exception, GLib.Error):
        return exception
    if isinstance(exception, asyncio.CancelledError):
        return GLib.Error.new_literal(Gio.io_error_quark(), str(exception) or 'Cancelled', Gio.IOErrorEnum.CANCELLED)

    message = str(exception)
    name = type(exception).__name__
    return GLib.Error.new_literal(Asab.error_quark(), f'{name}: {message}' if message else name,
                                  Asab.Error.CALLBACK_FAILED)


def _call_soon(function):
    loop = asyncio._get_running_loop()
    if loop is None:
        GLib.idle_add(function, priority=GLib.PRIORITY_DEFAULT)
    else:
        loop.call_soon(function)


class _Raised:
    """An exception in a future, and the traceback that it had when it got there.

    Whoever awaits the future and raises the exception again adds frames to its traceback, and these frames know the
    future that holds the exception: a circle through C, where Python's collector does not look. So the exception gets
    its traceback back for each consumer, and is left with that of its first future when control is at the main loop.
    """
    __slots__ = 'exception', '_traceback'

    def __init__(self, exception):
        self.exception = exception
        self._traceback = exception.__traceback__
        vars(exception).setdefault('__asab_origin__', exception.__traceback__)
        _call_soon(self._cut)

    def revive(self):
        _call_soon(self._cut)

        return self.exception.with_traceback(self._traceback)

    def _cut(self):
        self.exception.__traceback__ = vars(self.exception)['__asab_origin__']


def _report(exception):
    """Shows where an exception comes from before C gets hold of it, as C can tell no more than its message."""
    if not isinstance(exception, (GLib.Error, asyncio.CancelledError)):
        traceback.print_exception(exception)


# Promise

_promise_resolve = Promise.resolve


def _resolve(self, value=None):
    return _promise_resolve(self, None if value is None else to_value(value))


def _reject(self, exception):
    return self.reject_with_exception(to_error(exception), GObject.Value(GObject.TYPE_PYOBJECT, _Raised(exception)))


Promise.resolve = _resolve
Promise.reject = _reject


# Future

_get_value = Future.get_value
_get_exception = Future.get_exception


def _outcome(future):
    """The value and the exception, one of which is None."""
    try:
        return from_value(_get_value(future)), None
    except GLib.Error as error:
        raised = _get_exception(future)
        if not isinstance(raised, _Raised):
            return None, error.with_traceback(None)

    return None, raised.revive()


def _future_get_value(self):
    """The value; raises the error, which is the exception itself where there is one."""
    value, exception = _outcome(self)
    if exception is None:
        return value

    del self
    raise exception


def _future_exception(self):
    """The exception or the error; None if there is a value."""
    return _outcome(self)[1]


def _future_get_exception(self):
    raised = _get_exception(self)

    return raised.exception if isinstance(raised, _Raised) else None


def _future_when_done(self, function):
    """Calls a function with the future when it is done; returns what disconnect () takes."""
    # By the method of this name PyGObject would lose some memory with each call.
    return self.when_done_closure(function)


def _wake(waiter, _future):
    if not waiter.done():
        waiter.set_result(None)


def _future_await(self):
    if not self.is_done():
        loop = asyncio._get_running_loop()
        if loop is None:
            yield self
        else:
            waiter = loop.create_future()
            connection = self.when_done(functools.partial(_wake, waiter))
            try:
                yield from waiter
            finally:
                self.disconnect(connection)

    value, exception = _outcome(self)
    if exception is None:
        return value

    del self
    raise exception


Future.get_value = _future_get_value
Future.get_exception = _future_get_exception
Future.when_done = _future_when_done
Future.result = _future_get_value
Future.exception = _future_exception
Future.add_done_callback = Future.when_done
Future.__await__ = _future_await


async def own(future):
    """Waits for a future that nobody else waits for: when the coroutine is cancelled, it is too."""
    try:
        return await future
    except asyncio.CancelledError:
        future.cancel()
        raise


# Coroutines

class _Task:
    """Drives a coroutine without asyncio."""

    def __init__(self, coroutine, promise):
        self._coroutine = coroutine
        self._promise = promise
        self._awaited = None
        self._connection = 0
        self._advance(coroutine.send, None)

    def cancel(self):
        if self._awaited is not None:
            self._awaited.disconnect(self._connection)
            self._advance(self._coroutine.throw, asyncio.CancelledError())

    def _advance(self, resume, argument):
        self._awaited = None
        try:
            awaited = resume(argument)
        except StopIteration as stop:
            self._settle(Promise.resolve, stop.value)
        except BaseException as exception:  # pylint: disable=broad-except
            self._settle(Promise.reject, exception.with_traceback(exception.__traceback__.tb_next))
        else:
            if isinstance(awaited, Future):
                self._awaited = awaited
                self._connection = awaited.when_done(lambda _future: self._advance(self._coroutine.send, None))
            else:
                self._advance(self._coroutine.throw, RuntimeError(f'{awaited!r} can be awaited only under asyncio'))

    def _settle(self, settle, result):
        promise, self._promise = self._promise, None  # whose future knows this task, for its cancellation
        settle(promise, result)


def _settle(promise, task):
    if task.cancelled():
        promise.reject(asyncio.CancelledError())
    elif task.exception() is not None:
        promise.reject(task.exception())
    else:
        promise.resolve(task.result())


async def _wait(awaitable):
    return await awaitable


def spawn(awaitable, defer_cancel=False):
    """Runs a coroutine, or waits for whatever else can be awaited; returns the Asab.Future of its result.

    Who cancels the future cancels the coroutine. The future is then done at once, or when the coroutine has ended.
    """
    coroutine = awaitable if inspect.iscoroutine(awaitable) else _wait(awaitable)
    promise = Promise.new()
    if defer_cancel:
        promise.defer_cancel()
    future = promise.get_future()
    loop = asyncio._get_running_loop()

    if loop is None:
        task = _Task(coroutine, promise)
        cancel = task.cancel
    else:
        task = loop.create_task(coroutine)
        task.add_done_callback(functools.partial(_settle, promise))
        cancel = functools.partial(loop.call_soon_threadsafe, task.cancel)
    if not future.is_done():
        GObject.Object.connect(promise.get_cancellable(), 'cancelled', lambda _cancellable: cancel())

    return future


def run(awaitable):
    """Runs a coroutine and the main loop until it has ended; returns its result or raises its exception."""
    with running_loop():
        main_loop = GLib.MainLoop()
        future = spawn(awaitable)
        future.when_done(lambda _future: main_loop.quit())
        main_loop.run()

        return future.get_value()


def to_future(awaitable):
    return awaitable if isinstance(awaitable, Future) else spawn(awaitable)


async def _gather(awaitables, return_exceptions):
    futures = [to_future(awaitable) for awaitable in awaitables]
    combine = Future.all_settled if return_exceptions else Future.all

    return await combine(futures) if futures else []


def gather(*awaitables, return_exceptions=False):
    """The future of the list of results; the first exception rejects it, unless exceptions are to stand in the list."""
    return spawn(_gather(awaitables, return_exceptions))


# Functions that C calls

async def _reported(awaitable):
    try:
        return await awaitable
    except Exception as exception:
        _report(exception)
        raise


def _rejected(exception):
    promise = Promise.new()
    promise.reject(exception)

    return promise.get_future()


def callback(function):
    """Makes any function one that gives C a future or nothing.

    PyGObject would print an exception and return NULL, which C takes for success.
    """
    @functools.wraps(function)
    def call(*args):
        try:
            result = function(*args)
            if result is None or isinstance(result, Future):
                return result
            if inspect.isawaitable(result):
                return spawn(_reported(result))
        except Exception as exception:  # pylint: disable=broad-except
            _report(exception)
            return _rejected(exception)

        promise = Promise.new()
        promise.resolve(result)
        return promise.get_future()

    return call


def _condition_call(method):
    """A method of a condition whose function may raise: that ends the wait with the exception."""
    @functools.wraps(method)
    def start(self, function):
        raised = []

        def call(*_args):
            try:
                return function()
            except Exception as exception:  # pylint: disable=broad-except
                raised.append(exception)
                return True

        async def wait():
            value = await method(self, call)
            if raised:
                raise raised[0]
            return value

        return spawn(wait())

    return start


Asab.Condition.wait_for = _condition_call(Asab.Condition.wait_for)
Asab.Condition.update = _condition_call(Asab.Condition.update)


# Scopes

async def _enter(self):
    future = self.acquire()
    try:
        await future
    except asyncio.CancelledError:
        future.cancel()
        if future.is_resolved():  # it was ours already, but nobody would know
            self.release()
        raise

    return self


async def _exit(self, *_exc_info):
    self.release()


async def _condition_enter(self):
    await _enter(self.get_lock())

    return self


async def _condition_exit(self, *_exc_info):
    self.get_lock().release()


for _class in (Asab.Lock, Asab.Semaphore):
    _class.__aenter__ = _enter
    _class.__aexit__ = _exit
Asab.Condition.__aenter__ = _condition_enter
Asab.Condition.__aexit__ = _condition_exit
