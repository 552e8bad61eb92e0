#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later

// A nursery with two tasks, one of which would go on for ever.

imports.gi.versions.Asab = '1.0';
const {Asab} = imports.gi;

async function count() {
    let n = 0;
    while (n < 3) {
        print(`  counting ${++n}`);
        await Asab.sleep(0);
    }

    return n;
}

async function watch(cancellable) {
    await new Promise(resolve => cancellable.connect(() => resolve()));
    print('  the watcher stops');
}

async function closeDatabase() {
    print('  closing the database');
    await Asab.sleep(0);
}

Asab.run(async () => {
    let sentinel;

    await new Asab.TaskNursery({name: 'Foo'}).use(async nursery => {
        sentinel = nursery.sentinel_task;
        print('nurseries:', ...Asab.TaskNursery.registry.keys());
        nursery.push_callback(closeDatabase);
        nursery.create_task(watch);
        const counter = nursery.create_task(count, 'counter');
        const result = await counter;
        print(counter.get_name(), 'gives', result);
    });

    print('the end of the nursery:', await sentinel);
});
