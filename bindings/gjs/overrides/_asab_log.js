// SPDX-License-Identifier: LGPL-2.1-or-later
/* exported getLogger, init */

// Loggers with structured data. What console and log () say comes to the log of the library by itself.

const {GLib} = imports.gi;

let Asab;

const LEVELS = {
    critical: GLib.LogLevelFlags.LEVEL_ERROR,
    error: GLib.LogLevelFlags.LEVEL_CRITICAL,
    warn: GLib.LogLevelFlags.LEVEL_WARNING,
    notice: GLib.LogLevelFlags.LEVEL_MESSAGE,
    info: GLib.LogLevelFlags.LEVEL_INFO,
    debug: GLib.LogLevelFlags.LEVEL_DEBUG,
};

// A string of C has no NUL in it.
function toText(value) {
    return `${value}`.replaceAll('\0', '\uFFFD');
}

// getLogger('shop.cart').info('An item was added', {item: 12});
function getLogger(domain) {
    const logger = {};
    for (const [name, level] of Object.entries(LEVELS)) {
        logger[name] = (message, data = {}) => {
            if (Asab.log_is_enabled(domain, level))
                Asab.log_write(domain, level, toText(message), Object.entries(data).flat().map(toText));
        };
    }

    return logger;
}

function init(namespace) {
    Asab = namespace;
    Asab.getLogger = getLogger;
}
