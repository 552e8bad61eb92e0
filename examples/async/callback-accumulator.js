#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later

// Devices that are switched off when somebody leaves.

imports.gi.versions.Asab = '1.0';
const {Asab} = imports.gi;

class Device {
    constructor(name) {
        this.name = name;
    }

    switch_off() {
        print(`the ${this.name} is off`);
    }
}

Asab.run(async () => {
    const devices = new Asab.CallbackAccumulator({name: 'switch_off', max_length: 2});

    await devices.scope(() => {
        devices.add(new Device('lamp'));
        devices.add(new Device('oven'));
        if (!devices.offer_last(new Device('radio')))
            print('no room for the radio');

        print('good bye');
    });

    print(`${devices.get_n_callbacks()} devices left`);
});
