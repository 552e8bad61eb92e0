#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later

// A connection that is closed as soon as a task that uses it fails.

imports.gi.versions.Asab = '1.0';
const {Asab, GLib, GObject} = imports.gi;

const Connection = GObject.registerClass({
    Implements: [Asab.AsyncContext],
}, class Connection extends GObject.Object {
    async vfunc_enter() {
        print('the connection is open');
    }

    async vfunc_exit(error) {
        print('the connection is closed:', error?.message ?? 'all is well');
    }
});

async function work() {
    await Asab.sleep(0);
}

async function fail() {
    throw new GLib.Error(Asab.Error, Asab.Error.FAILED, 'nobody answers');
}

async function watch(connection, task) {
    const wasNeeded = await Asab.async_exit_on_error(connection, Asab.spawn(task), null);
    print(wasNeeded ? 'a task has failed' : 'a task has ended well');
}

Asab.run(async () => {
    const connection = new Connection();

    await connection.enter();
    await watch(connection, work);
    await watch(connection, fail);
});
