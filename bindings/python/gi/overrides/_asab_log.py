# SPDX-License-Identifier: LGPL-2.1-or-later
"""Python's logging module goes to the log of the library.

    L = logging.getLogger(__name__)
    L.log(Asab.LOG_NOTICE, 'Hello', struct_data={'key': 'value'})
"""

import logging

from gi.module import get_introspection_module
from gi.repository import GLib

Asab = get_introspection_module('Asab')

LOG_NOTICE = 25

_LEVELS = (
    (logging.CRITICAL, GLib.LogLevelFlags.LEVEL_ERROR),
    (logging.ERROR, GLib.LogLevelFlags.LEVEL_CRITICAL),
    (logging.WARNING, GLib.LogLevelFlags.LEVEL_WARNING),
    (LOG_NOTICE, GLib.LogLevelFlags.LEVEL_MESSAGE),
    (logging.INFO, GLib.LogLevelFlags.LEVEL_INFO),
)


def _to_glib(level):
    return next((flag for number, flag in _LEVELS if level >= number), GLib.LogLevelFlags.LEVEL_DEBUG)


def _from_glib(flag):
    return next((number for number, other in _LEVELS if flag == other), logging.DEBUG)


def _to_text(value):
    """A string that C can have: it knows neither NUL nor halves of surrogate pairs."""
    return str(value).replace('\0', '\N{REPLACEMENT CHARACTER}').encode(errors='replace').decode()


class StructuredDataLogger(logging.Logger):
    """A logger whose functions take structured data: a mapping, given as the argument struct_data."""

    def _log(self, level, msg, args, exc_info=None, extra=None, stack_info=False, stacklevel=1, struct_data=None):
        if struct_data is not None:
            extra = {**(extra or {}), '_struct_data': struct_data}
        super()._log(level, msg, args, exc_info, extra, stack_info, stacklevel + 1)


class LogHandler(logging.Handler):
    """Passes records to the log of the library, which filters by its own levels too."""

    def emit(self, record):
        try:
            data = getattr(record, '_struct_data', None) or {}
            pairs = [_to_text(text) for item in data.items() for text in item]
            Asab.log_write(record.name, _to_glib(record.levelno), _to_text(self.format(record)), pairs)
        except Exception:
            self.handleError(record)


def apply_log_levels(config):
    """Lets the loggers of Python have the levels of the library, so that what is not logged costs next to nothing."""
    logging.getLogger().setLevel(_from_glib(Asab.log_get_threshold()))
    words = [word for line in config.get_string('logging', 'levels').splitlines()
             if not line.lstrip().startswith(('#', ';')) for word in line.split()]
    for name in words[::2]:
        logging.getLogger(None if name == 'root' else name).setLevel(_from_glib(Asab.log_get_domain_level(name)))


def install_log_handler(config):
    """Adds a handler to the root logger, unless the program has set up the logging by itself."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(LogHandler())
    if any(isinstance(handler, LogHandler) for handler in root.handlers):
        apply_log_levels(config)

    return -1  # as a handler of GApplication's signal: go on


logging.addLevelName(LOG_NOTICE, 'NOTICE')
logging.setLoggerClass(StructuredDataLogger)
