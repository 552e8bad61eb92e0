#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

# Five downloads, two at a time.

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab

running = most = 0


async def download(page):
    global running, most

    running += 1
    most = max(most, running)
    await Asab.sleep(0.001 * (5 - page))
    running -= 1
    if page == 3:
        raise LookupError('there is no page 3')

    return f'page {page}'


async def main():
    for result in await Asab.gather_limited(2, *map(download, range(5)), ret_exc=True):
        print(result)
    print('at most', most, 'at a time')


Asab.run(main())
