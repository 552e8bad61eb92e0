# SPDX-License-Identifier: LGPL-2.1-or-later
"""Channels as Python's asynclib has them: bytes are bytes, addresses may be tuples, handlers may raise and need not
return anything.
"""

import functools
import math

from gi.module import get_introspection_module
from gi.repository import Gio, GLib, GObject

from gi.overrides._asab_async import to_error

Asab = get_introspection_module('Asab')

_HANDLERS = ('handle_connect', 'handle_accept', 'handle_read', 'handle_write', 'handle_exception', 'pull',
             'found_terminator')
_OTHERS = ('handle_close', 'handle_error', 'readable', 'writable')  # C does not expect them to fail


# Virtual functions

def _handler(function):
    """For C, which wants true or an error: nothing is true, and PyGObject knows only the exceptions of GLib."""
    @functools.wraps(function)
    def handler(self, *args):
        try:
            result = function(self, *(_from_bytes(arg) for arg in args))
        except Exception as exception:
            raise to_error(exception) from exception

        return result is None or bool(result)

    return handler


def _closing(function):
    """Closes a channel whose handler fails where there is nobody to tell; the traceback is printed."""
    @functools.wraps(function)
    def handler(self, *args):
        try:
            return function(self, *args)
        except Exception:
            self.close()
            raise

    return handler


def _init_subclass(cls, **kwargs):
    super(Asab.Dispatcher, cls).__init_subclass__(**kwargs)
    for name in _HANDLERS + _OTHERS:
        function = cls.__dict__.get('do_' + name, cls.__dict__.get(name))
        if function is not None:
            setattr(cls, 'do_' + name, _handler(function) if name in _HANDLERS else _closing(function))


Asab.Dispatcher.__init_subclass__ = classmethod(_init_subclass)


# Values

def _from_bytes(value):
    return value.get_data() or b'' if isinstance(value, GLib.Bytes) else value


def _to_bytes(data):
    return GLib.Bytes.new(data.encode() if isinstance(data, str) else bytes(data))


def _to_address(address):
    """From (host, port), the host being an IP address, or the path of a UNIX socket."""
    if isinstance(address, Gio.SocketAddress):
        return address
    if isinstance(address, str):
        return Gio.UnixSocketAddress.new(address)

    host, port, *_ = address
    try:
        return Gio.InetSocketAddress.new(Gio.InetAddress.new_from_string(host), port)
    except TypeError as error:
        raise ValueError(f'“{host}” is no IP address') from error


# Dispatcher

_accept, _bind = Asab.Dispatcher.accept, Asab.Dispatcher.bind
_connect_to, _signal_connect = Asab.Dispatcher.connect_to, GObject.Object.connect
_connect_to_host = Asab.Dispatcher.connect_to_host
_create_socket, _listen = Asab.Dispatcher.create_socket, Asab.Dispatcher.listen
_recv, _send = Asab.Dispatcher.recv, Asab.Dispatcher.send


def _dispatcher_init(self, sock=None, map=None, **properties):  # noqa: A002 (its name in asynclib)
    GObject.Object.__init__(self, socket=sock, map=map, **properties)


def _accept_pair(self):
    """The client's socket and address, or None if there is no client."""
    socket, address = _accept(self)

    return None if socket is None else (socket, address)


def _connect(self, address, *args):
    """Connects to an address; to a handler, like every object, if it is the name of a signal."""
    if args:
        return _signal_connect(self, address, *args)

    return _connect_to(self, _to_address(address))


Asab.Dispatcher.__init__ = _dispatcher_init
Asab.Dispatcher.accept = _accept_pair
Asab.Dispatcher.bind = lambda self, address: _bind(self, _to_address(address))
Asab.Dispatcher.connect = _connect
Asab.Dispatcher.connect_to = lambda self, address: _connect_to(self, _to_address(address))
Asab.Dispatcher.connect_to_host = lambda self, address, default_port=0, timeout=math.inf: (
    _connect_to_host(self, address, default_port, timeout))
Asab.Dispatcher.create_socket = lambda self, family=Gio.SocketFamily.IPV4, type=Gio.SocketType.STREAM: (
    _create_socket(self, family, type))
Asab.Dispatcher.listen = lambda self, num=5: _listen(self, num)
Asab.Dispatcher.recv = lambda self, buffer_size: _from_bytes(_recv(self, buffer_size))
Asab.Dispatcher.send = lambda self, data: _send(self, _to_bytes(data))
Asab.Dispatcher.__repr__ = lambda self: f'<{self.describe()} at {id(self):#x}>'


# AsyncChat

_push, _take_inbox = Asab.AsyncChat.push, Asab.AsyncChat.take_inbox


def _set_terminator(self, terminator):
    """What ends a record: bytes or text, a number of bytes, a list of bytes or texts, or None."""
    if terminator is None or terminator in (0, b'', ''):
        self.clear_terminator()
    elif isinstance(terminator, int):
        self.set_terminator_length(terminator)
    elif isinstance(terminator, (list, tuple)):
        self.set_terminator_list([item.decode() if isinstance(item, bytes) else item for item in terminator])
    else:
        self.set_terminator_bytes(_to_bytes(terminator))


Asab.AsyncChat.push = lambda self, data: _push(self, _to_bytes(data))
Asab.AsyncChat.set_terminator = _set_terminator
Asab.AsyncChat.take_inbox = lambda self: _from_bytes(_take_inbox(self))


# Producer

def _more(function):
    """For C, which takes GLib's bytes, and only GLib's errors."""
    @functools.wraps(function)
    def more(self):
        try:
            data = function(self)
        except Exception as exception:
            raise to_error(exception) from exception

        return None if data is None else _to_bytes(data)

    return more


def _init_producer(cls, **kwargs):
    super(Asab.Producer, cls).__init_subclass__(**kwargs)
    function = cls.__dict__.get('do_more', cls.__dict__.get('more'))
    if function is not None:
        cls.do_more = _more(function)


Asab.Producer.__init_subclass__ = classmethod(_init_producer)


# Servers and clients

_new_server, _new_client = Asab.StreamServer.new_with_factory, Asab.StreamClient.new_with_factory


def _factory(function):
    """For C, which wants a channel or an error."""
    def make(owner, _data=None):
        try:
            return function(owner)
        except Exception as exception:
            raise to_error(exception) from exception

    return make


Asab.StreamServer.new_with_factory = lambda factory: _new_server(_factory(factory), None)
Asab.StreamClient.new_with_factory = lambda factory: _new_client(_factory(factory), None)


# Loop

_loop, _call_later = Asab.loop, Asab.call_later


def loop(timeout=30.0, map=None, tasks=None, count=None):  # noqa: A002 (its name in asynclib)
    """Serves channels and makes delayed calls until there are none, or for `count` passes."""
    return _loop(timeout, map, tasks, -1 if count is None else count)


def call_later(seconds, function, *args, tasks=None):
    """Calls a function later."""
    def call(_data=None):
        try:
            function(*args)
        except Exception as exception:
            raise to_error(exception) from exception

        return True

    return _call_later(seconds, call, None, tasks)
