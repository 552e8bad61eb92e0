# SPDX-License-Identifier: LGPL-2.1-or-later
"""State machines whose handlers are decorated functions, and accumulators of callbacks as context managers."""

import functools
import inspect

from gi.module import get_introspection_module
from gi.repository import GObject

from gi.overrides._asab_async import callback

Asab = get_introspection_module('Asab')
StateMachine, CallbackAccumulator = Asab.StateMachine, Asab.CallbackAccumulator

_NOT_GIVEN = object()


# State machines

_add_edge = StateMachine.add


async def _truth(awaitable):
    return bool(await awaitable)


def _condition(function):
    def ask(_machine, from_state, to_state, *_):
        answer = function(from_state, to_state)

        return _truth(answer) if inspect.isawaitable(answer) else bool(answer)

    return callback(ask)


def _machine_add(self, from_state, to_state, condition=None):
    """Declares a transition; the condition is a function, asynchronous or not, of the two states."""
    if condition is None:
        _add_edge(self, from_state, to_state, None)
        return

    # For C each function of Python is a new one.
    known = vars(self).setdefault('_conditions', set())
    if (from_state, to_state, condition) not in known:
        known.add((from_state, to_state, condition))
        _add_edge(self, from_state, to_state, _condition(condition))


def _registration(method):
    def register(self, state, handler=_NOT_GIVEN):
        """Sets a handler, asynchronous or not, None for no handler; without it a decorator."""
        if handler is _NOT_GIVEN:
            return functools.partial(register, self, state)

        method(self, state, None if handler is None else callback(lambda *_: handler()))
        return handler

    return register


StateMachine.add = _machine_add
StateMachine.on_enter = _registration(StateMachine.on_enter)
StateMachine.on_exit = _registration(StateMachine.on_exit)


# Accumulators
#
# C keeps the functions and says which comes next; they are called here, so that arguments, results and exceptions are
# whatever Python wants.

_add_callback = CallbackAccumulator.add_callback
_offer_callback = CallbackAccumulator.offer_callback
_steal_next = CallbackAccumulator.steal_next

_takers = []


def _entry(function):
    """What C keeps for a function: it hands it over to whoever takes it out, and calls it for anybody else."""
    def call(args, scope_error, *_):
        if _takers:
            _takers[-1].append(function)
        elif scope_error is not None:
            function(type(scope_error), scope_error, None)
        else:
            function(*(args.unpack() if args is not None else ()))

        return True, None

    return call


def _take_next(accumulator):
    taken = []
    _takers.append(taken)
    try:
        _steal_next(accumulator, None)
    finally:
        _takers.pop()

    return taken


def _init(self, name='', it=(), maxlen=None, default=None, call_once=True, default_getter=None, **properties):
    """Creates an accumulator.

    `name` is that of the method which add () takes from objects, `it` the first callbacks, `maxlen` how many there can
    be. `default` is the result when there is nothing to call, or when callbacks are not called once only; if it can be
    called it is also what is added for an object without the method. `default_getter` gives the positional and the
    named arguments at the end of the scope.
    """
    properties.setdefault('max_length', -1 if maxlen is None else maxlen)
    GObject.Object.__init__(self, name=name, call_once=call_once, **properties)
    self.default = default
    self.default_getter = default_getter
    for function in it:
        self.append(function)


def _method(self, instance):
    method = getattr(instance, self.get_name(), None)
    if method is not None:
        return method
    if isinstance(instance, GObject.Object) and GObject.signal_lookup(self.get_name(), instance):
        return functools.partial(instance.emit, self.get_name())
    if callable(self.default):
        return self.default

    raise AttributeError(f'{instance!r} has no method {self.get_name()!r}')


def _accumulator_append(self, function):
    """Adds a callback."""
    _add_callback(self, _entry(function))


def _offer(self, function):
    """Adds a callback if there is room; returns whether there was."""
    return _offer_callback(self, _entry(function))


def _accumulator_add(self, instance):
    """Adds the method of an object that has the accumulator's name."""
    self.append(_method(self, instance))


def _offer_last(self, instance):
    """Adds the method of an object if there is room; returns whether there was."""
    if self.get_n_callbacks() == self.get_max_length():
        return False
    self.add(instance)

    return True


def _iter(self):
    """The callbacks, which are taken out if they are to be called once only."""
    source = self if self.get_call_once() else self.dup_callbacks()
    while source.get_n_callbacks() > 0:
        yield from _take_next(source)


def _invoke(self, *args, **kwargs):
    """Calls the callbacks; returns what the last one does."""
    result = self.default
    for function in self:
        result = function(*args, **kwargs)

    return result if self.get_call_once() else self.default


def _call(self, *args, **kwargs):
    _invoke(self, *args, **kwargs)


def _arguments(self, exc_info):
    if self.default_getter is not None:
        return self.default_getter()

    return (exc_info if self.get_name() == '__exit__' else ()), {}


def _exit(self, *exc_info):
    args, kwargs = _arguments(self, exc_info)
    _invoke(self, *args, **kwargs)


async def _aenter(self):
    return self


async def _aexit(self, *exc_info):
    args, kwargs = _arguments(self, exc_info)
    for function in self:
        function(*args, **kwargs)
        await Asab.sleep(0)


CallbackAccumulator.default = CallbackAccumulator.default_getter = None
CallbackAccumulator.__init__ = _init
CallbackAccumulator.append = CallbackAccumulator.add_callback = _accumulator_append
CallbackAccumulator.offer_callback = _offer
CallbackAccumulator.add = _accumulator_add
CallbackAccumulator.offer_last = _offer_last
CallbackAccumulator.invoke = _invoke
CallbackAccumulator.callbacks = property(CallbackAccumulator.dup_callbacks)
CallbackAccumulator.maxlen = property(lambda self: None if self.get_max_length() < 0 else self.get_max_length())
CallbackAccumulator.__call__ = _call
CallbackAccumulator.__iter__ = _iter
CallbackAccumulator.__len__ = CallbackAccumulator.get_n_callbacks
CallbackAccumulator.__enter__ = lambda self: self
CallbackAccumulator.__exit__ = _exit
CallbackAccumulator.__aenter__ = _aenter
CallbackAccumulator.__aexit__ = _aexit
