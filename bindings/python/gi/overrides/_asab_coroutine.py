# SPDX-License-Identifier: LGPL-2.1-or-later
"""Coroutines as objects, which asyncio takes for coroutines of Python too, and functions that block in threads."""

import functools
import inspect

from gi.module import get_introspection_module
from gi.repository import GObject

from gi.overrides._asab_async import own, spawn

Asab = get_introspection_module('Asab')
Coroutine = Asab.Coroutine


# Coroutines

# The body may go by the name that the library gives it, or by that which it has in the documentation of others.
_BODIES = 'do_work', 'work', 'do_run'

_close = Coroutine.close
_send = Coroutine.send
_throw = Coroutine.throw


def _body(self):
    """The coroutine of Python that the object stands for; None if its body is in C."""
    if not hasattr(type(self), '_asab_body'):
        return None
    if '_asab_coroutine' not in vars(self):
        self._asab_coroutine = type(self)._asab_body(self)

    return self._asab_coroutine


def _drive(self):
    """The same, for who runs it step by step: the library shall not start it any more."""
    body = _body(self)
    if body is not None and self.get_future() is None:
        _close(self)

    return body


async def _await(body):
    return await body


def _work(self):
    body = _body(self)

    return spawn(body if inspect.isawaitable(body) else _await(body))


def _init_subclass(cls, **kwargs):
    super(Coroutine, cls).__init_subclass__(**kwargs)
    for name in _BODIES:
        if name in vars(cls):
            cls._asab_body = vars(cls)[name]
            cls.do_work = _work
            return


def _coroutine_new(cls, *_args, **_kwargs):
    return GObject.Object.__new__(_Wrapper if cls is Coroutine else cls)


def _coroutine_init(self, coroutine=None, **properties):
    GObject.Object.__init__(self, **properties)
    if coroutine is not None:
        self._asab_coroutine = coroutine


def _coroutine_await(self):
    future = self.get_future()
    body = None if future is not None else _drive(self)
    if body is not None:
        return (yield from body.__await__())

    return (yield from own(future if future is not None else self.start()).__await__())


def _coroutine_send(self, value=None):
    """Runs the body to the next thing that it waits for, or, if it is in C, gives the future of what it yields."""
    body = _drive(self)

    return _send(self, value) if body is None else body.send(value)


def _coroutine_throw(self, *exception):
    """Raises an exception where the body waits; a GLib.Error, if it is in C."""
    body = _drive(self)

    return _throw(self, *exception) if body is None else body.throw(*exception)


def _coroutine_close(self):
    """Ends the body early; gives the future of its end."""
    body = None if self.get_future() is not None else _body(self)
    if body is not None:
        body.close()

    return _close(self)


Coroutine.__init_subclass__ = classmethod(_init_subclass)
Coroutine.__new__ = _coroutine_new
Coroutine.__init__ = _coroutine_init
Coroutine.__await__ = _coroutine_await
Coroutine.send = _coroutine_send
Coroutine.throw = _coroutine_throw
Coroutine.close = _coroutine_close


class _Wrapper(Coroutine):
    """An object of its own around a coroutine of Python."""
    __module__ = '_asab_coroutine'  # PyGObject makes no types for classes in its folder of overrides

    async def do_work(self):
        """Never runs: there is a coroutine already."""


# Threads

_run_in_thread = Asab.run_in_thread


async def _result(function, args):
    outcome = []

    def work():
        try:
            outcome.append((function(*args), None))
        except BaseException as exception:  # pylint: disable=broad-except
            outcome.append((None, exception))

    await own(_run_in_thread(work, None))
    value, exception = outcome.pop()
    if exception is not None:
        raise exception

    return await value if inspect.isawaitable(value) else value


def run_in_thread(function, *args):
    """Calls a function that blocks in a thread of the pool; returns the Asab.Future of its result."""
    return spawn(_result(function, args))


def make_async(function):
    """Makes a function that blocks a coroutine function, which runs it in a thread of the pool; a decorator."""
    if inspect.iscoroutinefunction(function):
        return function

    @functools.wraps(function)
    async def call(*args, **kwargs):
        return await _result(functools.partial(function, *args, **kwargs), ())

    return call
