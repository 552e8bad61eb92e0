// SPDX-License-Identifier: LGPL-2.1-or-later

import Asab from 'gi://Asab?version=1.0';
import Gio from 'gi://Gio';
import GObject from 'gi://GObject';

import {assert, assertEqual, main, test, thrownBy} from './tap.js';

const Echo = GObject.registerClass(class Echo extends Asab.AsyncChat {
    _init(properties) {
        super._init(properties);
        this.set_terminator('\n');
    }

    vfunc_found_terminator() {
        this.push(`${this.take_line()}\n`);
    }
});

// Asks when it is connected, and has the answer as a promise.
const Asker = GObject.registerClass(class Asker extends Asab.AsyncChat {
    _init(properties) {
        super._init(properties);
        this.set_terminator('\n');
        this.answer = new Promise(resolve => {
            this.resolve = resolve;
        });
    }

    vfunc_handle_connect() {
        this.push('hello\n');
    }

    vfunc_found_terminator() {
        this.resolve(this.take_line());
    }
});

function startServer(listen = '127.0.0.1 0') {
    const server = new Asab.StreamServer({protocol: Echo, listen});
    server.start();

    return [server, server.dup_addresses()[0]];
}

function newClient(address) {
    return new Asab.StreamClient({protocol: Asker, address, minDelay: 0.001, maxDelay: 0.01});
}

test('a conversation', async () => {
    const [server, address] = startServer();
    const client = newClient(address);

    client.start();
    const channel = await client.wait_connected();
    assert(channel instanceof Asker && client.channel === channel);
    assertEqual(await channel.answer, 'hello');
    await client.stop();
    assert(client.channel === null);
    await server.stop();
});

test('a server that goes and comes back', async () => {
    let [server, address] = startServer();
    const client = newClient(address);

    client.start();
    const first = await client.wait_connected();
    await first.answer;
    const lost = new Promise(resolve => client.connect('disconnected', (_, error) => resolve(error)));
    await server.stop();
    assert(await lost === null);
    assert(client.is_running());

    [server] = startServer(address);
    const second = await client.wait_connected();
    assert(first !== second);
    assertEqual(await second.answer, 'hello');
    await client.stop();
    await server.stop();
});

test('factories', async () => {
    const server = Asab.StreamServer.new_with_factory(() => new Echo());
    server.listen = '127.0.0.1 0';
    server.start();
    let calls = 0;
    const client = Asab.StreamClient.new_with_factory(() => {
        if (++calls === 1)
            throw new Error('Not today');

        return new Asker();
    });

    client.address = server.dup_addresses()[0];
    client.min_delay = 0.001;
    client.start();
    const channel = await client.wait_connected();
    assertEqual(await channel.answer, 'hello');
    assertEqual(calls, 2);
    await client.stop();
    await server.stop();
});

test('stopping while it connects', async () => {
    const client = newClient('127.0.0.1:1');
    const connected = client.wait_connected();

    client.start();
    await client.stop();
    const error = await thrownBy(() => connected);
    assert(error.matches(Asab.error_quark(), Asab.Error.CLOSED), error.message);
});

test('a host by its name', async () => {
    const [server, address] = startServer();
    const port = Number(address.split(':')[1]);

    for (const [host, defaultPort] of [[`localhost:${port}`, 0], ['127.0.0.1', port]]) {
        const channel = new Asker();
        await channel.connect_to_host(host, defaultPort, 60);
        assertEqual(await channel.answer, 'hello');
        channel.close();
    }
    await server.stop();

    const error = await thrownBy(() => new Asker().connect_to_host(`localhost:${port}`));
    assert(error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CONNECTION_REFUSED), error.message);
});

main();
