# SPDX-License-Identifier: LGPL-2.1-or-later
"""Many jobs, a few at a time."""

import inspect

from gi.module import get_introspection_module

from gi.overrides._asab_async import spawn

Asab = get_introspection_module('Asab')


def _map(limit, start, n_jobs, ret_exc, cancel_on_error):
    flags = Asab.GatherFlags.DEFAULT
    if ret_exc:
        flags |= Asab.GatherFlags.RETURN_ERRORS
    if cancel_on_error:
        flags |= Asab.GatherFlags.CANCEL_ON_ERROR

    return Asab.map_limited(Asab.GATHER_DEFAULT_LIMIT if limit is None else limit, n_jobs, flags,
                            lambda index, *_: spawn(start(index)), None)


async def _wait(awaitable):
    return await awaitable


async def _call(function, item):
    result = function(item)

    return await result if inspect.isawaitable(result) else result


def gather_limited(limit, *awaitables, ret_exc=False, cancel_on_error=False):
    """The future of the list of results, with a few coroutines at a time running; None is the usual limit.

    The first exception rejects it, and the other coroutines go on or are cancelled, unless exceptions are to stand in
    the list. What runs already, as futures and tasks do, is not bound by the limit.
    """
    return _map(limit, lambda index: _wait(awaitables[index]), len(awaitables), ret_exc, cancel_on_error)


def map_limited(limit, function, items, ret_exc=False, cancel_on_error=False):
    """The same for a function, asynchronous or not, that is called with one item each."""
    items = list(items)

    return _map(limit, lambda index: _call(function, items[index]), len(items), ret_exc, cancel_on_error)
