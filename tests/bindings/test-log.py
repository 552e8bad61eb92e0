#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import json
import logging
import pathlib
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

    def test_extra(self):
        """The keyword extra of Python is structured data too, and as records of JSON have it."""
        _, errors = self.run_program(use_extra)
        records = [json.loads(line) for line in errors.splitlines()][:8]
        self.assertEqual(records[0]['data'], {'user': 'jo', 'n': '1'})
        self.assertEqual(records[0]['function'], 'speak_with_extra')
        self.assertEqual(pathlib.Path(records[0]['file']).name, 'test-log.py')
        self.assertGreater(records[0]['line'], 0)
        self.assertNotIn('data', records[1])
        self.assertEqual([record['level'] for record in records],
                         ['WARNING', 'DEBUG', 'INFO', 'NOTICE', 'WARNING', 'ERROR', 'CRITICAL', 'CRITICAL'])
        self.assertEqual(records[-1]['message'], 'a\ufffdb\x7f\N{GRINNING FACE}')

    def test_levels_at_run_time(self):
        """Levels that are changed in the library hold for loggers, and those that are changed there hold."""
        _, errors = self.run_program(use_changing_levels)
        said = [line.split(maxsplit=2)[2] for line in errors.splitlines()]
        self.assertEqual(said, ['DEBUG root by threshold', 'INFO chatty by domain', 'DEBUG chatty.child by text',
                                'ERROR chatty by default', 'DEBUG own by Python'])

    def test_own_handlers(self):
        """A program that has set up the logging by itself keeps it."""
        output, errors = self.run_program(use_own_handler)
        self.assertEqual(output, 'own said\n')
        self.assertEqual(errors, '')

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


def speak_with_extra():
    logging.warning('said', extra={'user': 'jo'}, struct_data={'n': 1})
    Asab.log_set_threshold(GLib.LogLevelFlags.LEVEL_DEBUG)
    for level in (logging.DEBUG, logging.INFO, Asab.LOG_NOTICE, logging.WARNING, logging.ERROR, logging.CRITICAL, 60):
        logging.log(level, 'a\0b\x7f\N{GRINNING FACE}')


def speak_by_changing_levels():
    logging.debug('not said')
    Asab.log_set_threshold(GLib.LogLevelFlags.LEVEL_DEBUG)
    logging.debug('by threshold')
    Asab.log_set_threshold(GLib.LogLevelFlags.LEVEL_CRITICAL)
    logging.warning('not said')
    chatty = logging.getLogger('chatty')
    Asab.log_set_domain_level('chatty', GLib.LogLevelFlags.LEVEL_INFO)
    chatty.info('by domain')
    Asab.log_set_levels('chatty.child DEBUG\n')
    logging.getLogger('chatty.child').debug('by text')
    Asab.log_set_levels('')
    Asab.log_set_domain_level('chatty', 0)
    logging.getLogger('chatty.child').warning('not said')
    chatty.error('by default')
    own = logging.getLogger('own')
    own.setLevel(logging.DEBUG)
    own.debug('by Python')


def use_extra():
    with tempfile.NamedTemporaryFile('w', suffix='.conf') as config:
        config.write('[logging:console]\npiped=json\n')
        config.flush()

        return Speaker(speak_with_extra).run([*sys.argv, '-c', config.name])


def use_changing_levels():
    return Speaker(speak_by_changing_levels).run()


def use_own_handler():
    logging.basicConfig(stream=sys.stdout, format='own %(message)s')

    return Speaker(lambda: (logging.info('not said'), logging.warning('said'))).run()


def use_logging():
    return Speaker(speak).run()


def use_logging_levels():
    with tempfile.NamedTemporaryFile('w', suffix='.conf') as config:
        config.write('[logging]\nlevels=\n  # comment\n  chatty DEBUG\n  quiet CRITICAL\n')
        config.flush()

        return Speaker(speak_by_level).run([*sys.argv, '-c', config.name])


if __name__ == '__main__':
    main()
