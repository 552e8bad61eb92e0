#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two coroutines at work side by side, and a limit of time for one of them."""

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab, Gio, GLib  # noqa: E402


async def boil(seconds):
    await Asab.sleep(seconds * 0.01)  # nobody has that much time
    return f'a {seconds} second egg'


async def have_breakfast():
    soft = Asab.spawn(boil(1))
    hard = Asab.spawn(boil(360000))
    in_time = hard.with_timeout(0.1, True)

    print('Here is', await soft)
    try:
        await in_time
    except GLib.Error as error:
        print('The other one is', 'late' if error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.TIMED_OUT) else 'gone')


Asab.run(have_breakfast())
