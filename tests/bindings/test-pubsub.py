#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import asyncio
import contextlib
import io
import weakref

from asabtest import Asab, GLib, TestCase, asynchronous, main
from gi.repository import GObject


class Listener:
    """An owner of methods that is no GObject."""

    def __init__(self):
        self.heard = []

    def hear(self, *args, **kwargs):
        self.heard.append((args, kwargs))

    @Asab.subscribe('Test.one!', 'Test.two!')
    def on_message(self, message_type):
        self.heard.append(message_type)


class ObjectListener(GObject.Object):
    heard = 0

    @Asab.subscribe('Test.one!')
    async def on_message(self, _message_type):
        type(self).heard += 1


class MessageTest(TestCase):
    def test_arguments(self):
        thing = object()
        message = Asab.Message('Test!', 1, 2**40, None, 'text', thing, key=[1], none=None)
        self.assertEqual(message.type, 'Test!')
        self.assertEqual(message.args, (1, 2**40, None, 'text', thing))
        self.assertEqual(message.kwargs, {'key': [1], 'none': None})
        self.assertIs(message.get_arg(4), thing)
        self.assertEqual(message.get_int64(0), 1)

        message_type, args, kwargs = message
        self.assertEqual((message_type, args[3], kwargs['key']), ('Test!', 'text', [1]))
        self.assertIn('Test!', repr(message))

    def test_arguments_outlive_it(self):
        message = Asab.Message('Outer!', Asab.Message('Inner!', 'text'), GLib.Variant('s', 'variant'))
        inner, variant = message.args
        del message
        self.assertEqual((inner.args, variant.unpack()), (('text',), 'variant'))

    def test_plain(self):
        message = Asab.Message('Test!')
        self.assertEqual((message.args, message.kwargs), ((), {}))


class PubSubTest(TestCase):
    def setUp(self):
        self.bus = Asab.PubSub()

    def test_publish(self):
        listener = Listener()
        self.bus.subscribe('Test!', listener.hear)
        self.bus.publish('Test!')
        self.bus.publish('Test!', 1, key='value')
        self.assertEqual(listener.heard, [(('Test!',), {}), (('Test!', 1), {'key': 'value'})])

    @asynchronous
    async def test_asynchronously(self):
        heard = asyncio.Queue()
        self.bus.subscribe('Test!', lambda _type, *args: heard.put_nowait(args))
        self.bus.publish('Test!', asynchronously=True)
        self.bus.publish('Test!', 1, asynchronously=True)
        self.assertTrue(heard.empty())
        self.assertEqual([await heard.get(), await heard.get()], [(), (1,)])

    @asynchronous
    async def test_coroutine(self):
        heard = asyncio.Queue()

        async def hear(_type, value):
            await asyncio.sleep(0)
            await heard.put(value)

        self.bus.subscribe('Test!', hear)
        self.bus.publish('Test!', 'value')
        self.assertEqual(await heard.get(), 'value')

    @asynchronous
    async def test_exceptions_are_reported(self):
        def fail(_type):
            raise KeyError('in a function')

        async def fail_later(_type):
            raise KeyError('in a coroutine')

        heard = []
        self.bus.subscribe('Test!', fail)
        self.bus.subscribe('Test!', fail_later)
        self.bus.subscribe('Test!', heard.append)
        reports = io.StringIO()
        with contextlib.redirect_stderr(reports):
            self.bus.publish('Test!')
            self.assertEqual(heard, ['Test!'])
            while 'in a coroutine' not in reports.getvalue():
                await asyncio.sleep(0)
        self.assertIn("KeyError: 'in a function'", reports.getvalue())

    def test_unsubscribe(self):
        listener = Listener()
        heard = []
        by_id = self.bus.subscribe('Test!', heard.append)
        self.bus.subscribe('Test!', listener.hear)
        self.assertTrue(self.bus.unsubscribe(by_id))
        self.assertFalse(self.bus.unsubscribe(by_id))
        self.assertTrue(self.bus.unsubscribe('Test!', listener.hear))
        self.assertFalse(self.bus.unsubscribe('Test!', listener.hear))
        self.bus.publish('Test!')
        self.assertEqual((heard, listener.heard), ([], []))
        self.assertEqual(self.bus.get_n_subscribers('Test!'), 0)

    def test_subscribe_all(self):
        listener = Listener()
        self.bus.subscribe_all(listener)
        self.bus.subscribe_all(listener)
        self.bus.publish('Test.one!')
        self.bus.publish('Test.two!')
        self.assertEqual(listener.heard, ['Test.one!', 'Test.two!'])

    def test_owners_are_weak(self):
        for factory in (Listener, ObjectListener):
            listener = factory()
            reference = weakref.ref(listener)
            self.bus.subscribe_all(listener)
            self.bus.publish('Test.one!')
            del listener
            self.assert_dies(reference)
            self.bus.publish('Test.one!')
            self.assertEqual(self.bus.get_n_subscribers('Test.one!'), 0)

    def test_object_outlives_its_wrapper(self):
        holder = GObject.Value(GObject.TYPE_OBJECT, None)
        listener = ObjectListener()
        self.bus.subscribe_all(listener)
        holder.set_object(listener)
        del listener
        ObjectListener.heard = 0
        Asab.run(asyncio.sleep(0))
        self.bus.publish('Test.one!')
        Asab.run(asyncio.sleep(0))
        self.assertEqual(ObjectListener.heard, 1)

    def test_functions_are_strong(self):
        heard = []
        self.bus.subscribe('Test!', lambda message_type: heard.append(message_type))
        Asab.run(asyncio.sleep(0))
        self.bus.publish('Test!')
        self.assertEqual(heard, ['Test!'])

    @asynchronous
    async def test_wait_message(self):
        future = self.bus.wait_message('Test!')
        self.bus.publish('Test!', 5)
        self.assertEqual((await future).args, (5,))

    def test_signal(self):
        heard = []
        self.bus.connect('message::Test!', lambda _bus, message: heard.append(message.args))
        self.bus.publish('Test!', 1)
        self.bus.publish('Other!')
        self.assertEqual(heard, [(1,)])

    def test_dies(self):
        listener = Listener()
        self.bus.subscribe_all(listener)
        reference = weakref.ref(self.bus)
        self.bus = None
        self.assert_dies(reference)


class SubscriberTest(TestCase):
    @asynchronous
    async def test_messages(self):
        first, second = Asab.PubSub(), Asab.PubSub()
        subscriber = Asab.Subscriber(first, 'One!', 'Two!')
        subscriber.subscribe(second, 'Three!')
        first.publish('Two!', 2)
        second.publish('Three!')
        message_type, args, _ = await subscriber.message()
        self.assertEqual((message_type, args), ('Two!', (2,)))
        self.assertEqual((await subscriber.message()).type, 'Three!')

    @asynchronous
    async def test_iterate(self):
        bus = Asab.PubSub()
        subscriber = Asab.Subscriber(bus, 'Test!')
        for i in range(3):
            bus.publish('Test!', i)
        subscriber.close()
        self.assertEqual([message.args[0] async for message in subscriber], [0, 1, 2])

    @asynchronous
    async def test_cancelled(self):
        bus = Asab.PubSub()
        subscriber = Asab.Subscriber(bus, 'Test!')
        task = asyncio.create_task(subscriber.message())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        bus.publish('Test!', 'not lost')
        self.assertEqual((await subscriber.message()).args, ('not lost',))

    @asynchronous
    async def test_cancelled_as_it_came(self):
        bus = Asab.PubSub()
        subscriber = Asab.Subscriber(bus, 'Test!')
        task = asyncio.create_task(subscriber.message())
        await asyncio.sleep(0)
        bus.publish('Test!', 'not lost')
        task.cancel()
        await asyncio.wait([task])
        self.assertTrue(task.cancelled())
        self.assertEqual((await subscriber.message()).args, ('not lost',))

    @asynchronous
    async def test_bounded(self):
        bus = Asab.PubSub()
        subscriber = Asab.Subscriber(None)
        subscriber.max_size = 2
        subscriber.subscribe(bus, 'Test!')
        for i in range(3):
            bus.publish('Test!', i)
        self.assertEqual((subscriber.dropped, subscriber.get_n_messages()), (1, 2))


if __name__ == '__main__':
    main()
