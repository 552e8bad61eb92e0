#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later

imports.gi.versions.Asab = '1.0';
const {Asab} = imports.gi;

class Tank {
    content = 0;
}

Asab.conditionProperty(Tank.prototype, 'level', {
    get() {
        return this.content;
    },
    set(value) {
        this.content = value;
    },
});

async function waitForLevel(tank) {
    const value = await tank.level.get();
    print(`${tank.level.name}: ${value}`);
}

Asab.run(async () => {
    const tank = new Tank();
    const waiting = waitForLevel(tank);
    await tank.level.set(40, {waitForRead: true});
    await waiting;
});
