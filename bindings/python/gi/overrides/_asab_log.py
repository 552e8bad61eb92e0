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

# What each record has, and what it may have.
_ALWAYS = frozenset(logging.makeLogRecord({}).__dict__)
_ATTRIBUTES = _ALWAYS | {'_struct_data', 'asctime', 'message'}

_named = set()  # loggers with levels of the library


def _to_glib(level):
    return next((flag for number, flag in _LEVELS if level >= number), GLib.LogLevelFlags.LEVEL_DEBUG)


def _from_glib(flag):
    return next((number for number, other in _LEVELS if flag == other), logging.DEBUG)


def _to_text(value):
    """A string that C can have: it knows neither NUL nor halves of surrogate pairs."""
    return str(value).replace('\0', '\N{REPLACEMENT CHARACTER}').encode(errors='replace').decode()


def _get_data(record):
    """Structured data: what was given as struct_data, and as extra."""
    if len(record.__dict__) == len(_ALWAYS):
        return {}
    extra = {name: value for name, value in record.__dict__.items() if name not in _ATTRIBUTES}
    return {**extra, **record.__dict__.get('_struct_data', {})}


_log = logging.Logger._log


def _log_with_data(self, level, msg, args, exc_info=None, extra=None, stack_info=False, stacklevel=1, struct_data=None):
    """All functions of all loggers, whoever made them, take structured data: a mapping, the argument struct_data."""
    if struct_data:
        extra = {**(extra or {}), '_struct_data': struct_data}
    _log(self, level, msg, args, exc_info, extra, stack_info, stacklevel + 1)


class LogHandler(logging.Handler):
    """Passes records to the log of the library. What is logged, the levels of Python's loggers tell."""

    def emit(self, record):
        try:
            pairs = [_to_text(text) for item in _get_data(record).items() for text in item]
            pairs += ['CODE_FILE', _to_text(record.pathname), 'CODE_LINE', str(record.lineno),
                      'CODE_FUNC', record.funcName or '']
            Asab.log_write(record.name, _to_glib(record.levelno), _to_text(self.format(record)), pairs)
        except Exception:
            self.handleError(record)


# Levels: loggers get those of the library, so that what is not logged costs next to nothing.

def _get_logger(name):
    return logging.getLogger(None if name == 'root' else name)


def _is_installed():
    return any(isinstance(handler, LogHandler) for handler in logging.getLogger().handlers)


def _apply_levels(text):
    if not _is_installed():
        return
    words = [word for line in text.splitlines() if not line.lstrip().startswith(('#', ';')) for word in line.split()]
    names = set(words[::2]) - {'root'}
    logging.getLogger().setLevel(_from_glib(Asab.log_get_threshold()))
    for name in _named - names:
        _get_logger(name).setLevel(logging.NOTSET)
    for name in names:
        _get_logger(name).setLevel(_from_glib(Asab.log_get_domain_level(name)))
    _named.clear()
    _named.update(names)


def apply_log_levels(config):
    """Lets the loggers of Python have the levels that the configuration has given to the library."""
    _apply_levels(config.get_string('logging', 'levels'))


def log_set_threshold(level):
    """Sets the least important level that is logged, by Python too."""
    Asab.log_set_threshold(level)
    if _is_installed():
        logging.getLogger().setLevel(_from_glib(level))


def log_set_domain_level(domain, level):
    """Sets the least important level that a domain logs, and the logger of that name; 0 is none of its own."""
    Asab.log_set_domain_level(domain, level)
    if _is_installed():
        logging.getLogger(domain).setLevel(_from_glib(level) if level else logging.NOTSET)


def log_set_levels(text):
    """Sets the levels of all domains, and of the loggers of these names."""
    Asab.log_set_levels(text)
    _apply_levels(text)

    return True


def install_log_handler(config):
    """Adds a handler to the root logger, unless the program has set up the logging by itself."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(LogHandler())
    apply_log_levels(config)

    return -1  # as a handler of GApplication's signal: go on


logging.addLevelName(LOG_NOTICE, 'NOTICE')
logging.Logger._log = _log_with_data
