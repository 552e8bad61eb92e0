// SPDX-License-Identifier: LGPL-2.1-or-later

// What the tests of the JavaScript bindings share: assertions, and a runner that prints TAP.

import Asab from 'gi://Asab?version=1.0';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';

const tests = [];

export function test(name, func) {
    tests.push({name, func});
}

// Runs the tests one after another, each an asynchronous function on the main loop.
export function main() {
    let status = 0;

    print(`1..${tests.length}`);
    tests.forEach(({name, func}, i) => {
        try {
            Asab.run(func);
            print(`ok ${i + 1} ${name}`);
        } catch (error) {
            logError(error, name);
            print(`not ok ${i + 1} ${name}`);
            status = 1;
        }
    });
    System.exit(status);
}

export function assert(condition, message = 'it is not so') {
    if (!condition)
        throw new Error(message);
}

export function assertEqual(actual, expected) {
    const [left, right] = [actual, expected].map(value => JSON.stringify(value) ?? String(value));

    assert(Object.is(actual, expected) || typeof actual === 'object' && left === right, `${left} is not ${right}`);
}

// Returns what a function, which may be asynchronous, has thrown.
export async function thrownBy(func) {
    try {
        await func();
    } catch (error) {
        return error;
    }

    throw new Error('nothing was thrown');
}

// Asserts that an object dies after a function has used it. WeakRef is of no help, as GJS never clears it; a bus knows
// when the owner of a subscription has gone.
export async function assertDies(func) {
    const bus = Asab.PubSub.new();

    await (async () => {
        const object = Asab.Event.new();
        bus.subscribe_object('Test!', object, () => null);
        await func(object);
    })();
    for (let i = 0; i < 5; i++) {
        await Asab.sleep(0);
        System.gc();
    }
    assertEqual(bus.get_n_subscribers('Test!'), 0);
}

// Runs a program of this folder in a process of its own, as a process has one application.
export async function runProgram(name, ...args) {
    const file = Gio.File.new_for_uri(import.meta.url).get_parent().get_child('programs.js').get_path();
    const process = Gio.Subprocess.new([GLib.find_program_in_path('gjs'), '-m', file, name, ...args],
        Gio.SubprocessFlags.STDOUT_PIPE | Gio.SubprocessFlags.STDERR_PIPE);

    return new Promise((resolve, reject) => {
        process.communicate_utf8_async(null, null, (_process, result) => {
            try {
                const [, output, errors] = process.communicate_utf8_finish(result);
                resolve({output, errors, status: process.get_exit_status()});
            } catch (error) {
                reject(error);
            }
        });
    });
}
