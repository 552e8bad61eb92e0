#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later

imports.gi.versions.AsabWeb = '1.0';
const {Asab, AsabWeb, GObject} = imports.gi;
const {exit} = imports.system;

const Hello = GObject.registerClass(class Hello extends Asab.Application {
    async vfunc_initialize() {
        const web = AsabWeb.Service.new(this);
        web.router.add_get('/hello', async () => {
            await Asab.sleep(0.001);
            return 'Hello, world!\n';
        });
    }
});

exit(new Hello().run());
