// SPDX-License-Identifier: LGPL-2.1-or-later

import Asab from 'gi://Asab?version=1.0';
import GLib from 'gi://GLib';

import {assert, assertEqual, main, runProgram, test} from './tap.js';

test('the life of an application', async () => {
    const {output, errors, status} = await runProgram('life');

    assertEqual(errors, '');
    assertEqual(status, 0);
    assertEqual(output.trim().split('\n'), [
        'application initialize',
        'base initialize', 'service initialize mine true',
        'module initialize',
        'on Application.init!',
        'on Application.run!',
        'main true',
        'on Application.exit!',
        'application terminate',
        'service terminate',
    ]);
});

test('functions run on the main stack', async () => {
    const {output, errors, status} = await runProgram('recursion');

    assertEqual(errors, '');
    assertEqual(status, 0);
    assertEqual(output, '2000\n'.repeat(5));
});

test('errors end init-time', async () => {
    for (const how of ['function', 'promise', 'gerror']) {
        const {output, errors, status} = await runProgram('fails', how);

        assertEqual(status, 1);
        assert(errors.includes(how === 'gerror' ? 'in initialize' : 'TypeError: in initialize'), errors);
        assert(output.includes('service terminate'), output);
    }
});

test('the command line', async () => {
    assert((await runProgram('life', '--version')).output.includes('1.2.3'));
    assertEqual((await runProgram('life', '--nonsense')).status, 2);
});

test('the log', async () => {
    const {errors} = await runProgram('log');

    assert(/^\S+ \d\d:\d\d:\d\d\.\d{6} WARNING test \[?.*said by JavaScript\n$/.test(errors), errors);
    assertEqual(Asab.log_parse_level('DEBUG'), [true, GLib.LogLevelFlags.LEVEL_DEBUG]);
    assert(!Asab.log_parse_level('nonsense')[0]);
});

main();
