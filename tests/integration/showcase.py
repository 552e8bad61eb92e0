#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the showcase as a person would: starts it, asks it everything, and ends it with Ctrl-C.

usage: showcase.py PROGRAM CONFIGURATION
"""

import json
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

PROGRAM, CONFIGURATION = sys.argv.pop(1), sys.argv.pop(1)
TIMEOUT = 20


class Showcase:
    """A showcase that runs, with a configuration of its own."""

    def __init__(self, configuration):
        self.log = tempfile.TemporaryFile('w+')
        self.configuration = tempfile.NamedTemporaryFile('w', suffix='.conf')
        self.configure(configuration)
        self.process = subprocess.Popen([PROGRAM, '-v', '-c', self.configuration.name], encoding='utf-8',
                                        stdout=subprocess.PIPE, stderr=self.log)
        listening = re.fullmatch(r'Listening on (http://127\.0\.0\.1:(\d+))/\n', self.process.stdout.readline())
        self.address = listening and listening[1]
        self.port = listening and int(listening[2])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        self.configuration.close()
        self.log.close()

    def configure(self, configuration):
        self.configuration.seek(0)
        self.configuration.truncate()
        self.configuration.write(configuration)
        self.configuration.flush()

    def ask(self, path, body=None, accept='application/json'):
        """Returns status, media type and body; what is JSON is decoded."""
        request = urllib.request.Request(self.address + path, data=body, headers={'Accept': accept})
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                status, headers, text = answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, headers, text = error.code, error.headers, error.read().decode()
        media_type = headers.get_content_type()
        return status, media_type, json.loads(text) if media_type == 'application/json' else text

    def end(self):
        """Does what Ctrl-C does, returns the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(TIMEOUT)

    def read_log(self):
        self.log.seek(0)
        return self.log.read()


class Routes(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        configuration = '[showcase]\nfirst_port = 0\n[general]\ntick_period = 0.01\n[api]\ngreeting = Ahoy\n'
        cls.showcase = cls.enterClassContext(Showcase(configuration))

    def test_page(self):
        status, media_type, page = self.showcase.ask('/', accept='text/html')
        self.assertEqual((status, media_type), (200, 'text/html'))
        self.assertIn('<title>asab-glib showcase</title>', page)
        self.assertNotRegex(page, r'(?:src|href)="(?:https?:)?//', 'it takes nothing from elsewhere')

    def test_links_of_page(self):
        _, _, page = self.showcase.ask('/', accept='text/html')
        paths = set(re.findall(r'<a href="(/[^"]*)"(?! data-body)', page))
        self.assertIn('/api/status', paths)
        for path in paths - {'/api/fail'}:
            self.assertEqual(self.showcase.ask(path)[0], 200, path)

    def test_hello(self):
        self.assertEqual(self.showcase.ask('/hello'), (200, 'text/plain', 'Hello, world!\n'))

    def test_status(self):
        status, media_type, first = self.showcase.ask('/api/status')
        self.assertEqual((status, media_type), (200, 'application/json'))
        self.assertEqual(first['services'], ['web', 'ticks'])
        self.assertEqual(first['modules'], ['api'])
        self.assertGreaterEqual(first['connections'], 1)

    def test_ticks(self):
        deadline = time.monotonic() + TIMEOUT
        while (status := self.showcase.ask('/api/status')[2])['milestone'] == 0:
            self.assertLess(time.monotonic(), deadline)
        self.assertEqual(status['milestone'] % 10, 0)
        self.assertGreaterEqual(status['ticks'], status['milestone'])
        self.assertGreater(status['uptime'], 0)

    def test_echo(self):
        body = {'answer': [42, None, 'žluťoučký kůň', {}]}
        answer = self.showcase.ask('/api/echo', json.dumps(body).encode())
        self.assertEqual(answer, (200, 'application/json', body))

    def test_echo_of_no_json(self):
        status, media_type, answer = self.showcase.ask('/api/echo', b'{"answer":')
        self.assertEqual((status, media_type), (400, 'application/json'))
        self.assertIn('not valid JSON', answer['message'])

    def test_greeting(self):
        answer = self.showcase.ask('/api/greetings/J%C3%BCrgen%20%3C')
        self.assertEqual(answer, (200, 'application/json', {'name': 'Jürgen <', 'greeting': 'Ahoy, Jürgen <!'}))

    def test_slow(self):
        began = time.monotonic()
        self.assertEqual(self.showcase.ask('/api/slow'), (200, 'application/json', {'slept': 0.5}))
        self.assertGreaterEqual(time.monotonic() - began, 0.5)

    def test_fail(self):
        answer = self.showcase.ask('/api/fail')
        self.assertEqual(answer, (503, 'application/json', {'result': 'ERROR', 'message': 'This never works'}))
        answer = self.showcase.ask('/api/fail', accept='text/plain')
        self.assertEqual(answer, (503, 'text/plain', '503 Service Unavailable: This never works\n'))

    def test_nowhere(self):
        self.assertEqual(self.showcase.ask('/nowhere')[0], 404)


class Life(unittest.TestCase):

    def setUp(self):
        self.other = self.enterContext(socket.create_server(('127.0.0.1', 0)))
        self.taken = self.other.getsockname()[1]

    def test_end(self):
        with Showcase('[showcase]\nfirst_port = 0\n') as showcase:
            self.assertEqual(showcase.ask('/hello')[0], 200)
            self.assertEqual(showcase.end(), 0, showcase.read_log())
            self.assertNotRegex(showcase.read_log(), 'WARNING|ERROR|CRITICAL')

    def test_next_port(self):
        with Showcase(f'[showcase]\nfirst_port = {self.taken}\n') as showcase:
            self.assertGreater(showcase.port, self.taken)
            self.assertEqual(showcase.ask('/hello')[0], 200)
            self.assertEqual(showcase.end(), 0, showcase.read_log())

    def test_reload(self):
        with Showcase('[showcase]\nfirst_port = 0\n[api]\ngreeting = Ahoy\n') as showcase:
            self.assertEqual(showcase.ask('/api/greetings/Ada')[2]['greeting'], 'Ahoy, Ada!')
            showcase.configure('[showcase]\nfirst_port = 0\n[api]\ngreeting = Ciao\n')
            showcase.process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + TIMEOUT
            while showcase.ask('/api/greetings/Ada')[2]['greeting'] != 'Ciao, Ada!':
                self.assertLess(time.monotonic(), deadline)
            self.assertEqual(showcase.end(), 0, showcase.read_log())

    def test_configured_port(self):
        with Showcase(f'[web]\nlisten = 127.0.0.1 {self.taken}\n') as showcase:
            self.assertIsNone(showcase.port)
            self.assertEqual(showcase.process.wait(TIMEOUT), 1)
            self.assertIn(f'Cannot listen at “127.0.0.1 {self.taken}”', showcase.read_log())

    def test_configuration(self):
        subprocess.run([PROGRAM, '-c', CONFIGURATION, '--check-config'], check=True, timeout=TIMEOUT)


unittest.main(verbosity=2)
