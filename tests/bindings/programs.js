// SPDX-License-Identifier: LGPL-2.1-or-later

// Applications that the tests run in processes of their own; the first argument is the name of one.

import Asab from 'gi://Asab?version=1.0';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import System from 'system';

const [name, ...args] = ARGV;

const Base = GObject.registerClass(class Base extends Asab.Service {
    async vfunc_initialize(app) {
        await super.vfunc_initialize(app);
        print('base initialize');
    }
});

const MyService = GObject.registerClass(class MyService extends Base {
    async vfunc_initialize(app) {
        await super.vfunc_initialize(app);
        print(`service initialize ${this.name} ${app === this.application}`);
    }

    async vfunc_terminate() {
        await Asab.sleep(0);
        print('service terminate');
    }
});

const MyModule = GObject.registerClass(class MyModule extends Asab.Module {
    vfunc_initialize() {
        print('module initialize');
    }
});

const Life = GObject.registerClass(class Life extends Asab.Application {
    async vfunc_initialize() {
        await super.vfunc_initialize();
        print('application initialize');
        for (const type of ['init', 'run', 'exit'])
            this.pubsub.on(`Application.${type}!`, async message => print(`on ${message.type}`));
        new MyService({application: this, name: 'mine'});
        this.add_module(MyModule);
    }

    vfunc_main() {
        print(`main ${this.config.sections.general !== undefined}`);
        this.stop();
    }

    async vfunc_terminate() {
        print('application terminate');
    }
});

const Daemon = GObject.registerClass(class Daemon extends Asab.Application {
    vfunc_initialize() {
        print('initialize');
    }

    // The collector waits for its threads.
    vfunc_main() {
        System.gc();
    }

    vfunc_terminate() {
        System.gc();
        GLib.file_set_contents('out', 'terminate');
    }
});

const programs = {
    daemon: () => new Daemon(),

    life: () => new Life({version: '1.2.3'}),

    // Start-up goes on in fibers of C: each of these functions has to be called on the stack of the main loop, or
    // JavaScript runs into its limit.
    recursion: () => {
        const depth = n => n === 0 ? 0 : 1 + depth(n - 1);
        const Deep = GObject.registerClass(class Deep extends Asab.Service {
            vfunc_initialize() {
                print(depth(2000));
                return Asab.sleep(0);
            }

            async vfunc_terminate() {
                await null;
                print(depth(2000));
            }
        });
        const Application = GObject.registerClass(class Application extends Asab.Application {
            async vfunc_main() {
                print(depth(2000));
                this.stop();
            }
        });

        const app = new Application();
        for (const service of ['first', 'second'])
            new Deep({application: app, name: service});

        return app;
    },

    fails: () => {
        const fail = {
            function() {
                throw new TypeError('in initialize');
            },
            async promise() {
                await Asab.sleep(0);
                throw new TypeError('in initialize');
            },
            async gerror() {
                throw new GLib.Error(Asab.Error, Asab.Error.CLOSED, 'in initialize');
            },
        }[args[0]];
        const Failing = GObject.registerClass(class Failing extends Asab.Service {
            vfunc_initialize() {
                return fail();
            }
        });

        const app = new Asab.Application();
        new MyService({application: app, name: 'mine'});
        new Failing({application: app, name: 'failing'});

        return app;
    },

    stalled: () => {
        const Stalled = GObject.registerClass(class Stalled extends Asab.Application {
            vfunc_main() {
                const source = GLib.idle_source_new();

                source.set_name('import');
                source.set_callback(() => {
                    const end = GLib.get_monotonic_time() + 100000;
                    while (GLib.get_monotonic_time() < end)
                        ;
                    this.stop();

                    return GLib.SOURCE_REMOVE;
                });
                source.attach(null);
            }
        });

        return new Stalled();
    },

    loggers: () => {
        const logger = Asab.getLogger('my.mod');

        Asab.log_install();
        Asab.log_set_domain_level('chatty', GLib.LogLevelFlags.LEVEL_DEBUG);
        log('by log');
        console.log('by console');
        console.info('not said');
        console.warn('warned');
        console.error('failed');
        logger.notice('Hello', {key1: 'value1', key2: 2});
        logger.info('not said');
        logger.critical('a\0b');
        logger.error('\u{1F600}\x07', {on: true, none: null, list: [1, 2]});
        console.log('%d %s', 7, 'things');
        console.debug('not said');
        Asab.log_set_threshold(GLib.LogLevelFlags.LEVEL_DEBUG);
        console.debug('debugged');
        logger.debug('shown');
        Asab.log_set_threshold(GLib.LogLevelFlags.LEVEL_MESSAGE);
        Asab.getLogger('chatty').debug('shown');
        logError(new Error('thrown'), 'prefix');

        return null;
    },

    log: () => {
        Asab.log_install();
        Asab.log_set_threshold(GLib.LogLevelFlags.LEVEL_WARNING);
        for (const [level, text] of [['INFO', 'not said'], ['WARNING', 'said by JavaScript']])
            GLib.log_structured('test', GLib.LogLevelFlags[`LEVEL_${level}`], {MESSAGE: text});
        Asab.log_flush();

        return null;
    },
};

const app = programs[name]();
System.exit(app === null ? 0 : app.run([System.programInvocationName, ...args.filter(arg => arg.startsWith('-'))]));
