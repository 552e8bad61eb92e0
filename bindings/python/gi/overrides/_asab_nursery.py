# SPDX-License-Identifier: LGPL-2.1-or-later
"""Nurseries as asynchronous exit stacks, their tasks as coroutines, and registries of instances as dictionaries.

An exception that ends a scope goes through C as an error. It is remembered, so that the exit handlers of the nursery,
and whoever awaits its end, get the exception as it was raised.
"""

import functools
import inspect

from gi.module import get_introspection_module
from gi.repository import GLib, GObject

from gi.overrides._asab_async import callback, spawn, to_error, to_future

Asab = get_introspection_module('Asab')
AsyncContext, Registrable, TaskNursery = Asab.AsyncContext, Asab.Registrable, Asab.TaskNursery


# Asynchronous contexts

async def _context_enter(self):
    value = await self.enter()

    return self if value is None else value


async def _context_exit(self, _exc_type, exception, _traceback):
    return bool(await (self.leave() if exception is None else self.exit(to_error(exception))))


AsyncContext.__aenter__ = _context_enter
AsyncContext.__aexit__ = _context_exit


def _init_context_class(cls, **kwargs):
    super(AsyncContext, cls).__init_subclass__(**kwargs)
    for name in ('do_enter', 'do_exit'):
        if name in cls.__dict__:
            setattr(cls, name, callback(cls.__dict__[name]))


AsyncContext.__init_subclass__ = classmethod(_init_context_class)


class _Manager(GObject.Object, AsyncContext):
    """Any asynchronous context manager of Python."""
    __module__ = 'asab'  # in modules of overrides PyGObject does not register types
    __gtype_name__ = 'AsabPyManager'

    def __init__(self, manager, find_exception):
        super().__init__()
        self._manager = manager
        self._find_exception = find_exception

    def do_enter(self):
        return spawn(type(self._manager).__aenter__(self._manager))

    def do_exit(self, error):
        return spawn(self._exit(self._find_exception(error)))

    async def _exit(self, exception):
        return bool(await type(self._manager).__aexit__(self._manager, *_exc_info(exception)))


def _exc_info(exception):
    return (None, None, None) if exception is None else (type(exception), exception, exception.__traceback__)


def async_exit_on_exc(manager, task, loop=None):  # pylint: disable=unused-argument
    """Exits an asynchronous context manager with the exception of a task, if it has one that is no cancellation.

    Returns the future of whether it was needed, which may be ignored.
    """
    future = to_future(task)

    if not isinstance(manager, AsyncContext):
        manager = _Manager(manager, lambda _error: future.exception())

    return Asab.async_exit_on_error(manager, future, None)


# Nurseries: construction and tasks

_create_task = TaskNursery.create_task
_stop_task = TaskNursery.stop_task


def _nursery_init(self, name=None, loop=None, **properties):  # pylint: disable=unused-argument
    """The name may be a function, which is called whenever the name is asked for."""
    is_dynamic = callable(name)
    GObject.Object.__init__(self, name=None if is_dynamic else name, **properties)
    if is_dynamic:
        self.set_name_func(lambda *_data: str(name()))


def _nursery_create_task(self, task, name=None):
    """Lets a coroutine, or whatever else can be awaited, be a task of the nursery; returns its future."""
    if isinstance(task, Asab.Coroutine):
        return _create_task(self, task, name)
    if inspect.iscoroutine(task):
        if name is None:
            name = task.__name__
        if not self.is_open():
            task.close()  # it never begins
            task = Asab.Future.new_resolved(None)

    return self.adopt(task if isinstance(task, Asab.Future) else spawn(task, defer_cancel=True), name)


def _nursery_stop_task(self, task):
    """Cancels a task; returns the future of its result or of its exception."""
    try:
        stopped = _stop_task(self, task)
    except GLib.Error as error:
        if error.matches(Asab.error_quark(), Asab.Error.NOT_MANAGED):
            raise ValueError(error.message) from None
        raise

    async def outcome():
        result = await stopped

        return task.exception() if task.is_done() and not task.is_resolved() else result

    return spawn(outcome())


TaskNursery.__init__ = _nursery_init
TaskNursery.create_task = _nursery_create_task
TaskNursery.stop_task = _nursery_stop_task
TaskNursery.tasks = property(TaskNursery.list_tasks)


# Nurseries: the exit stack

_push_callback = TaskNursery.push_callback
_push_exit = TaskNursery.push_exit
_enter_context = TaskNursery.enter_context


def _key(error):
    return error.domain, error.code, error.message


def _remember(self, exception):
    self.__dict__.setdefault('_exceptions', {})[_key(to_error(exception))] = exception


def _recall(self, error):
    """Finds the exception that an error in an exit handler stands for."""
    return None if error is None else self.__dict__.get('_exceptions', {}).get(_key(error), error)


async def _nursery_exit(self, _exc_type, exception, _traceback):
    try:
        if exception is None:
            return bool(await self.leave())
        _remember(self, exception)
        return bool(await self.exit(to_error(exception)))
    finally:
        self.__dict__.pop('_exceptions', None)


def _remembered(self, function):
    """A function of the exit stack, whose exception the handlers below get."""
    async def call(*args):
        try:
            result = function(*args)
            return await result if inspect.isawaitable(result) else result
        except Exception as exception:
            _remember(self, exception)
            raise

    return lambda *args: spawn(call(*args))


def _nursery_push_callback(self, function, *args, **kwargs):
    """Lets a function or a coroutine function be called when the nursery is closed; returns the function."""
    _push_callback(self, _remembered(self, lambda *_data: function(*args, **kwargs)))

    return function


def _nursery_push_exit(self, handler):
    """Lets a function or a coroutine function be called with the exception, as `__aexit__` is; returns the function."""
    async def call(error, *_data):
        result = handler(*_exc_info(_recall(self, error)))

        return bool(await result if inspect.isawaitable(result) else result)

    _push_exit(self, _remembered(self, call))

    return handler


def _nursery_enter_context(self, manager):
    """Enters an asynchronous context manager; returns the future of what entering gives."""
    if not isinstance(manager, AsyncContext):
        manager = _Manager(manager, functools.partial(_recall, self))

    return _enter_context(self, manager)


TaskNursery.__aexit__ = _nursery_exit
TaskNursery.push_callback = TaskNursery.callback = TaskNursery.push_async_callback = _nursery_push_callback
TaskNursery.push_exit = TaskNursery.push_async_exit = _nursery_push_exit
TaskNursery.enter_context = TaskNursery.enter_async_context = _nursery_enter_context
TaskNursery.aclose = TaskNursery.close


# Registries

class _Instances:
    """The instances of a class that live, by their keys."""

    def __get__(self, _instance, owner):
        return {instance.__registry_key__: instance for instance in Registrable.list(owner)}


Registrable.registry = _Instances()
Registrable.__registry_key__ = property(Registrable.dup_registry_key)


class RegistryMeta(type(GObject.Object)):
    """Gives a class a registry of its instances, by the attribute that `__unique_key_attr__` names or a default key."""

    def __new__(mcs, name, bases, namespace, **kwargs):
        if not any(issubclass(base, Registrable) for base in bases):
            bases = (*(base for base in bases if base is not object), Registry)

        return super().__new__(mcs, name, bases, namespace, **kwargs)

    def __init__(cls, name, bases, namespace, **kwargs):
        super().__init__(name, bases, namespace, **kwargs)
        if '__default_key__' in namespace:
            Registrable.set_default_key(cls, cls.__default_key__)

    def __call__(cls, *args, **kwargs):
        instance = super().__call__(*args, **kwargs)
        try:
            instance.register()
        except RuntimeError:  # the class has not called the constructor of its parent
            GObject.Object.__init__(instance)
            instance.register()

        return instance


class Registry(GObject.Object, Registrable, metaclass=RegistryMeta):
    """A class to inherit from, instead of using the metaclass."""
    __module__ = 'asab'
    __gtype_name__ = 'AsabPyRegistry'
    __unique_key_attr__ = None

    def do_dup_key(self):
        name = type(self).__unique_key_attr__
        value = None if name is None else getattr(self, name, None)

        return None if value is None else str(value)


def set_exception_handler(handler):
    """Sets what is called with each failure that nobody else looks after, as asyncio's handlers: with a dictionary of
    message, exception, task and sentinel. None is the default handler, which shuts everything down."""
    def call(message, error, task, sentinel, *_data):
        exception = error if task is None or not task.is_done() else task.exception() or error
        handler({'message': message, 'exception': exception, 'task': task, 'sentinel': sentinel})

    _set_exception_handler(None, None if handler is None else call)


_set_exception_handler = Asab.set_exception_handler
