#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import logging
import sys
import tempfile

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


    def test_logging(self):
        _, errors = self.run_program(use_logging)
        lines = errors.splitlines()
        self.assertRegex(lines[0], r' NOTICE my\.mod \[sd key1="value1" key2="2"\] Hello world!$')
        self.assertRegex(lines[1], r' WARNING my\.mod a\uFFFD\?b$')
        self.assertRegex(lines[2], r' ERROR my\.mod It failed$')
        self.assertEqual(lines[-2], 'ZeroDivisionError: division by zero')
        self.assertRegex(lines[-1], r' CRITICAL my\.mod the worst$')

    def test_levels_of_loggers(self):
        _, errors = self.run_program(use_logging_levels)
        said = [line.split(maxsplit=2)[2] for line in errors.splitlines()]
        self.assertEqual(said, ['NOTICE root shown', 'DEBUG chatty shown', 'DEBUG chatty.child shown'])

    def test_verbose(self):
        _, errors = self.run_program(use_logging_levels, '-v')
        self.assertIn(' INFO root also shown\n', errors)
        self.assertNotIn('quiet', errors)


def write(level, text):
    GLib.log_variant('test', level, GLib.Variant('a{sv}', {'MESSAGE': GLib.Variant('s', text)}))


def log():
    Asab.log_install()
    Asab.log_set_threshold(GLib.LogLevelFlags.LEVEL_WARNING)
    write(GLib.LogLevelFlags.LEVEL_INFO, 'not said')
    write(GLib.LogLevelFlags.LEVEL_WARNING, 'said by Python')
    Asab.log_flush()


class Speaker(Asab.Application):
    def __init__(self, speak):
        super().__init__()
        self.speak = speak

    async def main(self):
        self.speak()
        self.stop()


def speak():
    logger = logging.getLogger('my.mod')
    logger.log(Asab.LOG_NOTICE, 'Hello %s!', 'world', struct_data={'key1': 'value1', 'key2': 2})
    logger.warning('a\0\ud800b')
    try:
        1 / 0
    except ZeroDivisionError:
        logger.exception('It failed')
    logger.info('not said')
    logger.critical('the worst')


def speak_by_level():
    logging.log(Asab.LOG_NOTICE, 'shown')
    logging.info('also shown')
    logging.getLogger('chatty').debug('shown')
    logging.getLogger('chatty.child').debug('shown')
    logging.getLogger('quiet').error('not shown')


def use_logging():
    return Speaker(speak).run()


def use_logging_levels():
    with tempfile.NamedTemporaryFile('w', suffix='.conf') as config:
        config.write('[logging]\nlevels=\n  # comment\n  chatty DEBUG\n  quiet CRITICAL\n')
        config.flush()

        return Speaker(speak_by_level).run([*sys.argv, '-c', config.name])


if __name__ == '__main__':
    main()
