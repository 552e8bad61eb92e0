#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

# A document that is written, reviewed, and published if two people approve of it.

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab

approvals = 0
document = Asab.StateMachine(state='draft')


async def is_approved(_from_state, _to_state):
    await Asab.sleep(0.001)  # asking everybody takes a while
    return approvals >= 2


@document.on_enter('review')
async def ask():
    print('please have a look')


@document.on_exit('review')
def thank():
    print('thank you')


async def move(state):
    print(f'{state}:', 'yes' if await document.transition(state) else 'no')


async def main():
    global approvals

    document.add('draft', 'review')
    document.add('review', 'published', is_approved)

    await move('published')
    await move('review')
    await move('published')
    approvals = 2
    await move('published')
    print('it is', document.state)


Asab.run(main())
