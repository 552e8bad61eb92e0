#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later

// Five downloads, two at a time.

imports.gi.versions.Asab = '1.0';
const {Asab} = imports.gi;

let running = 0;
let most = 0;

async function download(page) {
    most = Math.max(most, ++running);
    await Asab.sleep(0.001 * (5 - page));
    running--;
    if (page === 3)
        throw new Error('there is no page 3');

    return `page ${page}`;
}

Asab.run(async () => {
    for (const result of await Asab.map_limited(2, download, [0, 1, 2, 3, 4], {returnErrors: true}))
        print(result instanceof Error ? result.message : result);
    print(`at most ${most} at a time`);
});
