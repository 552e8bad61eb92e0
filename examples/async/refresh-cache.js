#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later

// A cache of user accounts, whose entries age by a clock that is moved by hand.

imports.gi.versions.Asab = '1.0';
const {Asab} = imports.gi;

let version = 0;

async function loadUser(name) {
    print(`  loading ${name}`);
    return `${name}, version ${++version}`;
}

async function loadGuest(name) {
    print(`  loading the guest ${name}`);
    return 'a guest';
}

function failToLoad() {
    throw new Error('the database is down');
}

function complain(error, wasBatched) {
    print(`  ${wasBatched ? 'in a batch' : 'refreshing one'}: ${error.message}`);
}

async function printUser(cache, user) {
    const now = String(cache.clock.get_time() / 1e6).padStart(3);
    print(`${now} s: ${await user}`);
    await Asab.sleep(0); // lets happen what is going on in the background
}

async function useCache(cache) {
    for (const pause of [0, 30, 20, 1, 100]) { // missed, hit, hit and refreshed, hit, expired
        cache.clock.advance(pause);
        await printUser(cache, cache.get('ada'));
    }

    await printUser(cache, cache.get('bob', loadGuest));

    // The value that is there lives on when it cannot be refreshed.
    cache.register_loader('ada', failToLoad);
    cache.clock.advance(50);
    await printUser(cache, cache.get('ada'));
    await printUser(cache, cache.invalidate('ada'));
    print(`ada is ${cache.contains('ada') ? 'there' : 'gone'}`);
}

Asab.run(async () => {
    const cache = new Asab.RefreshCache({
        ttl: 60, refresh: 15, clock: Asab.Clock.new(), defaultLoader: loadUser, processor: complain,
    });

    await cache.use(useCache);
});
