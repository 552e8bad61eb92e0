// SPDX-License-Identifier: LGPL-2.1-or-later

import {assert, assertEqual, main, runProgram, test} from './tap.js';

test('console, log () and loggers', async () => {
    const {errors, status} = await runProgram('loggers');
    const said = errors.split('\n').map(line => line.split(' ').slice(2).join(' '));

    assertEqual(status, 0);
    assertEqual(said.slice(0, 12), [
        'NOTICE Gjs JS LOG: by log',
        'NOTICE Gjs-Console by console',
        'WARNING Gjs-Console warned',
        'ERROR Gjs-Console failed',
        'NOTICE my.mod [sd key1="value1" key2="2"] Hello',
        'CRITICAL my.mod a\uFFFDb',
        'ERROR my.mod [sd on="true" none="null" list="1,2"] \u{1F600}#007',
        'NOTICE Gjs-Console 7 things',
        'DEBUG Gjs-Console debugged',
        'DEBUG my.mod shown',
        'DEBUG chatty shown',
        'WARNING Gjs JS ERROR: prefix: Error: thrown',
    ]);
    assert(/Error: thrown\n[^\n]*programs\.js:\d+/.test(errors), errors); // and where
    assert(/^\d\d-[A-Z][a-z][a-z]-\d{4} \d\d:\d\d:\d\d\.\d{6} NOTICE /.test(errors), errors);
});

main();
