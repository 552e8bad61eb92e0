// SPDX-License-Identifier: LGPL-2.1-or-later

imports.gi.versions.Asab = '1.0';
const {Asab, GObject} = imports.gi;

// The server: answers a line in capitals, and hangs up.
const Shouter = GObject.registerClass(class Shouter extends Asab.AsyncChat {
    _init(properties) {
        super._init(properties);
        this.set_terminator('\r\n');
    }

    vfunc_found_terminator() {
        this.push(`${this.take_line().toUpperCase()}\r\n`);
        this.close_when_done();
    }
});

// The client: asks when it is connected. There is a new one for each connection.
const Asker = GObject.registerClass(class Asker extends Asab.AsyncChat {
    _init(properties) {
        super._init(properties);
        this.set_terminator('\r\n');
    }

    vfunc_handle_connect() {
        this.push('hello\r\n');
    }

    vfunc_found_terminator() {
        print(this.take_line());
    }
});

async function main() {
    const server = new Asab.StreamServer({protocol: Shouter, listen: '127.0.0.1 0'});
    server.start();

    const client = new Asab.StreamClient({protocol: Asker, address: server.dup_addresses()[0], minDelay: 0.01});
    client.connect('connected', () => print('connected'));
    await new Promise(resolve => {
        let rounds = 2;

        client.connect('disconnected', () => {
            print('disconnected');
            if (--rounds === 0)
                resolve(client.stop());
        });
        client.start();
    });
    await server.stop();
}

Asab.run(main);
