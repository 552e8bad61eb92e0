#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later

imports.gi.versions.Asab = '1.0';
const {Asab} = imports.gi;

class Thing {
    #value = null;

    valueAccessor = Asab.Accessor.new({
        get: () => this.value,
        set: value => (this.value = value),
    });

    get value() {
        return this.#value;
    }

    set value(value) {
        if (!value)
            throw new RangeError(`Illegal value ${value}`);
        this.#value = value;
    }
}

async function waitForWrite(accessor) {
    print(await accessor.get());
}

async function share(accessor, value) {
    const background = waitForWrite(accessor);
    await accessor.set(value);
    await background;
}

Asab.run(async () => {
    const foo = Asab.Accessor.new();
    await share(foo, 1);

    const thing = new Thing();
    await share(thing.valueAccessor, 3);
    print(thing.value);
    try {
        await thing.valueAccessor.set(0);
    } catch (error) {
        print(error.message);
    }
});
