// SPDX-License-Identifier: LGPL-2.1-or-later

import Asab from 'gi://Asab?version=1.0';
import GObject from 'gi://GObject';

import {assert, assertEqual, main, test} from './tap.js';

const decode = bytes => new TextDecoder().decode(bytes);

const Echo = GObject.registerClass(class Echo extends Asab.AsyncChat {
    _init(params) {
        super._init(params);
        this.lines = [];
        this.errors = [];
        this.set_terminator('\r\n');
    }

    vfunc_found_terminator() {
        const line = decode(this.take_inbox());
        this.lines.push(line);
        if (line === 'fail')
            throw new Error('It broke');
        this.push(`${line.toUpperCase()}\r\n`);
    }

    vfunc_handle_error(error) {
        this.errors.push(error.message);
        this.close();
    }
});

const Server = GObject.registerClass(class Server extends Asab.Dispatcher {
    _init(map) {
        super._init({map});
        this.children = [];
        this.create_socket(2, 1);
        this.bind({host: '127.0.0.1', port: 0});
        this.listen(5);
    }

    vfunc_handle_accept() {
        const [socket] = this.accept();
        this.children.push(new Echo({socket, map: this.map}));
        assert(this.accept() === null);
    }
});

const Client = GObject.registerClass(class Client extends Asab.Dispatcher {
    _init(map, address, text) {
        super._init({map});
        this.buffer = new TextEncoder().encode(text);
        this.received = '';
        this.create_socket(2, 1);
        this.connect_to(address);
    }

    vfunc_writable() {
        return this.buffer?.length > 0;
    }

    vfunc_handle_write() {
        this.buffer = this.buffer.slice(this.send(this.buffer));
    }

    vfunc_handle_read() {
        this.received += decode(this.recv(100));
        if (this.received.endsWith('\n'))
            this.close();
    }
});

function setUp() {
    const map = new Asab.ChannelMap();

    return {map, server: new Server(map)};
}

test('a conversation', () => {
    const {map, server} = setUp();
    const client = new Client(map, server.get_address(), 'hello\r\n');

    while (!client.is_closed())
        Asab.loop(30, map, null, 1);
    assertEqual(client.received, 'HELLO\r\n');
    assertEqual(server.children[0].lines, ['hello']);
    map.close_all();
    assertEqual(map.get_n_channels(), 0);
});

test('a handler that throws', () => {
    const {map, server} = setUp();
    const client = new Client(map, server.get_address(), 'fail\r\n');

    while (!server.children[0]?.errors.length)
        Asab.loop(30, map, null, 1);
    assert(server.children[0].errors[0].includes('It broke'), server.children[0].errors[0]);
    assert(server.children[0].is_closed());
    client.close();
    map.close_all();
});

test('delayed calls', () => {
    const called = [];

    Asab.call_later(0.002, () => called.push('second'));
    Asab.call_later(0.001, () => called.push('first'));
    Asab.call_later(0.001, () => called.push('never')).cancel();
    Asab.loop();
    assertEqual(called, ['first', 'second']);
});

main();
