#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later

imports.gi.versions.Asab = '1.0';
const {Asab, GObject} = imports.gi;
const {exit} = imports.system;

const Hello = GObject.registerClass(class Hello extends Asab.Application {
    async vfunc_main() {
        print('Hello world!');
        this.stop();
    }
});

exit(new Hello().run());
