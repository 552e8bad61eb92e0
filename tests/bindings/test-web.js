// SPDX-License-Identifier: LGPL-2.1-or-later

import Asab from 'gi://Asab?version=1.0';
import AsabWeb from 'gi://AsabWeb?version=1.0';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Json from 'gi://Json?version=1.0';
import Soup from 'gi://Soup?version=3.0';

import {assert, assertEqual, main, test} from './tap.js';

Gio._promisify(Soup.Session.prototype, 'send_and_read_async', 'send_and_read_finish');

const session = new Soup.Session();

// A test with a container that listens: it gets the router, and a function that fetches.
function served(name, func) {
    test(name, async () => {
        const container = new AsabWeb.Container({listen: '127.0.0.1 0'});
        await container.start();

        const fetch = async (path, method = 'GET', body = null) => {
            const message = Soup.Message.new(method, container.dup_addresses()[0] + path);
            message.request_headers.append('X-Test', 'yes');
            if (body !== null)
                message.set_request_body_from_bytes('application/json', new GLib.Bytes(body));
            const bytes = await session.send_and_read_async(message, GLib.PRIORITY_DEFAULT, null);

            return {
                status: message.get_status(),
                type: message.response_headers.get_content_type()[0],
                body: new TextDecoder().decode(bytes.toArray()),
            };
        };

        try {
            await func(container.get_router(), fetch);
        } finally {
            session.abort();
            await container.stop();
        }
    });
}

served('handlers return their answer', async (router, fetch) => {
    const answers = [
        ['text', 'text/plain', 'text'],
        [{a: [1, null]}, 'application/json', '{"a":[1,null]}'],
        [[], 'application/json', '[]'],
        [new Uint8Array([98]), 'application/octet-stream', 'b'],
        [new GLib.Bytes('b'), 'application/octet-stream', 'b'],
        [new GLib.Variant('as', ['x']), 'application/json', '["x"]'],
        [Json.from_string('5'), 'application/json', '5'],
    ];

    for (const [i, [value, type, body]] of answers.entries()) {
        router.add_get(`/${i}`, () => value);
        router.add_get(`/${i}/later`, async () => {
            await Asab.sleep(0);
            return value;
        });
        for (const suffix of ['', '/later'])
            assertEqual(await fetch(`/${i}${suffix}`), {status: 200, type, body});
    }
});

served('requests', async (router, fetch) => {
    router.add('POST', '/items/{id}', async request => {
        assertEqual(request.get_method(), 'POST');
        assertEqual(request.get_query('q'), 'x');
        assertEqual(request.get_header('X-Test'), 'yes');
        request.set_status(201);
        return {id: request.get_param('id'), ...request.json()};
    });

    assertEqual(await fetch('/items/7?q=x', 'POST', '{"name": "n"}'),
        {status: 201, type: 'application/json', body: '{"id":"7","name":"n"}'});
    assertEqual((await fetch('/items/7?q=x', 'POST', '{')).status, 400);
});

served('errors', async (router, fetch) => {
    router.add_get('/missing', async () => {
        throw new GLib.Error(AsabWeb.Error, AsabWeb.Error.NOT_FOUND, 'No such thing');
    });
    router.add_get('/broken', async () => {
        throw new TypeError('a secret');
    });
    router.add_get('/broken-at-once', () => {
        throw new TypeError('a secret');
    });

    const missing = await fetch('/missing');
    assertEqual(missing.status, 404);
    assert(missing.body.includes('No such thing'));
    for (const path of ['/broken', '/broken-at-once']) {
        const broken = await fetch(path);
        assertEqual(broken.status, 500);
        assert(!broken.body.includes('secret'));
    }
});

test('the service', () => {
    const app = new Asab.Application();
    const web = AsabWeb.Service.new(app);

    assertEqual(web.name, 'web');
    assert(app.get_service('web') === web);
    assert(web.router instanceof AsabWeb.Router);
    assert(web.container.get_router() === web.router);
});

main();
