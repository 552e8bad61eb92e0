// SPDX-License-Identifier: LGPL-2.1-or-later
/* exported init */

// State machines whose handlers and conditions may be asynchronous, and accumulators of callbacks that can be iterated.

const {GObject} = imports.gi;

const {callback, fromPromise} = imports.overrides._asab_async;

let Asab;

// State machines

// Any value that counts as true allows a transition.
function condition(func) {
    return callback((_machine, from, to) => {
        const answer = func(from, to);

        return typeof answer?.then === 'function' ? fromPromise(answer.then(Boolean)) : Boolean(answer);
    });
}

function overrideStateMachine() {
    const {add, on_enter: onEnter, on_exit: onExit} = Asab.StateMachine.prototype;
    const known = new WeakMap();

    Object.assign(Asab.StateMachine.prototype, {
        add(from, to, func = null) {
            if (func === null) {
                add.call(this, from, to, null);
                return;
            }

            // For C each function of JavaScript is a new one.
            const edge = JSON.stringify([from, to]);
            const edges = known.get(func) ?? new WeakMap();
            const added = edges.get(this) ?? new Set();
            known.set(func, edges.set(this, added));
            if (!added.has(edge)) {
                added.add(edge);
                add.call(this, from, to, condition(func));
            }
        },
        on_enter(state, handler) {
            onEnter.call(this, state, handler && callback(() => handler()));
            return handler;
        },
        on_exit(state, handler) {
            onExit.call(this, state, handler && callback(() => handler()));
            return handler;
        },
    });
}

// Accumulators
//
// C keeps the functions and says which comes next; they are called here, so that arguments, results and errors are
// whatever JavaScript wants.

const takers = [];

// What C keeps for a function: it hands the function over to whoever takes it out, and calls it for anybody else.
function entry(func) {
    return (args, scopeError) => {
        if (takers.length > 0)
            takers[takers.length - 1].push(func);
        else
            func(...scopeError ? [scopeError] : args?.deepUnpack() ?? []);

        return [true, null];
    };
}

function takeNext(stealNext, accumulator) {
    const taken = [];

    takers.push(taken);
    try {
        stealNext.call(accumulator, null);
    } finally {
        takers.pop();
    }

    return taken;
}

function method(accumulator, object) {
    const {name} = accumulator;

    if (typeof object[name] === 'function')
        return object[name].bind(object);
    if (object instanceof GObject.Object && GObject.signal_lookup(name, object.constructor.$gtype) !== 0)
        return object.emit.bind(object, name);
    if (accumulator.defaultCallback)
        return accumulator.defaultCallback;

    throw new TypeError(`${object} has no method ${name}`);
}

function scopeArguments(accumulator, error) {
    if (accumulator.defaultGetter)
        return accumulator.defaultGetter();

    return accumulator.name === 'exit' && error !== undefined ? [error] : [];
}

function overrideCallbackAccumulator() {
    const {add_callback: addCallback, offer_callback: offerCallback, steal_next: stealNext} =
        Asab.CallbackAccumulator.prototype;

    Object.assign(Asab.CallbackAccumulator.prototype, {
        // The result when there is nothing to call, or when callbacks are not called once only.
        default: undefined,
        // What is added for an object without the method.
        defaultCallback: null,
        // Gives an array of the arguments at the end of a scope.
        defaultGetter: null,

        add_callback(func) {
            addCallback.call(this, entry(func));
        },
        offer_callback(func) {
            return offerCallback.call(this, entry(func));
        },
        add(object) {
            this.add_callback(method(this, object));
        },
        offer_last(object) {
            if (this.get_n_callbacks() === this.max_length)
                return false;
            this.add(object);
            return true;
        },
        // Calls the callbacks; returns what the last one does.
        invoke(...args) {
            let result = this.default;

            for (const func of this)
                result = func(...args);

            return this.call_once ? result : this.default;
        },
        // Calls the callbacks at the end of a scope, which may have thrown an error.
        exit(error = undefined) {
            return this.invoke(...scopeArguments(this, error));
        },
        // The same, one callback in each turn of the main loop.
        async exit_async(error = undefined) {
            const args = scopeArguments(this, error);
            let result = this.default;

            for (const func of this) {
                result = func(...args);
                await Asab.sleep(0);
            }

            return this.call_once ? result : this.default;
        },
        // Calls a function, which may be asynchronous, with the accumulator, and the callbacks when it has ended.
        async scope(func) {
            let result;

            try {
                result = await func(this);
            } catch (error) {
                this.exit(error);
                throw error;
            }
            this.exit();

            return result;
        },
        // The callbacks, which are taken out if they are to be called once only.
        *[Symbol.iterator]() {
            const source = this.call_once ? this : this.dup_callbacks();

            while (source.get_n_callbacks() > 0)
                yield* takeNext(stealNext, source);
        },
    });
    Object.defineProperty(Asab.CallbackAccumulator.prototype, 'callbacks', {
        get() {
            return this.dup_callbacks();
        },
    });
}

function init(namespace) {
    Asab = namespace;

    overrideStateMachine();
    overrideCallbackAccumulator();
}
