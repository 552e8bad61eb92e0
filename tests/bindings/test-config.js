// SPDX-License-Identifier: LGPL-2.1-or-later

import Asab from 'gi://Asab?version=1.0';
import GLib from 'gi://GLib';

import {assert, assertEqual, main, test, thrownBy} from './tap.js';

function fixture() {
    const config = Asab.Config.new();
    config.add_default('web', 'listen', '8080');
    config.add_default('web', 'timeout', '1m30s');

    return config;
}

test('sections are objects', () => {
    const {sections} = fixture();

    assertEqual(sections.web.listen, '8080');
    assert('web' in sections && 'listen' in sections.web);
    assert(!('mail' in sections) && !('port' in sections.web));
    assertEqual(sections.mail, undefined);
    assertEqual(sections.web.port, undefined);
    assertEqual(Object.keys(sections), ['web']);
    assertEqual({...sections.web}, {listen: '8080', timeout: '1m30s'});
    assertEqual(sections, {web: {listen: '8080', timeout: '1m30s'}});
});

test('sections can be set', () => {
    const config = fixture();
    const changes = [];

    config.connect('changed', (_config, section, key) => changes.push(`${section}.${key}`));
    config.sections.web.listen = 9090;
    config.sections.mail = {host: 'localhost'};
    assertEqual(config.get_int64('web', 'listen'), 9090);
    assertEqual(config.sections.mail.host, 'localhost');
    assert(changes.includes('web.listen'));
});

test('typed values', async () => {
    const config = fixture();

    assertEqual(config.get_seconds('web', 'timeout'), 90);
    const error = await thrownBy(() => config.get_int64('web', 'timeout'));
    assert(error.matches(Asab.ConfigError, Asab.ConfigError.INVALID_VALUE));
});

test('a broken file changes nothing', async () => {
    const config = fixture();
    const [file, path] = GLib.file_open_tmp('asab-XXXXXX.conf');
    GLib.close(file);
    GLib.file_set_contents(path, 'nonsense\n');

    const error = await thrownBy(() => config.load(path));
    GLib.unlink(path);
    assert(error.matches(Asab.ConfigError, Asab.ConfigError.PARSE));
    assertEqual(config.sections.web.listen, '8080');
});

main();
