# SPDX-License-Identifier: LGPL-2.1-or-later
"""Messages with positional and named arguments, decorated subscribers, and messages as an asynchronous iterator.

A subscriber is called as in Python's ASAB: with the message type, then the arguments of the message. The owner of a
method is held weakly, any other function strongly, as a lambda has nobody else.
"""

import asyncio
import inspect
import weakref

from gi.module import get_introspection_module
from gi.repository import GLib, GObject

from gi.overrides._asab_async import callback, from_value, own, to_value

Asab = get_introspection_module('Asab')
Message, PubSub, Subscriber = Asab.Message, Asab.PubSub, Asab.Subscriber


# Message

_get_arg = Message.get_arg
_get_named = Message.get_named


def _message_args(self):
    return tuple(self.get_arg(i) for i in range(self.get_n_args()))


def _message_kwargs(self):
    return {name: self.get_named(name) for name in self.get_names()}


Message.get_arg = lambda self, index: from_value(_get_arg(self, index))
Message.get_named = lambda self, name: from_value(_get_named(self, name))
Message.type = property(Message.get_message_type)
Message.args = property(_message_args)
Message.kwargs = property(_message_kwargs)
Message.__iter__ = lambda self: iter((self.type, self.args, self.kwargs))
Message.__repr__ = lambda self: f'<message {self.type!r} {self.args!r} {self.kwargs!r}>'


def _new_message(_cls, message_type, *args, **kwargs):
    return Message.new_full(message_type, [to_value(value) for value in args],
                            list(kwargs), [to_value(value) for value in kwargs.values()])


Message.__new__ = _new_message
Message.__init__ = lambda self, *args, **kwargs: None


# PubSub

_subscribe = PubSub.subscribe
_subscribe_object = PubSub.subscribe_object
_unsubscribe = PubSub.unsubscribe
_publish = PubSub.publish
_publish_later = PubSub.publish_later


def subscribe(*message_types):
    """Marks a method as a subscriber, for PubSub.subscribe_all () and for the methods of components."""
    def decorate(method):
        method.__asab_message_types__ = getattr(method, '__asab_message_types__', ()) + message_types

        return method

    return decorate


def _keep_wrapper(instance):
    """PyGObject lets the wrapper of an object die before the object, and weak references with it, unless the wrapper
    has an attribute of its own."""
    if isinstance(instance, GObject.Object):
        instance.__asab_kept__ = True


def _bus_state(self, name, factory):
    state = self.__dict__.get(name)
    if state is None:
        state = factory()
        setattr(self, name, state)

    return state


def _pubsub_subscribe(self, message_type, function):
    """Subscribes a function or a coroutine function; returns the id of the subscription."""
    subscriptions = _bus_state(self, '_subscriptions', dict)
    if not inspect.ismethod(function):
        reference, resolve = function, lambda: function
    else:
        _keep_wrapper(function.__self__)
        reference = resolve = weakref.WeakMethod(function)

    @callback
    def deliver(bus, message):
        target = resolve()
        if target is None:
            bus.unsubscribe(subscription)
            return None

        return target(message.type, *message.args, **message.kwargs)

    owner = getattr(function, '__self__', None)
    if reference is not function and isinstance(owner, GObject.Object):
        subscription = _subscribe_object(self, message_type, owner, deliver)
    else:
        subscription = _subscribe(self, message_type, deliver)
    subscriptions[subscription] = (message_type, reference)

    return subscription


def _pubsub_unsubscribe(self, subscription, function=None):
    """Ends a subscription, given its id, or the message type and the function."""
    subscriptions = _bus_state(self, '_subscriptions', dict)
    if function is None:
        subscriptions.pop(subscription, None)
        return _unsubscribe(self, subscription)

    reference = weakref.WeakMethod(function) if inspect.ismethod(function) else function
    found = [key for key, value in subscriptions.items() if value == (subscription, reference)]
    for key in found:
        self.unsubscribe(key)

    return bool(found)


def _pubsub_subscribe_all(self, instance):
    """Subscribes the decorated methods of an instance; once, however often it is called."""
    known = _bus_state(self, '_known', weakref.WeakSet)
    if instance in known:
        return
    _keep_wrapper(instance)
    known.add(instance)

    for name, function in inspect.getmembers_static(type(instance), inspect.isfunction):
        for message_type in getattr(function, '__asab_message_types__', ()):
            self.subscribe(message_type, getattr(instance, name))


def _pubsub_publish(self, message_type, *args, asynchronously=False, **kwargs):
    """Publishes a message, at once or when control is back at the main loop."""
    if args or kwargs:
        message = Message(message_type, *args, **kwargs)
        (self.publish_message_later if asynchronously else self.publish_message)(message)
    else:
        (_publish_later if asynchronously else _publish)(self, message_type)


PubSub.subscribe = _pubsub_subscribe
PubSub.subscribe_all = _pubsub_subscribe_all
PubSub.unsubscribe = _pubsub_unsubscribe
PubSub.publish = _pubsub_publish


# Subscriber

def _new_subscriber(_cls, bus=None, *message_types):
    return Subscriber.new(bus, list(message_types))


async def _subscriber_message(self):
    """Waits for the next message; it can be taken apart into its type, arguments and named arguments."""
    future = self.receive()
    try:
        return await own(future)
    except asyncio.CancelledError:
        if future.is_resolved():  # it came as we were cancelled, and nobody else knows of it
            self.put_back(future.get_value())
        raise


async def _subscriber_next(self):
    try:
        return await self.message()
    except GLib.Error as error:
        if error.matches(Asab.error_quark(), Asab.Error.CLOSED):
            raise StopAsyncIteration from None
        raise


Subscriber.__new__ = _new_subscriber
Subscriber.__init__ = lambda self, *args: None
Subscriber.message = _subscriber_message
Subscriber.__aiter__ = lambda self: self
Subscriber.__anext__ = _subscriber_next
