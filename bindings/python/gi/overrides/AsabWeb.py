# SPDX-License-Identifier: LGPL-2.1-or-later
"""Handlers as functions or coroutines that may return what is to be answered, and requests with attributes."""

import inspect
import json

from gi.module import get_introspection_module
from gi.repository import GLib, Json

from gi.overrides.Asab import add_properties
from gi.overrides._asab_async import callback

AsabWeb = get_introspection_module('AsabWeb')
Request, Router, Service = AsabWeb.Request, AsabWeb.Router, AsabWeb.Service

__all__ = []

add_properties(AsabWeb)


# Handlers

def _respond(request, value):
    """Answers with text, with bytes as they are, with everything else as JSON."""
    if isinstance(value, str):
        request.respond_text(value)
    elif isinstance(value, (bytes, bytearray, memoryview)):
        request.respond_bytes(GLib.Bytes.new(bytes(value)), 'application/octet-stream')
    elif isinstance(value, GLib.Bytes):
        request.respond_bytes(value, 'application/octet-stream')
    elif isinstance(value, GLib.Variant):
        request.respond_variant(value)
    elif value is not None:
        request.respond_json(value)


async def _respond_later(request, awaitable):
    _respond(request, await awaitable)


def _handler(function):
    @callback
    def handle(request, *_data):
        answer = function(request)
        if inspect.isawaitable(answer):
            return _respond_later(request, answer)
        _respond(request, answer)

        return None

    return handle


def _add(add):
    def add_handler(self, *args):
        *place, handler = args

        return add(self, *place, _handler(handler))

    add_handler.__doc__ = 'Adds a route to a function or a coroutine function that takes the request.'

    return add_handler


for _name in ('add', 'add_get', 'add_post', 'add_put', 'add_patch', 'add_delete'):
    setattr(Router, _name, _add(getattr(Router, _name)))


# Request

_respond_json = Request.respond_json


def _request_respond_json(self, value):
    _respond_json(self, value if isinstance(value, Json.Node) else Json.from_string(json.dumps(value)))


def _request_json(self):
    """The body as the data that its JSON stands for; without JSON the client is told so."""
    return json.loads(Json.to_string(self.get_json(), False))


Request.respond_json = _request_respond_json
Request.json = _request_json
Request.method = property(Request.get_method)
Request.path = property(Request.get_path)
Request.body = property(lambda self: self.get_body().get_data())
Request.status = property(Request.get_status, Request.set_status)
Request.param = Request.get_param
Request.query = Request.get_query
Request.header = Request.get_header


# Service

def _service_init(self, application=None, name='web', **properties):
    super(Service, self).__init__(application, name, **properties)


Service.__init__ = _service_init
Service.router = property(Service.get_router)
