#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

# A function that keeps the processor busy, called where nothing may block.

import gi

gi.require_version('Asab', '1.0')
from gi.repository import Asab


@Asab.make_async
def count_primes(below):
    if below < 0:
        raise ValueError('no numbers below zero')

    return sum(all(n % divisor for divisor in range(2, int(n ** 0.5) + 1)) for n in range(2, below))


async def main():
    few, many = await Asab.gather(count_primes(100), count_primes(100000))
    print(few)
    print(many)
    try:
        await count_primes(-1)
    except ValueError as error:
        print(error)


Asab.run(main())
