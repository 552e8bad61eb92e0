# SPDX-License-Identifier: LGPL-2.1-or-later
"""The cache that refreshes itself: an asynchronous context manager, loaders that are coroutine functions or plain ones,
and errors of the kind that Python expects.
"""

import functools

from gi.module import get_introspection_module
from gi.repository import GLib, GObject

from gi.overrides._asab_async import Promise, callback

Asab = get_introspection_module('Asab')
RefreshCache = Asab.RefreshCache


# Errors

class NoLoaderError(GLib.Error, LookupError):
    """Asab.Error.NO_LOADER, which is a LookupError."""


class NoSuchKeyError(GLib.Error, KeyError):
    """Asab.Error.NO_SUCH_KEY, which is a KeyError."""


def _to_lookup_error(error):
    for code, cls in ((Asab.Error.NO_LOADER, NoLoaderError), (Asab.Error.NO_SUCH_KEY, NoSuchKeyError)):
        if isinstance(error, GLib.Error) and error.matches(Asab.error_quark(), code):
            return cls(error.message, error.domain, error.code)

    return error


def _raising(method):
    @functools.wraps(method)
    def call(self, key):
        try:
            return method(self, key)
        except GLib.Error as error:
            raise _to_lookup_error(error) from None

    return call


def _rejecting(method):
    @functools.wraps(method)
    def call(self, key):
        future = method(self, key)
        if not future.is_rejected():
            return future

        promise = Promise.new()
        promise.reject(_to_lookup_error(future.exception()))

        return promise.get_future()

    return call


# Functions of the user

def _call_loader(loader):
    return loader and callback(lambda key, *_data: loader(key))


def _call_processor(processor):
    """The processor gets the exception that was raised, not the error that C sees."""
    return processor and callback(
        lambda _error, was_batched, *_data: processor(RefreshCache.get_failed().exception(), was_batched))


# The class

_configure = RefreshCache.configure
_get = _rejecting(RefreshCache.get)
_refresh_loop = RefreshCache.refresh_loop
_set_default_loader = RefreshCache.set_default_loader
_register_loader = RefreshCache.register_loader


def _loaders(self):
    """The loaders by key, with the default one under None: C cannot give them back."""
    return vars(self).setdefault('_loaders', {})


class _Cache:
    """What the class gains, as it would stand in its body."""

    def __init__(self, ttl=60, refresh=15, *, default_loader=None, processor=None, **properties):
        GObject.Object.__init__(self, **properties)
        self.configure(ttl, refresh, processor)
        self.set_default_loader(default_loader)

    def __init_subclass__(cls, **kwargs):
        super(RefreshCache, cls).__init_subclass__(**kwargs)
        process_error = cls.__dict__.get('do_process_error')
        if process_error:
            cls.do_process_error = callback(lambda self, _error, was_batched: process_error(
                self, RefreshCache.get_failed().exception(), was_batched))

    async def __aenter__(self):
        self.start()

        return self

    async def __aexit__(self, *_exc_info):
        await self.stop()

    def __contains__(self, key):
        return self.contains(key)

    def configure(self, ttl, refresh, processor=None):
        """Changes the settings; without a processor errors go to do_process_error ()."""
        _configure(self, ttl, refresh, _call_processor(processor))

    def set_default_loader(self, loader):
        """Sets what loads the keys that have no loader of their own."""
        _loaders(self)[None] = loader
        _set_default_loader(self, _call_loader(loader))

    def register_loader(self, key, loader):
        """Sets what loads a key; None for the default loader."""
        _loaders(self)[key] = loader
        _register_loader(self, key, _call_loader(loader))

    def get_loader(self, key):
        """The loader of the key, or the default one; a LookupError if there is none."""
        self.has_loader(key)

        return _loaders(self).get(key) or _loaders(self).get(None)

    def loader(self, key):
        """Registers the decorated function as the loader of the key."""
        def decorate(function):
            self.register_loader(key, function)

            return function

        return decorate

    def get(self, key, loader=None):
        """The future of the value of the key, which the loader loads from now on, if one is given."""
        if loader is not None and loader != _loaders(self).get(key):
            self.register_loader(key, loader)

        return _get(self, key)

    async def refresh_loop(self):
        """Runs the background loop until the task that awaits it is cancelled."""
        try:
            await _refresh_loop(self)
        finally:
            await self.stop()

    get_with_loader = get
    load_item = _rejecting(RefreshCache.load_item)
    has_loader = _raising(RefreshCache.has_loader)
    time_past = _raising(RefreshCache.time_past)
    expired = is_expired = _raising(RefreshCache.is_expired)


for _name, _value in vars(_Cache).items():
    if callable(_value) or _name == '__init_subclass__':
        setattr(RefreshCache, _name, _value)
