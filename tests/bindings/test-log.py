#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

from asabtest import Asab, GLib, TestCase, main


class LogTest(TestCase):
    def test_levels(self):
        for name, level in (('DEBUG', GLib.LogLevelFlags.LEVEL_DEBUG), ('WARNING', GLib.LogLevelFlags.LEVEL_WARNING)):
            self.assertEqual(Asab.log_parse_level(name), (True, level))
        self.assertFalse(Asab.log_parse_level('nonsense')[0])

    def test_output(self):
        _, errors = self.run_program(log)
        lines = errors.splitlines()
        self.assertEqual(len(lines), 1)
        self.assertRegex(lines[0], r'^\d+-\w+-\d+ \d\d:\d\d:\d\d\.\d{6} WARNING test said by Python$')


def write(level, text):
    GLib.log_variant('test', level, GLib.Variant('a{sv}', {'MESSAGE': GLib.Variant('s', text)}))


def log():
    Asab.log_install()
    Asab.log_set_threshold(GLib.LogLevelFlags.LEVEL_WARNING)
    write(GLib.LogLevelFlags.LEVEL_INFO, 'not said')
    write(GLib.LogLevelFlags.LEVEL_WARNING, 'said by Python')
    Asab.log_flush()


if __name__ == '__main__':
    main()
