#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A cache of user accounts, whose entries age by a clock that is moved by hand."""

import itertools

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab  # noqa: E402

versions = itertools.count(1)


def load_user(name):
    print(f'  loading {name}')
    return f'{name}, version {next(versions)}'


async def load_guest(name):
    print(f'  loading the guest {name}')
    return 'a guest'


def fail_to_load(_name):
    raise ConnectionError('the database is down')


def complain(error, was_batched):
    print(f'  {"in a batch" if was_batched else "refreshing one"}: {error}')


async def print_user(cache, user):
    now = cache.clock.get_time() / 1e6
    print(f'{now:3.0f} s: {await user}')
    await Asab.sleep(0)  # lets happen what is going on in the background


async def main():
    clock = Asab.Clock.new()

    async with Asab.RefreshCache(ttl=60, refresh=15, clock=clock, default_loader=load_user,
                                 processor=complain) as cache:
        for pause in (0, 30, 20, 1, 100):  # missed, hit, hit and refreshed, hit, expired
            clock.advance(pause)
            await print_user(cache, cache.get('ada'))

        await print_user(cache, cache.get('bob', load_guest))

        # The value that is there lives on when it cannot be refreshed.
        cache.register_loader('ada', fail_to_load)
        clock.advance(50)
        await print_user(cache, cache.get('ada'))
        await print_user(cache, cache.invalidate('ada'))
        print('ada is', 'there' if 'ada' in cache else 'gone')


Asab.run(main())
