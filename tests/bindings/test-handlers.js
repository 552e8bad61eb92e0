// SPDX-License-Identifier: LGPL-2.1-or-later

// Handlers of channels that throw.

import Asab from 'gi://Asab?version=1.0';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';

import {assert, assertEqual, main, test} from './tap.js';

const Talker = GObject.registerClass(class Talker extends Asab.AsyncChat {
    _init(params) {
        super._init(params);
        this.errors = [];
        this.wantsToWrite = false;
        this.set_terminator('\n');
    }

    vfunc_writable() {
        return this.wantsToWrite || super.vfunc_writable();
    }

    vfunc_found_terminator() {
        this.take_inbox();
    }

    vfunc_handle_error(error) {
        this.errors.push(error);
        this.close();
    }
});

let nClasses = 0;

// A class whose handlers of these names throw.
function throwing(names, error) {
    const klass = class extends Talker {};

    for (const name of names) {
        klass.prototype[`vfunc_${name}`] = function () {
            this.wantsToWrite = false;
            throw error;
        };
    }

    return GObject.registerClass({GTypeName: `Throwing${nClasses++}`}, klass);
}

function listen() {
    const socket = Gio.Socket.new(Gio.SocketFamily.IPV4, Gio.SocketType.STREAM, Gio.SocketProtocol.TCP);

    socket.bind(Gio.InetSocketAddress.new_from_string('127.0.0.1', 0), true);
    socket.listen();

    return socket;
}

function connectTo(address) {
    const socket = Gio.Socket.new(Gio.SocketFamily.IPV4, Gio.SocketType.STREAM, Gio.SocketProtocol.TCP);
    socket.connect(address, null);

    return socket;
}

// A channel of a class for which the event is about to happen, and what has to live as long.
function start(name, Class, map) {
    if (name === 'handle_accept') {
        const channel = new Class({map});
        channel.create_socket(Gio.SocketFamily.IPV4, Gio.SocketType.STREAM);
        channel.bind({host: '127.0.0.1', port: 0});
        channel.listen(1);
        return [channel, connectTo(channel.get_address())];
    }

    const listener = listen();
    if (name === 'handle_connect') {
        const channel = new Class({map});
        channel.create_socket(Gio.SocketFamily.IPV4, Gio.SocketType.STREAM);
        channel.connect_to(listener.get_local_address());
        return [channel, listener];
    }

    const peer = connectTo(listener.get_local_address());
    const channel = new Class({socket: listener.accept(null), map});
    channel.wantsToWrite = name === 'handle_write';
    peer.send('line\n', null);

    return [channel, peer];
}

const HANDLERS = ['handle_connect', 'handle_accept', 'handle_read', 'handle_write', 'pull', 'found_terminator'];

for (const name of HANDLERS) {
    test(`${name} that throws`, () => {
        const map = new Asab.ChannelMap();
        const [channel, peer] = start(name, throwing([name], new Error('It broke')), map);

        while (!channel.is_closed())
            Asab.loop(30, map, null, 1);
        assertEqual(channel.errors.length, 1);
        assert(channel.errors[0].message.includes('It broke'), channel.errors[0].message);
        assertEqual(map.get_n_channels(), 0);
        peer.close();
    });

    test(`${name} that leaves the loop`, () => {
        const map = new Asab.ChannelMap();
        const exitNow = new GLib.Error(Asab.Error, Asab.Error.EXIT_NOW, 'Enough');
        const [channel, peer] = start(name, throwing([name], exitNow), map);
        let caught = null;

        try {
            Asab.loop(30, map);
        } catch (error) {
            caught = error;
        }
        assert(caught?.matches(Asab.Error, Asab.Error.EXIT_NOW), `${caught}`);
        assertEqual(channel.errors.length, 0);
        assert(!channel.is_closed());
        channel.close();
        peer.close();
    });
}

for (const name of ['handle_close', 'handle_error', 'readable', 'writable']) {
    test(`${name} that throws, where nobody is there to be told`, () => {
        const map = new Asab.ChannelMap();
        const names = name === 'handle_error' ? ['found_terminator', name] : [name];
        const [channel, peer] = start(name, throwing(names, new Error('It broke, which is as it should be')), map);

        peer.shutdown(false, true);
        while (!channel.is_closed())
            Asab.loop(30, map, null, 1);
        peer.close();
    });
}

test('a producer that throws', () => {
    const Blocks = GObject.registerClass({Implements: [Asab.Producer]}, class Blocks extends GObject.Object {
        vfunc_more() {
            this.n = (this.n ?? 0) + 1;
            if (this.n === 2)
                throw new Error('It broke');
            return new GLib.Bytes(new TextEncoder().encode('one'));
        }
    });
    const map = new Asab.ChannelMap();
    const [channel, peer] = start('handle_read', Talker, map);
    let caught = null;

    try {
        channel.push_with_producer(new Blocks());
    } catch (error) {
        caught = error;
    }
    assert(`${caught}`.includes('It broke'), `${caught}`);
    const input = peer.connection_factory_create_connection().get_input_stream();
    assertEqual(new TextDecoder().decode(input.read_bytes(100, null).toArray()), 'one');
    channel.close();
    peer.close();
});

main();
