// SPDX-License-Identifier: LGPL-2.1-or-later
/* exported init */

// Coroutines as objects, functions that block, and many jobs a few at a time.

const {GLib} = imports.gi;

const {fromPromise} = imports.overrides._asab_async;

let Asab;

// The body of a subclass may be asynchronous, and may throw whatever it likes.
function overrideCoroutine() {
    const classInit = Asab.Coroutine._classInit;
    const {new: newCoroutine} = Asab.Coroutine;

    Asab.Coroutine._classInit = function (klass) {
        if (Object.hasOwn(klass.prototype, 'vfunc_work')) {
            const work = klass.prototype.vfunc_work;
            klass.prototype.vfunc_work = function () {
                return call(() => work.call(this));
            };
        }

        return classInit.call(this, klass);
    };

    Asab.Coroutine.new = (name, func) => newCoroutine(name, () => call(func));
}

function call(func) {
    return fromPromise((async () => func())());
}

// JavaScript cannot run in other threads, so that a function that blocks holds up the main loop all the same: but not
// before that has nothing else to do.
function runInThread(func, ...args) {
    return fromPromise(new Promise((resolve, reject) => {
        GLib.idle_add(GLib.PRIORITY_DEFAULT_IDLE, () => {
            try {
                resolve(func(...args));
            } catch (error) {
                reject(error);
            }
            return GLib.SOURCE_REMOVE;
        });
    }));
}

const ASYNCHRONOUS = Symbol('asynchronous');

function makeAsync(func) {
    if (func[ASYNCHRONOUS] || func.constructor.name === 'AsyncFunction')
        return func;

    return Object.assign((...args) => runInThread(func, ...args), {[ASYNCHRONOUS]: true});
}

// What runs already is not bound by the limit: jobs are functions, or coroutines that were not started.
function startJob(job) {
    if (job instanceof Asab.Coroutine)
        return job.start();

    return call(typeof job === 'function' ? job : () => job);
}

function overrideGather() {
    const {map_limited: mapLimited} = Asab;

    function map(limit, startItem, items, {returnErrors = false, cancelOnError = false} = {}) {
        const {DEFAULT, RETURN_ERRORS, CANCEL_ON_ERROR} = Asab.GatherFlags;
        const flags = (returnErrors ? RETURN_ERRORS : DEFAULT) | (cancelOnError ? CANCEL_ON_ERROR : DEFAULT);
        const all = [...items];

        return mapLimited(limit ?? Asab.GATHER_DEFAULT_LIMIT, all.length, flags, index => startItem(all[index]));
    }

    // Both give the array of results; without a limit (null) the usual one.
    Asab.gather_limited = (limit, jobs, options) => map(limit, startJob, jobs, options);
    Asab.map_limited = (limit, func, items, options) => map(limit, item => call(() => func(item)), items, options);
}

function init(namespace) {
    Asab = namespace;

    overrideCoroutine();
    overrideGather();
    Asab.make_async = makeAsync;
    Asab.run_in_thread = runInThread;
}
