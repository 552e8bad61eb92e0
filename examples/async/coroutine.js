#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later

// A coroutine with helpers of its own: it processes those numbers of many ranges that are even.

imports.gi.versions.Asab = '1.0';
const {Asab, GObject} = imports.gi;

async function* generateRanges(upTo) {
    for (let n = 0; n < upTo; n++)
        yield Array.from({length: n}, (_, i) => i);
}

const Filter = GObject.registerClass(class Filter extends Asab.Coroutine {
    constructor(process, filter, ranges) {
        super();
        Object.assign(this, {process, filter, ranges});
    }

    async* makeFlatValues() {
        for await (const range of this.ranges)
            yield* range;
    }

    async* filterValues() {
        for await (const value of this.makeFlatValues()) {
            if (this.filter(value))
                yield value;
        }
    }

    async vfunc_work() {
        for await (const value of this.filterValues())
            this.process(value);
    }
});

Asab.run(async () => {
    await new Filter(print, n => n % 2 === 0, generateRanges(5)).start();
});
