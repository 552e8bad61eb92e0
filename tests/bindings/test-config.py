#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import tempfile

from asabtest import Asab, GLib, TestCase, main


class ConfigTest(TestCase):
    def setUp(self):
        self.config = Asab.Config()
        self.config.add_defaults({'web': {'listen': '8080', 'limit': '2KiB', 'timeout': '1m30s', 'on': 'yes'}})

    def test_mapping(self):
        self.assertEqual(self.config['web']['listen'], '8080')
        self.assertIn('web', self.config)
        self.assertNotIn('mail', self.config)
        self.assertEqual(dict(self.config['web']),
                         {'listen': '8080', 'limit': '2KiB', 'timeout': '1m30s', 'on': 'yes'})
        self.assertEqual(list(self.config), ['web'])
        self.assertEqual(len(self.config), 1)
        self.assertIn('8080', repr(self.config['web']))

    def test_missing(self):
        with self.assertRaises(KeyError):
            self.config['mail']
        with self.assertRaises(KeyError):
            self.config['web']['certificate']
        with self.assertRaises(KeyError):
            self.config['web'].getint('certificate')
        self.assertIsNone(self.config['web'].get('certificate'))
        self.assertEqual(self.config['web'].getint('certificate', fallback=5), 5)

    def test_typed(self):
        web = self.config['web']
        self.assertEqual(web.getint('listen'), 8080)
        self.assertEqual(web.getfloat('listen'), 8080.0)
        self.assertEqual(web.getsize('limit'), 2048)
        self.assertEqual(web.getseconds('timeout'), 90)
        self.assertIs(web.getboolean('on'), True)
        with self.assertRaises(GLib.Error) as raised:
            web.getint('limit')
        self.assertTrue(raised.exception.matches(Asab.config_error_quark(), Asab.ConfigError.INVALID_VALUE))

    def test_set(self):
        changes = []
        self.config.connect('changed', lambda _config, *place: changes.append(place))
        self.config['web']['listen'] = 9090
        self.config['mail'] = {'host': 'localhost'}
        self.assertEqual(self.config['web']['listen'], '9090')
        self.assertEqual(self.config.get_string('mail', 'host'), 'localhost')
        self.assertIn(('web', 'listen'), changes)

    def test_file(self):
        with tempfile.NamedTemporaryFile('w', suffix='.conf') as file:
            file.write('[web]\nlisten: 80\nnames = a,\n  b\n')
            file.flush()
            self.config.load(file.name)
        self.assertEqual(self.config['web']['listen'], '80')
        self.assertEqual(self.config['web'].getlist('names'), ['a', 'b'])
        self.assertIn('listen', self.config.dump())

    def test_broken_file(self):
        with tempfile.NamedTemporaryFile('w', suffix='.conf') as file:
            file.write('nonsense\n')
            file.flush()
            with self.assertRaises(GLib.Error) as raised:
                self.config.load(file.name)
        self.assertTrue(raised.exception.matches(Asab.config_error_quark(), Asab.ConfigError.PARSE))
        self.assertEqual(self.config['web']['listen'], '8080')


if __name__ == '__main__':
    main()
