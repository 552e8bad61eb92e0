// SPDX-License-Identifier: LGPL-2.1-or-later
/* exported init, box, isBox, unbox, toValue, fromValue, fromPromise, settled, callback, run */

// Futures that can be awaited, promises as futures, and functions that C may call where it wants a future.
//
// A callback that throws would return NULL, which C takes for success, so each is wrapped.

const {GLib, GObject} = imports.gi;

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

function unbox(value) {
    return value[BOXED];
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

function init(namespace) {
    Asab = namespace;

    overrideFuture();
    overrideCondition();
}
