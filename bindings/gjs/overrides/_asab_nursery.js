// SPDX-License-Identifier: LGPL-2.1-or-later
/* exported init */

// Nurseries as scopes, their tasks as asynchronous functions, registries of instances as maps.

const {GObject} = imports.gi;

const {callback, fromPromise, toGError} = imports.overrides._asab_async;

let Asab;

// A function that takes a cancellable is trusted to end when that is cancelled, and waited for; another one cannot be
// told, so that its future is cancelled at once.
function startTask(func) {
    const promise = Asab.Promise.new();
    const future = promise.get_future();

    if (func.length > 0)
        promise.defer_cancel();
    (async () => func(promise.get_cancellable()))()
        .then(value => promise.resolve(value), error => promise.reject(error));

    return future;
}

function overrideTasks() {
    const {adopt, create_task: createTask, stop_task: stopTask} = Asab.TaskNursery.prototype;

    Object.assign(Asab.TaskNursery.prototype, {
        // Starts an asynchronous function, which may take a cancellable, or a coroutine; or adopts a promise.
        create_task(task, name = null) {
            if (task instanceof Asab.Coroutine)
                return createTask.call(this, task, name);
            if (typeof task !== 'function')
                return this.adopt(task, name);

            // Nothing is started for a closed nursery, which refuses this.
            const future = this.is_open() ? startTask(task) : Asab.Future.new_resolved(null);
            return adopt.call(this, future, name ?? (task.name || null));
        },
        adopt(task, name = null) {
            return adopt.call(this, task instanceof Asab.Future ? task : fromPromise(task), name);
        },
        // Cancels a task; a future of its value or of its error.
        stop_task(task) {
            return stopTask.call(this, task);
        },
    });
    Object.defineProperty(Asab.TaskNursery.prototype, 'tasks', {
        get() {
            return this.list_tasks();
        },
    });
}

function overrideExit() {
    const {enter_context: enterContext, push_callback: pushCallback, push_exit: pushExit} = Asab.TaskNursery.prototype;

    Object.assign(Asab.TaskNursery.prototype, {
        push_callback(func) {
            return pushCallback.call(this, callback(() => func()));
        },
        // The function gets the error, and returns true if that goes no further.
        push_exit(func) {
            return pushExit.call(this, callback(async error => Boolean(await func(error))));
        },
        // Enters a context of the library, or any object with asynchronous functions `enter` and `exit`.
        async enter_context(context) {
            if (context instanceof GObject.Object)
                return enterContext.call(this, context);

            if (!this.sentinel_task)
                this.push_callback(() => null); // which throws that it is closed
            const value = await context.enter();
            this.push_exit(error => context.exit(error));
            return value;
        },
        // Calls an asynchronous function with the nursery and closes that afterwards; gives what the function gives.
        async use(func) {
            let value;
            try {
                value = await func(this);
            } catch (error) {
                if (await this.exit(toGError(error)))
                    return undefined;
                throw error;
            }

            await this.leave();
            return value;
        },
    });
}

// Asynchronous virtual functions of classes that implement AsyncContext.
function overrideContext() {
    const classInit = GObject.Object._classInit;

    GObject.Object._classInit = function (klass) {
        if (klass[GObject.interfaces]?.includes(Asab.AsyncContext)) {
            for (const name of ['vfunc_enter', 'vfunc_exit']) {
                if (Object.hasOwn(klass.prototype, name))
                    klass.prototype[name] = callback(klass.prototype[name]);
            }
        }

        return classInit.call(this, klass);
    };
}

function instances(type) {
    return new Map(Asab.Registrable.list(type.$gtype).map(instance => [instance.dup_registry_key(), instance]));
}

function init(namespace) {
    Asab = namespace;

    overrideContext();
    overrideTasks();
    overrideExit();

    // The instances of a class by their keys; of a nursery's class it is a property.
    Asab.registry = instances;
    Object.defineProperty(Asab.TaskNursery, 'registry', {
        get() {
            return instances(this);
        },
    });
}
