#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later

imports.gi.versions.Asab = '1.0';
const {Asab} = imports.gi;

let value = 0;
const isZero = Asab.AwaitablePredicate.new(() => value === 0);

async function waitForZero() {
    await isZero;
    print(`Finally! value: ${value}`);
}

Asab.run(async () => {
    print(isZero.is_true() ? 'zero' : 'not zero');
    value = 1;
    print(isZero.is_true() ? 'zero' : 'not zero');

    const waiting = waitForZero();
    for (let n = 2; n >= 0; n--)
        await isZero.update(() => (value = n));
    await waiting;
});
