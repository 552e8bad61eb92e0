#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later

imports.gi.versions.Asab = '1.0';
const {Asab, Gio, GObject} = imports.gi;

// The server: answers each line in capitals.
const Shouter = GObject.registerClass(class Shouter extends Asab.AsyncChat {
    _init(properties) {
        super._init(properties);
        this.set_terminator('\r\n');
    }

    vfunc_found_terminator() {
        const line = this.take_line();
        this.push(`${line.toUpperCase()}\r\n`);
        if (line === 'quit')
            this.close_when_done();
    }
});

// The client: prints each answer.
const Client = GObject.registerClass(class Client extends Asab.AsyncChat {
    _init(address, properties) {
        super._init(properties);
        this.set_terminator('\r\n');
        this.create_socket(Gio.SocketFamily.IPV4, Gio.SocketType.STREAM);
        this.connect_to(address);
    }

    vfunc_handle_connect() {
        this.push('hello\r\nworld\r\nquit\r\n');
    }

    vfunc_found_terminator() {
        print(this.take_line());
    }
});

const server = new Asab.StreamServer({protocol: Shouter, listen: '127.0.0.1 0'});
server.start();
const [host, port] = server.dup_addresses()[0].split(':');

// The client has a map of its own, so that the loop ends with it; the server is served meanwhile.
const map = new Asab.ChannelMap();
const client = new Client({host, port: Number(port)}, {map});
Asab.loop(30, map);
server.stop();
