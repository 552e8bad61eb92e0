// SPDX-License-Identifier: LGPL-2.1-or-later
/* exported _init */

// What makes the library feel at home in JavaScript: a future is a thenable, so that `await` takes it; virtual
// functions and callbacks may be asynchronous and may throw whatever they like; the configuration is an object of
// objects; messages can be iterated.
//
// A callback that throws would return NULL, which C takes for success, so each is wrapped. GJS loads this file by its
// old importer, hence the syntax.

const {GLib, GObject} = imports.gi;
const System = imports.system;

const FUTURE_VFUNCS = ['vfunc_initialize', 'vfunc_main', 'vfunc_terminate'];

let Asab;

// Values

// Around what has no GType of its own, as arrays and instances of classes: a GValue holds only plain objects.
const BOXED = Symbol('boxed');

function box(value) {
    return {[BOXED]: value};
}

function isBox(value) {
    return typeof value === 'object' && value !== null && BOXED in value;
}

function toValue(value) {
    switch (typeof value) {
    case 'boolean':
    case 'string':
        return value;
    case 'number':
        if (Number.isSafeInteger(value)) {
            const integer = new GObject.Value();
            integer.init(GObject.TYPE_INT64);
            integer.set_int64(value);
            return integer;
        }
        return value;
    default:
        return value?.constructor?.$gtype ? value : box(value);
    }
}

function fromValue(value) {
    if (isBox(value))
        return value[BOXED];
    if (value instanceof Asab.FutureSet)
        return Array.from({length: value.get_n_futures()}, (_, i) => outcome(value.get_future(i)));

    return value;
}

function outcome(future) {
    try {
        return future.get_value();
    } catch (error) {
        return error;
    }
}

// Errors

function toGError(error) {
    if (error instanceof GLib.Error)
        return error;

    const text = error instanceof Error ? `${error.name}: ${error.message}` : `${error}`;
    return new GLib.Error(Asab.Error, Asab.Error.CALLBACK_FAILED, text);
}

// Shows where an error comes from before C gets hold of it, as C can tell no more than its message.
function report(error) {
    if (!(error instanceof GLib.Error))
        logError(error);
}

// Futures

function settled(settle) {
    const promise = Asab.Promise.new();
    settle(promise);
    return promise.get_future();
}

function fromPromise(native) {
    return settled(promise => {
        native.then(value => promise.resolve(value), error => promise.reject(error));
    });
}

// A future for C, or null for nothing to wait for, from whatever a function returned.
function toFuture(result) {
    if (result === undefined || result === null)
        return null;
    if (result instanceof Asab.Future)
        return result;
    if (typeof result.then === 'function') {
        result.then(undefined, report);
        return fromPromise(result);
    }

    return settled(promise => promise.resolve(result));
}

// Makes any function one that C may call where it wants a future.
function callback(func) {
    return function (...args) {
        try {
            return toFuture(func.apply(this, args));
        } catch (error) {
            report(error);
            return settled(promise => promise.reject(error));
        }
    };
}

// Runs an asynchronous function and the main loop until it has ended.
function run(func) {
    const future = fromPromise((async () => func())());

    try {
        Asab.run_until_complete(future, null);
    } catch {
        // The value tells it better.
    }

    return future.get_value();
}

function overrideFuture() {
    const {resolve} = Asab.Promise.prototype;
    const {get_value: getValue} = Asab.Future.prototype;

    Object.assign(Asab.Promise.prototype, {
        resolve(value) {
            return resolve.call(this, value === undefined || value === null ? null : toValue(value));
        },
        reject(error) {
            return this.reject_with_exception(toGError(error), box(error));
        },
    });

    Object.assign(Asab.Future.prototype, {
        // The value; throws the error, which is what was thrown if that was in JavaScript.
        get_value() {
            try {
                return fromValue(getValue.call(this));
            } catch (error) {
                const exception = this.get_exception();
                throw isBox(exception) ? exception[BOXED] : error;
            }
        },
        then(onResolved, onRejected) {
            const native = new Promise((resolveNative, rejectNative) => {
                const settle = () => {
                    try {
                        resolveNative(this.get_value());
                    } catch (error) {
                        rejectNative(error);
                    }
                };
                if (this.is_done())
                    settle();
                else
                    this.when_done(settle);
            });

            return native.then(onResolved, onRejected);
        },
        catch(onRejected) {
            return this.then(undefined, onRejected);
        },
        finally(func) {
            return this.then().finally(func);
        },
    });

    Asab.Future.fromPromise = fromPromise;
}

// A function of a condition may throw: that ends the wait with what was thrown.
function overrideCondition() {
    for (const name of ['wait_for', 'update']) {
        const method = Asab.Condition.prototype[name];

        Asab.Condition.prototype[name] = function (func) {
            let thrown = null;
            const future = method.call(this, () => {
                try {
                    return func();
                } catch (error) {
                    thrown = box(error);
                    return true;
                }
            });

            return fromPromise(future.then(() => {
                if (thrown)
                    throw thrown[BOXED];
            }));
        };
    }
}

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

    overrideFuture();
    overrideCondition();
    overrideApplication();
    overrideConfig();
    overrideMessage();
    overridePubSub();

    Asab.callback = callback;
    Asab.run = run;
    Asab.spawn = func => fromPromise((async () => func())());
}
