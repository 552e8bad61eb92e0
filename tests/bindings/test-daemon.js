// SPDX-License-Identifier: LGPL-2.1-or-later

import Asab from 'gi://Asab?version=1.0';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';

import {assert, assertEqual, main, runProgram, test, thrownBy} from './tap.js';

// The garbage collector has threads of its own, which a fork leaves behind.
test('a daemon', async () => {
    const folder = GLib.dir_make_tmp('asab-daemon-XXXXXX');
    const [pidfile, configuration, out] = ['pid', 'test.conf', 'out'].map(file => GLib.build_filenamev([folder, file]));

    GLib.file_set_contents(configuration, `[daemon]\npidfile = ${pidfile}\nworking_dir = ${folder}\n`);

    const started = await runProgram('daemon', `--config=${configuration}`, '-d');
    assertEqual([started.status, started.output, started.errors], [0, 'initialize\n', '']);
    assert(GLib.file_test(pidfile, GLib.FileTest.EXISTS));

    const ended = await runProgram('daemon', `--config=${configuration}`, '-k');
    assertEqual([ended.status, ended.errors], [0, '']);
    assert(!GLib.file_test(pidfile, GLib.FileTest.EXISTS));
    assertEqual(new TextDecoder().decode(GLib.file_get_contents(out)[1]), 'terminate');

    [configuration, out, folder].forEach(path => Gio.File.new_for_path(path).delete(null));
});

test('a main loop that stands still', async () => {
    const [file] = Gio.File.new_tmp(null);

    GLib.file_set_contents(file.get_path(), '[application]\nstall_threshold = 0.02\n');
    const {errors, status} = await runProgram('stalled', `--config=${file.get_path()}`);
    assertEqual(status, 0);
    assert(/WARNING asab The main loop stood still for 0\.\d{3} s in the source “import”\n$/.test(errors), errors);
    file.delete(null);
});

test('nobody to notify', async () => {
    GLib.unsetenv('NOTIFY_SOCKET');
    assertEqual(Asab.systemd_notify('STATUS=Warming up'), false);
});

test('sockets that were not passed', async () => {
    const error = await thrownBy(() => Asab.systemd_dup_sockets('web'));

    assert(error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND), error);
});

main();
