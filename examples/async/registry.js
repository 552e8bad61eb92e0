#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later

// Instances that can be found by their names as long as they live.

imports.gi.versions.Asab = '1.0';
const {Asab, GObject} = imports.gi;

const Planet = GObject.registerClass({
    Implements: [Asab.Registrable],
}, class Planet extends GObject.Object {
    constructor(name) {
        super();
        this.name = name;
        this.register();
    }

    vfunc_dup_key() {
        return this.name;
    }
});

function printRegistry() {
    print([...Asab.registry(Planet).keys()].join(', '));
}

const first = new Planet('Vulcan');
printRegistry();
const second = new Planet('George');
printRegistry();

// The registry does not keep what nobody else has; but who knows when the garbage collector comes?
first.run_dispose();
printRegistry();

second.name = 'Uranus';
printRegistry();
print(Asab.registry(Planet).get('Uranus') === second ? 'found' : 'lost');
