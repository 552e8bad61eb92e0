#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import asyncio
import contextlib
import functools
import io
import json
import urllib.error
import urllib.request

import gi
from asabtest import Asab, GLib, TestCase, asynchronous, main

gi.require_version('AsabWeb', '1.0')
from gi.repository import AsabWeb, Json  # noqa: E402


def served(test):
    """Runs a test, a coroutine function, with a container that listens."""
    @asynchronous
    @functools.wraps(test)
    async def run(self):
        self.container = AsabWeb.Container(listen='127.0.0.1 0')
        self.router = self.container.get_router()
        await self.container.start()
        try:
            await test(self)
        finally:
            await self.container.stop()

    return run


class WebTest(TestCase):
    async def fetch(self, path, **options):
        """Returns the status, the media type and the body of an answer."""
        def blocking():
            request = urllib.request.Request(self.container.dup_addresses()[0] + path, **options)
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    return answer.status, answer.headers.get_content_type(), answer.read()
            except urllib.error.HTTPError as answer:
                with answer:
                    return answer.code, answer.headers.get_content_type(), answer.read()

        return await asyncio.to_thread(blocking)

    @served
    async def test_returned_values(self):
        for value, media_type, body in (
                ('text', 'text/plain', b'text'),
                ({'a': [1, None]}, 'application/json', b'{"a":[1,null]}'),
                ([], 'application/json', b'[]'),
                (b'\0', 'application/octet-stream', b'\0'),
                (GLib.Bytes.new(b'b'), 'application/octet-stream', b'b'),
                (GLib.Variant('as', ['x']), 'application/json', b'["x"]'),
                (Json.from_string('5'), 'application/json', b'5')):
            path = f'/{type(value).__name__}/{media_type}'
            self.router.add_get(path, lambda _request, value=value: value)
            self.router.add_get(path + '/later', lambda _request, value=value: asyncio.sleep(0, value))
            for suffix in ('', '/later'):
                status, answered_type, answered = await self.fetch(path + suffix)
                self.assertEqual((status, answered_type), (200, media_type))
                self.assertEqual(answered.replace(b' ', b''), body)

    @served
    async def test_request(self):
        async def handle(request):
            self.assertEqual((request.method, request.path), ('POST', '/items/7'))
            self.assertEqual((request.param('id'), request.query('q')), ('7', 'x'))
            self.assertEqual(request.header('X-Test'), 'yes')
            self.assertEqual(json.loads(request.body), request.json())
            request.status = 201
            return {'id': request.param('id'), **request.json()}

        self.router.add('POST', '/items/{id}', handle)
        status, _, body = await self.fetch('/items/7?q=x', data=b'{"name": "n"}', method='POST',
                                           headers={'X-Test': 'yes', 'Content-Type': 'application/json'})
        self.assertEqual((status, json.loads(body)), (201, {'id': '7', 'name': 'n'}))

    @served
    async def test_bad_json(self):
        self.router.add_post('/', lambda request: request.json())
        status, _, _ = await self.fetch('/', data=b'{', method='POST', headers={'Content-Type': 'application/json'})
        self.assertEqual(status, 400)

    @served
    async def test_errors(self):
        async def missing(_request):
            raise GLib.Error.new_literal(AsabWeb.error_quark(), 'No such thing', AsabWeb.Error.NOT_FOUND)

        async def broken(_request):
            raise KeyError('a secret')

        def broken_at_once(_request):
            raise KeyError('a secret')

        self.router.add_get('/missing', missing)
        self.router.add_get('/broken', broken)
        self.router.add_get('/broken-at-once', broken_at_once)

        status, _, body = await self.fetch('/missing')
        self.assertEqual(status, 404)
        self.assertIn(b'No such thing', body)
        with contextlib.redirect_stderr(io.StringIO()) as reports:
            for path in ('/broken', '/broken-at-once'):
                status, _, body = await self.fetch(path)
                self.assertEqual(status, 500)
                self.assertNotIn(b'secret', body)
        self.assertEqual(reports.getvalue().count("KeyError: 'a secret'"), 2)

    @served
    async def test_client_leaves(self):
        reached, cancelled = asyncio.Event(), asyncio.Event()

        async def handle(_request):
            reached.set()
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()

        self.router.add_get('/', handle)
        address = self.container.dup_addresses()[0].removeprefix('http://')
        _, writer = await asyncio.open_connection(*address.split(':'))
        writer.write(b'GET / HTTP/1.1\r\nHost: test\r\n\r\n')
        await reached.wait()
        writer.close()
        await cancelled.wait()

    def test_service(self):
        app = Asab.Application()
        web = AsabWeb.Service(app)
        self.assertEqual(web.name, 'web')
        self.assertIs(app.get_service('web'), web)
        self.assertIsInstance(web.router, AsabWeb.Router)
        self.assertIsInstance(web.container, AsabWeb.Container)


if __name__ == '__main__':
    main()
