// SPDX-License-Identifier: LGPL-2.1-or-later

imports.gi.versions.Asab = '1.0';
const {Asab, Gio, GObject} = imports.gi;

const [folder] = ARGV;

// The server: nothing in it is about TLS.
const Shouter = GObject.registerClass(class Shouter extends Asab.AsyncChat {
    _init(properties) {
        super._init(properties);
        this.set_terminator('\r\n');
    }

    vfunc_found_terminator() {
        this.push(`${this.take_line().toUpperCase()}\r\n`);
    }
});

// The client: is connected when it knows who the server is.
const Client = GObject.registerClass(class Client extends Asab.AsyncChat {
    _init(address, context, properties) {
        super._init(properties);
        this.set_terminator('\r\n');
        this.create_socket(Gio.SocketFamily.IPV4, Gio.SocketType.STREAM);
        this.start_tls_client(context, 'localhost');
        this.connect_to(address);
    }

    vfunc_handle_connect() {
        print(this.get_peer_certificate().get_subject_name());
        this.push('hello\r\n');
    }

    vfunc_found_terminator() {
        print(this.take_line());
        this.close();
    }
});

const server = new Asab.StreamServer({
    protocol: Shouter,
    listen: '127.0.0.1 0',
    tls: new Asab.TlsContext({cert: `${folder}/server.pem`}),
});
server.start();
const [host, port] = server.dup_addresses()[0].split(':');

const map = new Asab.ChannelMap();
const client = new Client({host, port: Number(port)}, new Asab.TlsContext({cafile: `${folder}/authority.pem`}), {map});
Asab.loop(30, map);
server.stop();
