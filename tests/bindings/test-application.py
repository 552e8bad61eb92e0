#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import asyncio
import gc
import os
import sys
import weakref

from asabtest import Asab, GLib, TestCase, main


class ApplicationTest(TestCase):
    def test_life(self):
        output, _ = self.run_program(life)
        self.assertEqual(output.split('\n')[:-1], [
            'application initialize',
            'base initialize', 'service initialize mine',
            'module initialize',
            'on Application.init!',
            'on Application.run!',
            'application main',
            'on Application.exit!',
            'application terminate',
            'module terminate',
            'service terminate',
        ])

    def test_plain_names(self):
        output, _ = self.run_program(plain_names)
        self.assertEqual(output, 'mixed in\nservice\nmain\nterminated\n')

    def test_initialize_raises(self):
        output, errors = self.run_program(initialize_raises, status=1)
        self.assertEqual(output, 'first initialize\nfirst terminate\n')
        self.assertIn("KeyError: 'no such thing'", errors)
        self.assertIn('raise KeyError', errors)

    def test_main_raises(self):
        for how in ('function', 'coroutine', 'gerror'):
            output, errors = self.run_program(main_raises, how, status=1)
            self.assertEqual(output, 'terminate\n')
            self.assertIn('in main', errors)

    def test_unhandled(self):
        _, errors = self.run_program(unhandled)
        self.assertIn('OSError: nobody looked', errors)

    def test_require_service(self):
        output, _ = self.run_program(require_service)
        self.assertEqual(output, 'late\nearly has late\n')

    def test_command_line(self):
        output, _ = self.run_program(life, '--version')
        self.assertIn('1.2.3', output)
        self.run_program(life, '--nonsense', status=2)

    def test_dies(self):
        output, _ = self.run_program(dies)
        self.assertEqual(output, 'dead\n')

    def test_second_application(self):
        self.run_program(second_application, status=70)


def argv():
    return [sys.argv[0], *sys.argv[1:]]


class Base(Asab.Service):
    async def initialize(self, app):
        await super().initialize(app)
        print('base initialize')


class MyService(Base):
    async def initialize(self, app):
        await super().initialize(app)
        assert app is self.application
        print('service initialize', self.name)

    async def finalize(self, app):
        await asyncio.sleep(0)
        print('service terminate')
        await super().finalize(app)


class MyModule(Asab.Module):
    def __init__(self, app):
        super().__init__(app)
        self.app = app

    async def initialize(self, _app):
        print('module initialize')

    async def terminate(self, _app):
        print('module terminate')


class Life(Asab.Application):
    def __init__(self):
        super().__init__(version='1.2.3')
        self.description = 'Lives'

    async def initialize(self):
        await super().initialize()
        print('application initialize')
        service = MyService(self, 'mine')
        assert self.get_service('mine') is service
        module = self.add_module(MyModule)
        assert self.add_module(MyModule) is module
        assert self.phase == Asab.ApplicationPhase.INIT

    async def main(self):
        print('application main')
        assert self.config['general'] is not None
        self.stop()

    async def finalize(self):
        print('application terminate')

    @Asab.subscribe('Application.init!', 'Application.run!')
    def on_message(self, message_type):
        print('on', message_type)

    @Asab.subscribe('Application.exit!')
    async def on_exit(self, message_type):
        print('on', message_type)


def life():
    return Life().run(argv())


class Mixin:
    def do_initialize(self):
        print('mixed in')
        PlainService(self, 'plain')


class PlainService(Asab.Service):
    def do_initialize(self, app):
        Asab.Service.do_initialize(self, app)
        print('service')


class Plain(Mixin, Asab.Application):
    def do_main(self):
        print('main')
        self.stop(0)
        return Asab.sleep(0)

    async def do_terminate(self):
        await Asab.Application.do_terminate(self)
        print('terminated')


def plain_names():
    return Plain().run(argv())


def initialize_raises():
    class First(Asab.Service):
        async def initialize(self, _app):
            print('first initialize')

        async def terminate(self, _app):
            print('first terminate')

    class Second(Asab.Service):
        async def initialize(self, _app):
            await asyncio.sleep(0)
            raise KeyError('no such thing')

        async def terminate(self, _app):
            print('not reached')

    app = Asab.Application()
    First(app, 'first')
    Second(app, 'second')

    return app.run(argv()[:1])


def main_raises():
    how = sys.argv[1]

    class Application(Asab.Application):
        if how == 'function':
            def do_main(self):
                raise ValueError('in main')
        else:
            async def main(self):
                await asyncio.sleep(0)
                if how == 'gerror':
                    raise GLib.Error.new_literal(Asab.error_quark(), 'in main', Asab.Error.CLOSED)
                raise ValueError('in main')

        async def terminate(self):
            print('terminate')

    return Application().run(argv()[:1])


def unhandled():
    class Application(Asab.Application):
        async def main(self):
            async def fail():
                raise OSError('nobody looked')

            Asab.spawn(fail())
            await asyncio.sleep(0)
            self.stop()

    return Application().run(argv()[:1])


def require_service():
    class Early(Asab.Service):
        async def initialize(self, _app):
            late = await self.require_service('late')
            print('early has', late.name)

    class Late(Asab.Service):
        async def initialize(self, _app):
            print('late')

    class Application(Asab.Application):
        async def main(self):
            self.stop()

    app = Application()
    Early(app, 'early')
    app.add_service(Late(name='late'))

    return app.run(argv()[:1])


def dies():
    os.environ['G_MESSAGES_DEBUG'] = ''
    app = Plain()
    service = MyService(app, 'mine')
    references = [weakref.ref(app), weakref.ref(service)]
    with open(os.devnull, 'w', encoding='utf-8') as sys.stdout:
        status = app.run(argv()[:1])
    sys.stdout = sys.__stdout__
    del app, service
    context = GLib.MainContext.default()
    while context.iteration(False):
        pass
    gc.collect()
    print(*{'dead' if reference() is None else 'alive' for reference in references})

    return status


def second_application():
    app = Asab.Application()
    second = Asab.Application()

    return second.run(argv()[:1]) if app else 0


if __name__ == '__main__':
    main()
