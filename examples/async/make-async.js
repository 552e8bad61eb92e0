#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later

// A function that keeps the processor busy. JavaScript has no other threads to call it in: it is called when the main
// loop has nothing else to do, and the loop waits for it.

imports.gi.versions.Asab = '1.0';
const {Asab} = imports.gi;

const countPrimes = Asab.make_async(below => {
    if (below < 0)
        throw new RangeError('no numbers below zero');

    let primes = 0;
    for (let n = 2; n < below; n++) {
        let divisor = 2;
        while (divisor * divisor <= n && n % divisor !== 0)
            divisor++;
        if (divisor * divisor > n)
            primes++;
    }
    return primes;
});

Asab.run(async () => {
    const [few, many] = await Promise.all([countPrimes(100), countPrimes(100000)]);
    print(few);
    print(many);
    try {
        await countPrimes(-1);
    } catch (error) {
        print(error.message);
    }
});
