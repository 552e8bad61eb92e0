// SPDX-License-Identifier: LGPL-2.1-or-later
/* exported _init */

// What makes the library feel at home in JavaScript: a future is a thenable, so that `await` takes it; virtual
// functions and callbacks may be asynchronous and may throw whatever they like; the configuration is an object of
// objects; messages can be iterated.
//
// GJS loads this file by its old importer, hence the syntax.

const {GLib} = imports.gi;
const System = imports.system;

const Accessor = imports.overrides._asab_accessor;
const Async = imports.overrides._asab_async;
const {callback, fromPromise, fromValue, run, toValue} = Async;
const Cache = imports.overrides._asab_cache;
const Coroutine = imports.overrides._asab_coroutine;
const Log = imports.overrides._asab_log;
const Machine = imports.overrides._asab_machine;
const Net = imports.overrides._asab_net;
const Nursery = imports.overrides._asab_nursery;

const FUTURE_VFUNCS = ['vfunc_initialize', 'vfunc_main', 'vfunc_terminate'];

let Asab;

// Application, components, timers

function wrapVfuncs(base) {
    const classInit = base._classInit;

    base._classInit = function (klass) {
        for (const name of FUTURE_VFUNCS) {
            if (Object.hasOwn(klass.prototype, name))
                klass.prototype[name] = callback(klass.prototype[name]);
        }

        return classInit.call(this, klass);
    };
}

function overrideApplication() {
    const {run: runApplication, stop} = Asab.Application.prototype;
    const newTimer = Asab.Timer.new;

    wrapVfuncs(Asab.Application);
    wrapVfuncs(Asab.Component);

    Object.assign(Asab.Application.prototype, {
        // The arguments begin with the name of the program, by default they are those of the process.
        run(argv = [System.programInvocationName, ...System.programArgs]) {
            return runApplication.call(this, argv);
        },
        stop(exitCode = 0) {
            stop.call(this, exitCode);
        },
    });

    Asab.Timer.new = (handler, autoRestart = false) => newTimer(callback(handler), autoRestart);
}

// Configuration

function mapping(target) {
    return new Proxy({}, {
        get: (_target, key) => typeof key === 'string' && target.has(key) ? target.get(key) : undefined,
        set: (_target, key, value) => target.set(key, value),
        has: (_target, key) => typeof key === 'string' && target.has(key),
        ownKeys: () => target.keys(),
        getOwnPropertyDescriptor: (_target, key) => typeof key === 'string' && target.has(key)
            ? {value: target.get(key), writable: true, enumerable: true, configurable: true}
            : undefined,
    });
}

function section(config, name) {
    return mapping({
        get: key => config.get_string(name, key),
        set: (key, value) => config.set_string(name, key, `${value}`),
        has: key => config.has_key(name, key),
        keys: () => config.get_keys(name),
    });
}

function overrideConfig() {
    // config.sections.web.listen
    Object.defineProperty(Asab.Config.prototype, 'sections', {
        get() {
            return mapping({
                get: name => section(this, name),
                set: (name, values) => {
                    Object.assign(section(this, name), values);
                    return true;
                },
                has: name => this.has_section(name),
                keys: () => this.get_sections(),
            });
        },
    });
}

// Messages

function overrideMessage() {
    const {get_arg: getArg, get_named: getNamed} = Asab.Message.prototype;

    Object.assign(Asab.Message.prototype, {
        get_arg(index) {
            return fromValue(getArg.call(this, index));
        },
        get_named(name) {
            return fromValue(getNamed.call(this, name));
        },
    });
    Object.defineProperties(Asab.Message.prototype, {
        type: {
            get() {
                return this.get_message_type();
            },
        },
        args: {
            get() {
                return Array.from({length: this.get_n_args()}, (_, i) => this.get_arg(i));
            },
        },
        named: {
            get() {
                return Object.fromEntries(this.get_names().map(name => [name, this.get_named(name)]));
            },
        },
    });
}

function overridePubSub() {
    const {publish, subscribe, subscribe_object: subscribeObject} = Asab.PubSub.prototype;

    Object.assign(Asab.PubSub.prototype, {
        publish(messageType, ...args) {
            if (args.length === 0)
                publish.call(this, messageType);
            else
                this.publish_message(Asab.Message.new_full(messageType, args.map(toValue), [], []));
        },
        publish_with(messageType, named) {
            this.publish_message(Asab.Message.new_full(messageType, [], Object.keys(named),
                Object.values(named).map(toValue)));
        },
        subscribe(messageType, func) {
            return subscribe.call(this, messageType, callback(func));
        },
        subscribe_object(messageType, owner, func) {
            return subscribeObject.call(this, messageType, owner, callback(func));
        },
        // Calls a function, which may be asynchronous, with each message of a type.
        on(messageType, func) {
            return this.subscribe(messageType, (_bus, message) => func(message));
        },
    });

    // for await (const message of subscriber)
    Asab.Subscriber.prototype[Symbol.asyncIterator] = async function* () {
        for (;;) {
            let message;
            try {
                message = await this.receive();
            } catch (error) {
                if (error instanceof GLib.Error && error.matches(Asab.Error, Asab.Error.CLOSED))
                    return;
                throw error;
            }
            yield message;
        }
    };
}

function _init() {
    Asab = this;

    Async.init(Asab);
    Accessor.init(Asab);
    Cache.init(Asab);
    Coroutine.init(Asab);
    Log.init(Asab);
    Machine.init(Asab);
    overrideApplication();
    overrideConfig();
    overrideMessage();
    overridePubSub();
    Net.init(Asab);
    Nursery.init(Asab);

    Asab.callback = callback;
    Asab.run = run;
    Asab.spawn = func => fromPromise((async () => func())());
}
