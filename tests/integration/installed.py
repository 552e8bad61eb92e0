# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version('Asab', '1.0')

from gi.repository import Asab, GLib  # noqa: E402

error = GLib.Error.new_literal(Asab.error_quark(), 'closed', Asab.Error.CLOSED)
assert error.matches(Asab.error_quark(), Asab.Error.CLOSED)
