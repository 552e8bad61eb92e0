# SPDX-License-Identifier: LGPL-2.1-or-later
"""Accessors, properties that are accessors, and predicates that can be awaited.

The functions of an object are attributes of it, and what C holds only finds them there: so a function that knows the
object, as a bound method does, makes no circle through C, where Python's collector does not look.
"""

import math
import weakref

from gi.module import get_introspection_module

from gi.overrides._asab_async import from_value, own, to_value

Asab = get_introspection_module('Asab')
Accessor, AwaitablePredicate, Condition = Asab.Accessor, Asab.AwaitablePredicate, Asab.Condition


def _settled(function):
    """Makes a function one that gives C a future with its result or its exception, which is for whoever waits."""
    def call(*args):
        promise = Asab.Promise.new()
        try:
            promise.resolve(function(*args))
        except Exception as exception:  # pylint: disable=broad-except
            promise.reject(exception)

        return promise.get_future()

    return call


def _init_nothing(_self, *_args, **_kwargs):
    """The object was made by __new__."""


# Condition

_notify = Condition.notify

Condition.notify = lambda self, n=1: _notify(self, n)


# AwaitablePredicate

def _new_predicate(_cls, predicate, condition=None, timeout=None):
    """A predicate that tells what is so by calling a function without arguments."""
    if not callable(predicate):
        raise TypeError(f'the predicate {predicate!r} is not callable')

    self = AwaitablePredicate.new_closure(_settled(lambda self: bool(self.predicate())), condition,
                                          math.inf if timeout is None else timeout)
    self.predicate = predicate

    return self


def _predicate_bool(self):
    predicate = vars(self).get('predicate')

    return self.is_true() if predicate is None else bool(predicate())


async def _predicate_wait(self):
    return await own(self.wait())


AwaitablePredicate.__new__ = _new_predicate
AwaitablePredicate.__init__ = _init_nothing
AwaitablePredicate.__bool__ = _predicate_bool
AwaitablePredicate.__await__ = lambda self: _predicate_wait(self).__await__()


# Accessor

_WAIT_FOR_WRITE = {
    None: Asab.WaitForWrite.DEFAULT,
    True: Asab.WaitForWrite.YES,
    False: Asab.WaitForWrite.NO,
}

_get = Accessor.get
_get_matching = Accessor.get_matching_closure
_get_value = Accessor.get_value
_set = Accessor.set
_set_value = Accessor.set_value
_set_when_read = Accessor.set_when_read


def _check_funcs(funcs):
    try:
        fget, fset = funcs
    except (TypeError, ValueError):
        raise ValueError(f'expected a getter and a setter, not {funcs!r}') from None
    for name, function in (('getter', fget), ('setter', fset)):
        if not callable(function):
            raise ValueError(f'the {name} {function!r} is not callable')

    return fget, fset


def _new_accessor(_cls, *, funcs=None, condition=None, name=None):
    """An accessor, to a value of its own or to one that is behind a getter and a setter."""
    if funcs is None:
        return Accessor.new(name, condition)

    fget, fset = _check_funcs(funcs)
    self = Accessor.new_with_closures(name, condition, _settled(lambda self: self.fget()),
                                      _settled(lambda self, value: self.fset(from_value(value))))
    self._funcs = fget, fset

    return self


def _accessor_fget(self):
    funcs = vars(self).get('_funcs')

    return (lambda: from_value(_get_value(self))) if funcs is None else funcs[0]


def _accessor_fset(self):
    funcs = vars(self).get('_funcs')

    return (lambda value: _set_value(self, _to_nullable(value))) if funcs is None else funcs[1]


def _to_nullable(value):
    return None if value is None else to_value(value)


async def _accessor_get(self, *, predicate=None, wait_for_write=None):
    """Waits for the next write, or until the predicate is true, and gives the value."""
    if predicate is not None and not callable(predicate):
        raise ValueError(f'the predicate {predicate!r} is not callable')
    for check in vars(self).get('_checks', ()):
        check()

    if predicate is None and wait_for_write is not False:
        return await own(_get(self))

    def matches(_self, value):
        return predicate is None or bool(predicate(from_value(value)))

    return await own(_get_matching(self, _settled(matches), _WAIT_FOR_WRITE[wait_for_write]))


async def _accessor_set(self, value, wait_for_read=False):
    """Writes the value, once somebody waits for it if asked to, and wakes those who wait."""
    await own((_set_when_read if wait_for_read else _set)(self, _to_nullable(value)))


Accessor.__new__ = _new_accessor
Accessor.__init__ = _init_nothing
Accessor.fget = property(_accessor_fget)
Accessor.fset = property(_accessor_fset)
Accessor.value = property(lambda self: self.fget())
Accessor.get = _accessor_get
Accessor.set = _accessor_set


# condition_property

class condition_property:  # pylint: disable=invalid-name
    """A property that is an accessor, made when it is looked up for the first time; used as `property` is."""

    def __init__(self, fget=None, fset=None, fdel=None, doc=None):
        self.fget = fget
        self.fset = fset
        self.fdel = fdel
        self.name = getattr(fget, '__name__', None)
        self.__doc__ = getattr(fget, '__doc__', None) if doc is None else doc

    def __set_name__(self, owner, name):
        self.name = name

    def _replace(self, **functions):
        functions = {'fget': self.fget, 'fset': self.fset, 'fdel': self.fdel, 'doc': self.__doc__} | functions
        changed = type(self)(**functions)
        changed.name = self.name

        return changed

    def getter(self, fget):
        """A property with another getter."""
        return self._replace(fget=fget)

    def setter(self, fset):
        """A property with another setter."""
        return self._replace(fset=fset)

    def deleter(self, fdel):
        """A property with another deleter."""
        return self._replace(fdel=fdel)

    def _check_readable(self):
        if self.fget is None:
            raise AttributeError(f'unreadable attribute {self.name!r}: it has no getter')
        if self.fset is None:
            raise AttributeError(f'unreadable attribute {self.name!r}: it has no setter, a read would wait for ever')

    def _check_writable(self):
        if self.fset is None:
            raise AttributeError(f'attribute {self.name!r} cannot be set: it has no setter')

    def _new_accessor(self, instance):
        reference = weakref.ref(instance)

        def fget():
            self._check_readable()
            return self.fget(reference())

        def fset(value):
            self._check_writable()
            self.fset(reference(), value)

        accessor = Accessor(funcs=(fget, fset), name=self.name)
        accessor._checks = (self._check_readable,)
        weakref.finalize(instance, _close, weakref.ref(accessor))

        return accessor

    def __get__(self, instance, owner=None):
        if instance is None:
            return self

        accessors = vars(instance)
        if self.name not in accessors:
            accessors[self.name] = self._new_accessor(instance)

        return accessors[self.name]

    def __set__(self, instance, value):
        raise AttributeError(f'attribute {self.name!r} cannot be assigned to: await its set () instead')

    def __delete__(self, instance):
        if self.fdel is None:
            raise AttributeError(f'attribute {self.name!r} cannot be deleted')
        self.fdel(instance)
        vars(instance).pop(self.name, None)


def _close(reference):
    accessor = reference()
    if accessor is not None:
        accessor.close()
