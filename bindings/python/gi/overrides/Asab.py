# SPDX-License-Identifier: LGPL-2.1-or-later
"""What makes the library feel at home in Python: coroutines as virtual functions and callbacks, awaitable futures,
asyncio on the main loop, the configuration as a mapping, decorated subscribers.

The classes of the library stay what they are and gain methods, so that what C creates has them too.
"""

import sys

from gi.module import get_introspection_module
from gi.repository import GObject

from gi.overrides._asab_accessor import condition_property
from gi.overrides._asab_async import callback, gather, run, spawn
import gi.overrides._asab_cache  # noqa: F401 (gives Asab.RefreshCache its methods)
import gi.overrides._asab_config  # noqa: F401 (gives Asab.Config its methods)
from gi.overrides._asab_coroutine import make_async, run_in_thread
from gi.overrides._asab_gather import gather_limited, map_limited
from gi.overrides._asab_log import apply_log_levels, install_log_handler, log_set_domain_level, log_set_levels
from gi.overrides._asab_log import log_set_threshold, LOG_NOTICE, LogHandler
from gi.overrides._asab_loop import running_loop
import gi.overrides._asab_machine  # noqa: F401 (gives state machines and accumulators their methods)
from gi.overrides._asab_net import call_later, loop
from gi.overrides._asab_nursery import async_exit_on_exc, Registry, RegistryMeta, set_exception_handler
from gi.overrides._asab_pubsub import subscribe

Asab = get_introspection_module('Asab')

__all__ = [
    'LOG_NOTICE',
    'LogHandler',
    'Registry',
    'RegistryMeta',
    'async_exit_on_exc',
    'call_later',
    'condition_property',
    'gather',
    'gather_limited',
    'log_set_domain_level',
    'log_set_levels',
    'log_set_threshold',
    'loop',
    'make_async',
    'map_limited',
    'run',
    'run_in_thread',
    'set_exception_handler',
    'spawn',
    'subscribe',
]


# Properties

def _property(spec):
    def getter(self):
        return self.get_property(spec.name)

    def setter(self, value):
        self.set_property(spec.name, value)

    flags = spec.flags
    writable = flags & GObject.ParamFlags.WRITABLE and not flags & GObject.ParamFlags.CONSTRUCT_ONLY

    return property(getter, setter if writable else None)


def add_properties(namespace):
    """Lets properties be attributes, which in PyGObject they are only behind `props`."""
    for name in dir(namespace):
        cls = getattr(namespace, name)
        if not isinstance(cls, type) or not issubclass(cls, GObject.Object):
            continue
        for spec in cls.list_properties():
            attribute = spec.name.replace('-', '_')
            if spec.owner_type == cls.__gtype__ and not hasattr(cls, attribute):
                setattr(cls, attribute, _property(spec))


add_properties(Asab)


# Virtual functions

# The names of the library, and those by which they go in Python's ASAB.
_VFUNCS = {
    'do_initialize': ('initialize',),
    'do_main': ('main',),
    'do_terminate': ('terminate', 'finalize'),
}


def _is_library_class(cls):
    return '__info__' in cls.__dict__


def _vfunc(function):
    """A virtual function for C, whose result a subclass can await."""
    call = callback(function)

    def vfunc(*args):
        return call(*args) or Asab.Future.new_resolved(None)

    vfunc.__name__ = function.__name__
    vfunc.__doc__ = function.__doc__
    vfunc.__wrapped__ = function

    return vfunc


def _find_implementation(cls, names):
    """Finds a function in the class or in its mixins: PyGObject looks neither there nor for other names."""
    for base in cls.__mro__:
        if base is not cls and issubclass(base, GObject.Object):
            return None
        for name in names:
            if name in base.__dict__:
                return base.__dict__[name]

    return None


def _init_subclass(base):
    def init_subclass(cls, **kwargs):
        super(base, cls).__init_subclass__(**kwargs)
        for vfunc, names in _VFUNCS.items():
            function = hasattr(base, vfunc) and _find_implementation(cls, (vfunc, *names))
            if function:
                setattr(cls, vfunc, _vfunc(function))

    return classmethod(init_subclass)


def _chain(vfunc):
    """What super ().initialize () and the like find in the end: the implementation in C."""
    def method(self, *args):
        parent = next(base for base in type(self).__mro__ if _is_library_class(base))

        return getattr(parent, vfunc)(self, *args)

    return method


for _base in (Asab.Application, Asab.Component):
    _base.__init_subclass__ = _init_subclass(_base)
    for _name, _aliases in _VFUNCS.items():
        if hasattr(_base, _name):
            for _alias in _aliases:
                setattr(_base, _alias, _chain(_name))


# Application, Service, Module

def _application_init(self, **properties):
    GObject.Object.__init__(self, **properties)
    config = self.config
    self.connect_after('handle-local-options', lambda _app, _options: install_log_handler(config))
    self.pubsub.subscribe('Application.hup!', lambda *_: apply_log_levels(config))
    self.pubsub.subscribe_all(self)


_application_run = Asab.Application.run
_application_stop = Asab.Application.stop
_application_add_service = Asab.Application.add_service


def _run(self, argv=None):
    """Runs the application, with asyncio on its main loop, until it has ended; returns the exit code."""
    with running_loop():
        return _application_run(self, list(sys.argv if argv is None else argv))


def _stop(self, exit_code=0):
    _application_stop(self, exit_code)


def _add_service(self, service):
    _application_add_service(self, service)
    self.pubsub.subscribe_all(service)


def _add_module(self, cls):
    """Constructs a module and registers it, unless there is one of that class already."""
    for module in self.list_modules():
        if isinstance(module, cls):
            return module

    return cls(self)


def _component_init(self, application=None, name=None, **properties):
    if application is not None:
        properties['application'] = application
    if name is not None:
        properties['name'] = name
    GObject.Object.__init__(self, **properties)
    if self.application is not None:
        self.application.pubsub.subscribe_all(self)


Asab.Application.__init__ = _application_init
Asab.Application.run = _run
Asab.Application.stop = _stop
Asab.Application.add_service = _add_service
Asab.Application.add_module = _add_module
Asab.Component.__init__ = _component_init


# Timer

_timer_new = Asab.Timer.new


def _new_timer(_cls, application, handler, autorestart=False):
    """A timer, which each stop of the application stops too; the handler takes no arguments and may be a coroutine."""
    call = callback(handler)
    timer = _timer_new(lambda _timer, _data: call(), None, autorestart)
    if application is not None:
        application.add_timer(timer)

    return timer


def _init_nothing(_self, *_args, **_kwargs):
    """The object was made by __new__."""


Asab.Timer.__new__ = _new_timer
Asab.Timer.__init__ = _init_nothing
Asab.Timer.new = staticmethod(lambda handler, data, auto_restart: _timer_new(callback(handler), data, auto_restart))
