// SPDX-License-Identifier: LGPL-2.1-or-later
/* exported init */

// The cache that refreshes itself: loaders and processors that are asynchronous functions or plain ones.

const {callback, outcome} = imports.overrides._asab_async;

function init(Asab) {
    const {
        _init: construct,
        configure,
        get,
        register_loader: registerLoader,
        set_default_loader: setDefaultLoader,
    } = Asab.RefreshCache.prototype;
    const classInit = Asab.RefreshCache._classInit;

    // What was thrown, where C sees an error.
    const thrown = () => outcome(Asab.RefreshCache.get_failed());
    const callLoader = loader => loader && callback(loader);
    const callProcessor = processor => processor && callback((_error, wasBatched) => processor(thrown(), wasBatched));

    Asab.RefreshCache._classInit = function (klass) {
        const {prototype} = klass;

        if (Object.hasOwn(prototype, 'vfunc_process_error')) {
            const processError = prototype.vfunc_process_error;

            prototype.vfunc_process_error = callback(function (_error, wasBatched) {
                return processError.call(this, thrown(), wasBatched);
            });
        }

        return classInit.call(this, klass);
    };

    Object.assign(Asab.RefreshCache.prototype, {
        _init({ttl = 60, refresh = 15, defaultLoader = null, processor = null, ...properties} = {}) {
            construct.call(this, properties);
            this.configure(ttl, refresh, processor);
            this.set_default_loader(defaultLoader);
        },
        configure(ttl, refresh, processor = null) {
            configure.call(this, ttl, refresh, callProcessor(processor));
        },
        set_default_loader(loader) {
            setDefaultLoader.call(this, callLoader(loader));
        },
        register_loader(key, loader) {
            registerLoader.call(this, key, callLoader(loader));
        },
        // The future of the value of a key, which the loader loads from now on, if one is given.
        get(key, loader = null) {
            if (loader)
                this.register_loader(key, loader);

            return get.call(this, key);
        },
        get_with_loader(key, loader) {
            return this.get(key, loader);
        },
        // Calls a function with the cache, which is started meanwhile; the promise of its result.
        async use(func) {
            this.start();
            try {
                return await func(this);
            } finally {
                await this.stop();
            }
        },
    });
}
