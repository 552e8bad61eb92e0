// SPDX-License-Identifier: LGPL-2.1-or-later

import Asab from 'gi://Asab?version=1.0';

import {assert, assertDies, assertEqual, main, test} from './tap.js';

test('a message carries any argument', () => {
    const thing = {key: Symbol('x')};
    const bus = Asab.PubSub.new();
    let heard = null;

    bus.on('Test!', message => {
        heard = message.args;
    });
    bus.publish('Test!', 1, 2 ** 40, null, 'text', [1], thing);
    assertEqual(heard.slice(0, 5), [1, 2 ** 40, null, 'text', [1]]);
    assert(heard[5] === thing);
});

test('named arguments', () => {
    const bus = Asab.PubSub.new();
    let heard = null;

    bus.on('Test!', message => {
        heard = message;
    });
    bus.publish_with('Test!', {list: [1], number: 2});
    assertEqual(heard.type, 'Test!');
    assertEqual(heard.named, {list: [1], number: 2});
    assertEqual(heard.args, []);
});

test('subscribe and unsubscribe', () => {
    const bus = Asab.PubSub.new();
    let count = 0;
    const id = bus.on('Test!', () => count++);

    bus.publish('Test!');
    assert(bus.unsubscribe(id));
    assert(!bus.unsubscribe(id));
    bus.publish('Test!');
    assertEqual(count, 1);
});

test('asynchronous subscribers', async () => {
    const bus = Asab.PubSub.new();
    const done = Asab.Promise.new();

    bus.on('Test!', async message => {
        await Asab.sleep(0);
        done.resolve(message.args);
    });
    bus.publish('Test!', 'value');
    assertEqual(await done.get_future(), ['value']);
});

test('a subscriber that throws harms no other', async () => {
    const bus = Asab.PubSub.new();
    const done = Asab.Promise.new();

    bus.on('Test!', () => {
        throw new Asab.Error({code: Asab.Error.FAILED, message: 'at once'});
    });
    bus.on('Test!', async () => {
        throw new Asab.Error({code: Asab.Error.FAILED, message: 'later'});
    });
    bus.on('Test!', () => {
        done.resolve();
    });
    bus.publish('Test!');
    await done.get_future();
});

test('messages from later', async () => {
    const bus = Asab.PubSub.new();
    const future = bus.wait_message('Test!');

    bus.publish_later('Test!');
    assertEqual((await future).type, 'Test!');
});

test('messages can be iterated', async () => {
    const bus = Asab.PubSub.new();
    const subscriber = Asab.Subscriber.new(bus, ['One!', 'Two!']);
    const seen = [];

    bus.publish('One!', 1);
    bus.publish('Two!', 2);
    subscriber.close();
    for await (const message of subscriber)
        seen.push(message.type, ...message.args);
    assertEqual(seen, ['One!', 1, 'Two!', 2]);
});

test('a subscriber waits', async () => {
    const bus = Asab.PubSub.new();
    const subscriber = Asab.Subscriber.new(null, null);
    subscriber.subscribe(bus, 'Test!');
    subscriber.max_size = 1;

    const future = subscriber.receive();
    bus.publish('Test!', 'first');
    assertEqual((await future).args, ['first']);
    bus.publish('Test!');
    bus.publish('Test!');
    assertEqual(subscriber.dropped, 1);
    assertEqual(subscriber.get_n_messages(), 1);
});

test('the signal', () => {
    const bus = Asab.PubSub.new();
    const heard = [];

    bus.connect('message::Test!', (_bus, message) => heard.push(message.type));
    bus.publish('Test!');
    bus.publish('Other!');
    assertEqual(heard, ['Test!']);
});

test('arguments die with their message', () => assertDies(object => {
    const bus = Asab.PubSub.new();
    bus.on('Test!', message => message.args);
    bus.publish('Test!', [object], object);
}));

test('functions die with their bus', () => assertDies(object => {
    Asab.PubSub.new().on('Test!', () => object);
}));

main();
