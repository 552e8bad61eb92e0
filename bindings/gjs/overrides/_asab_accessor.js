// SPDX-License-Identifier: LGPL-2.1-or-later
/* exported init */

// Accessors, properties that are accessors, and predicates that can be awaited.
//
// The functions of an object are properties of it, and what C holds only finds them there: so a function that knows the
// object makes no circle through C, where the garbage collector does not look.

const {GLib} = imports.gi;

const {fromValue, settled, toValue} = imports.overrides._asab_async;

let Asab;

// Makes a function one that gives C a future with its result or its error, which is for whoever waits.
function settling(func) {
    return (...args) => settled(promise => {
        try {
            promise.resolve(func(...args));
        } catch (error) {
            promise.reject(error);
        }
    });
}

function checkFunction(func, what) {
    if (typeof func !== 'function')
        throw new TypeError(`the ${what} is not a function`);
}

function overridePredicate() {
    Asab.AwaitablePredicate.new = (predicate, {condition = null, timeout = Infinity} = {}) => {
        checkFunction(predicate, 'predicate');
        const self = Asab.AwaitablePredicate.new_closure(settling(object => Boolean(object._predicate())),
            condition, timeout);
        self._predicate = predicate;
        return self;
    };

    const {is_true: isTrue} = Asab.AwaitablePredicate.prototype;

    Object.assign(Asab.AwaitablePredicate.prototype, {
        is_true() {
            return this._predicate ? Boolean(this._predicate()) : isTrue.call(this);
        },
        update(func) {
            return this.condition.update(func);
        },
        then(onResolved, onRejected) {
            // Without anybody who keeps the predicate the wait would end.
            return this.wait().finally(() => void this).then(onResolved, onRejected);
        },
    });
}

function overrideAccessor() {
    const {Accessor, WaitForWrite} = Asab;
    const {get, get_value: getValue, set, set_when_read: setWhenRead, set_value: setValue} = Accessor.prototype;
    const newAccessor = Accessor.new;
    const toNullable = value => value === undefined || value === null ? null : toValue(value);

    Accessor.new = ({get: getter, set: setter, condition = null, name = null} = {}) => {
        if (!getter && !setter)
            return newAccessor(name, condition);

        checkFunction(getter, 'getter');
        checkFunction(setter, 'setter');
        const self = Accessor.new_with_closures(name, condition, settling(object => object._getter()),
            settling((object, value) => object._setter(fromValue(value))));
        self._getter = getter;
        self._setter = setter;
        return self;
    };

    Object.assign(Accessor.prototype, {
        get({predicate = null, waitForWrite = null} = {}) {
            if (predicate === null && waitForWrite !== false)
                return get.call(this);

            if (predicate !== null)
                checkFunction(predicate, 'predicate');
            const modes = new Map([[null, WaitForWrite.DEFAULT], [true, WaitForWrite.YES], [false, WaitForWrite.NO]]);
            return this.get_matching_closure(
                settling((_object, value) => predicate === null || Boolean(predicate(fromValue(value)))),
                modes.get(waitForWrite));
        },
        set(value, {waitForRead = false} = {}) {
            return (waitForRead ? setWhenRead : set).call(this, toNullable(value));
        },
        get_value() {
            return this._getter ? this._getter() : fromValue(getValue.call(this));
        },
        set_value(value) {
            if (this._setter)
                this._setter(value);
            else
                setValue.call(this, toNullable(value));
        },
    });
    Object.defineProperty(Accessor.prototype, 'value', {
        get() {
            return this.get_value();
        },
    });
}

function newError(code, message) {
    return new GLib.Error(Asab.Error, code, message);
}

// Makes a property of a class an accessor, which each instance gets when it is looked up for the first time. The
// functions are called on the instance.
function conditionProperty(prototype, name, {get, set, delete: remove} = {}) {
    const accessors = new WeakMap();

    function newAccessor(instance) {
        const refuseWrite = () => {
            throw newError(Asab.Error.READ_ONLY, `The property “${name}” has no setter`);
        };
        const refuseRead = () => {
            throw newError(Asab.Error.UNREADABLE, get
                ? `The property “${name}” has no setter, a read would wait for ever`
                : `The property “${name}” has no getter`);
        };
        const accessor = Asab.Accessor.new({
            get: get && set ? () => get.call(instance) : refuseRead,
            set: set ? value => set.call(instance, value) : refuseWrite,
            name,
        });
        if (!get || !set)
            accessor.get = async () => refuseRead();

        return accessor;
    }

    Object.defineProperty(prototype, name, {
        configurable: true,
        get() {
            if (!accessors.has(this))
                accessors.set(this, newAccessor(this));
            return accessors.get(this);
        },
        set() {
            throw newError(Asab.Error.READ_ONLY,
                `The property “${name}” cannot be assigned to: await its set () instead`);
        },
    });

    // What deletes the property of an instance.
    return instance => {
        if (!remove)
            throw newError(Asab.Error.READ_ONLY, `The property “${name}” cannot be deleted`);
        remove.call(instance);
        accessors.delete(instance);
    };
}

function init(namespace) {
    Asab = namespace;

    overridePredicate();
    overrideAccessor();
    Asab.conditionProperty = conditionProperty;
}
