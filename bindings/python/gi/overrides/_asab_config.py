# SPDX-License-Identifier: LGPL-2.1-or-later
"""The configuration as a mapping of sections, which are mappings of texts: `config['web']['listen']`."""

import collections.abc

from gi.module import get_introspection_module

Config = get_introspection_module('Asab').Config


class Section(collections.abc.Mapping):
    """A section of a configuration, as it is at the time of asking."""

    def __init__(self, config, name):
        self._config = config
        self._name = name

    def __getitem__(self, key):
        if key not in self:
            raise KeyError(key)

        return self._config.get_string(self._name, key)

    def __setitem__(self, key, value):
        self._config.set_string(self._name, key, str(value))

    def __contains__(self, key):
        return self._config.has_key(self._name, key)

    def __iter__(self):
        return iter(self._config.get_keys(self._name))

    def __len__(self):
        return len(self._config.get_keys(self._name))

    def __repr__(self):
        return f'<section {self._name!r}: {dict(self)!r}>'

    def _get(self, getter, key, fallback):
        if key in self:
            return getter(self._config, self._name, key)
        if fallback is self:
            raise KeyError(key)

        return fallback


def _add_getter(name, getter):
    def get(self, key, **fallback):
        return self._get(getter, key, fallback.get('fallback', self))

    get.__doc__ = 'Gets a value by its kind, or the `fallback`, if that is given.'
    setattr(Section, name, get)


for _name, _getter in {
        'getboolean': Config.get_boolean,
        'getint': Config.get_int64,
        'getfloat': Config.get_double,
        'getseconds': Config.get_seconds,
        'getsize': Config.get_size,
        'getlist': Config.get_list,
        'getmultiline': Config.get_lines,
}.items():
    _add_getter(_name, _getter)


def _getitem(self, section):
    if section not in self:
        raise KeyError(section)

    return Section(self, section)


def _setitem(self, section, values):
    for key, value in values.items():
        self.set_string(section, key, str(value))


def _add_defaults(self, defaults):
    """Adds defaults from a mapping of sections."""
    for section, values in defaults.items():
        for key, value in values.items():
            self.add_default(section, key, str(value))


Config.__getitem__ = _getitem
Config.__setitem__ = _setitem
Config.__contains__ = Config.has_section
Config.__iter__ = lambda self: iter(self.get_sections())
Config.__len__ = lambda self: len(self.get_sections())
Config.__bool__ = lambda self: True
Config.keys = Config.sections = Config.get_sections
Config.add_defaults = _add_defaults
