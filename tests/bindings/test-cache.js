// SPDX-License-Identifier: LGPL-2.1-or-later

import Asab from 'gi://Asab?version=1.0';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';

import {assert, assertEqual, main, test, thrownBy} from './tap.js';

function newCache(loader, properties = {}) {
    return new Asab.RefreshCache({clock: Asab.Clock.new(), defaultLoader: loader, ...properties});
}

function counter() {
    let count = 0;

    return async key => {
        await Asab.sleep(0);
        return {key, count: ++count};
    };
}

// Lets happen what is going on, which takes a few turns of the loop.
async function settle() {
    for (let turn = 0; turn < 20; turn++)
        await Asab.sleep(0);
}

test('a value is loaded once', async () => {
    const cache = newCache(counter());
    const values = await Promise.all([cache.get('a'), cache.get('a'), cache.get('a')]);

    assertEqual(values, Array(3).fill({key: 'a', count: 1}));
    assertEqual(await cache.get('a'), values[0]);
    assert(cache.contains('a'));
});

test('a value is refreshed in the background', async () => {
    const cache = newCache(counter());

    await cache.get('a');
    cache.clock.advance(50);
    assertEqual(cache.time_past('a'), 50);
    assert(cache.should_refresh('a'));
    assertEqual((await cache.get('a')).count, 1);
    await settle();
    assertEqual((await cache.get('a')).count, 2);
    cache.clock.advance(61);
    assert(cache.is_expired('a'));
    assertEqual((await cache.get('a')).count, 3);
});

test('a cache is used as a context', async () => {
    const cache = newCache(counter());

    const value = await cache.use(async used => {
        assert(used === cache);
        assert(cache.running);
        return cache.get('a');
    });
    assertEqual(value.count, 1);
    assert(!cache.running);

    const error = new TypeError('no');
    assert(await thrownBy(() => cache.use(() => {
        throw error;
    })) === error);
    assert(!cache.running);
});

test('each key may have a loader', async () => {
    const cache = new Asab.RefreshCache();
    const error = await thrownBy(() => cache.get('a'));

    assert(error instanceof GLib.Error && error.matches(Asab.Error, Asab.Error.NO_LOADER));
    assert((await thrownBy(() => cache.has_loader('a'))).matches(Asab.Error, Asab.Error.NO_LOADER));
    assert((await thrownBy(() => cache.time_past('a'))).matches(Asab.Error, Asab.Error.NO_SUCH_KEY));
    assertEqual(await cache.get('a', key => key + key), 'aa');
    assertEqual(await cache.get('a'), 'aa');
    cache.set_default_loader(() => null);
    assertEqual(await cache.get('b'), null);
    cache.register_loader('b', () => 'b');
    await cache.load_item('b');
    assertEqual(await cache.invalidate('b'), 'b');
    assertEqual(await cache.invalidate('b'), null);
    await cache.clear();
    assert(!cache.contains('a'));
});

test('errors arrive as they were thrown', async () => {
    const errors = [];
    const error = new RangeError('no');
    let broken = false;
    const loader = async () => {
        if (broken)
            throw error;
        return 1;
    };
    const cache = newCache(loader, {processor: (...args) => errors.push(args)});

    await cache.load_item('a');
    broken = true;
    assert(await thrownBy(() => cache.load_item('a')) === error);
    assertEqual(errors.length, 0);
    await cache.refresh_item('a');
    assertEqual(errors.length, 1);
    assert(errors[0][0] === error);
    assertEqual(errors[0][1], false);

    cache.configure(0.02, 0.01, (...args) => {
        errors.push(args);
    });
    cache.clock.advance(1);
    await cache.use(async () => {
        while (errors.length < 2)
            await Asab.sleep(0.001);
    });
    assert(errors[1][0] === error);
    assertEqual(errors[1][1], true);
});

test('the loop runs until its future is cancelled', async () => {
    const cache = newCache(counter());
    const loop = cache.refresh_loop();

    assert(cache.running);
    loop.cancel();
    await thrownBy(() => loop);
    await settle();
    assert(!cache.running);
});

const OwnCache = GObject.registerClass(class OwnCache extends Asab.RefreshCache {
    errors = [];

    async vfunc_process_error(error, wasBatched) {
        await Asab.sleep(0);
        this.errors.push([error, wasBatched]);
    }
});

test('a subclass processes errors', async () => {
    const error = new Error('no');
    const cache = new OwnCache({ttl: 10, refresh: 1, defaultLoader: () => 1});

    assertEqual(cache.ttl, 10);
    await cache.load_item('a');
    cache.register_loader('a', async () => {
        throw error;
    });
    await cache.refresh_item('a');
    assertEqual(cache.errors.length, 1);
    assert(cache.errors[0][0] === error);
});

test('who leaves does not harm others', async () => {
    const cache = newCache(counter());
    const [first, second] = [cache.get('a'), cache.get('a')];

    first.cancel();
    assertEqual((await second).count, 1);
    assert((await thrownBy(() => first)) instanceof GLib.Error);
});

test('bad times are refused', async () => {
    const cache = new Asab.RefreshCache({ttl: 0.1, refresh: 5});

    assertEqual([cache.ttl, cache.refresh], [5, 0.1]);
    assert(await thrownBy(() => new Asab.RefreshCache({ttl: -1})) instanceof GLib.Error);
    assert(await thrownBy(() => cache.configure(1, NaN)) instanceof GLib.Error);
    assertEqual([cache.ttl, cache.refresh], [5, 0.1]);
});

main();
