// SPDX-License-Identifier: LGPL-2.1-or-later
/* exported init */

// Channels whose handlers may throw and need not return anything, and whose data are Uint8Arrays.

const {Gio, GLib} = imports.gi;

const HANDLERS = ['vfunc_handle_connect', 'vfunc_handle_accept', 'vfunc_handle_read', 'vfunc_handle_write',
    'vfunc_handle_exception', 'vfunc_pull', 'vfunc_found_terminator'];
const OTHERS = ['vfunc_handle_close', 'vfunc_handle_error', 'vfunc_readable', 'vfunc_writable'];

function toBytes(data) {
    if (data instanceof GLib.Bytes)
        return data;

    return new GLib.Bytes(typeof data === 'string' ? new TextEncoder().encode(data) : data);
}

function fromBytes(value) {
    return value instanceof GLib.Bytes ? value.toArray() : value;
}

// For C, which wants true or an error: nothing is true.
function handler(func) {
    return function (...args) {
        const result = func.apply(this, args.map(fromBytes));
        return result === undefined ? true : Boolean(result);
    };
}

// C does not expect these to fail: the channel is closed, and the error logged.
function closing(func) {
    return function (...args) {
        try {
            return func.apply(this, args);
        } catch (error) {
            this.close();
            throw error;
        }
    };
}

function wrap(prototype, names, wrapper) {
    for (const name of names) {
        if (Object.hasOwn(prototype, name))
            prototype[name] = wrapper(prototype[name]);
    }
}

function wrapHandlers(base) {
    const classInit = base._classInit;

    base._classInit = function (klass) {
        wrap(klass.prototype, HANDLERS, handler);
        wrap(klass.prototype, OTHERS, closing);

        return classInit.call(this, klass);
    };
}

// From {host, port}, the host being an IP address, or from the path of a UNIX socket.
function toAddress(address) {
    if (address instanceof Gio.SocketAddress)
        return address;
    if (typeof address === 'string')
        return Gio.UnixSocketAddress.new(address);

    const ipAddress = Gio.InetAddress.new_from_string(address.host);
    if (!ipAddress)
        throw new TypeError(`“${address.host}” is no IP address`);

    return Gio.InetSocketAddress.new(ipAddress, address.port);
}

function overrideDispatcher(Dispatcher) {
    const {accept, bind, connect_to: connectTo, connect_to_host: connectToHost, recv, send} = Dispatcher.prototype;

    wrapHandlers(Dispatcher);
    Object.assign(Dispatcher.prototype, {
        // [socket, address] of the client, or null if there is none.
        accept() {
            const [socket, address] = accept.call(this);
            return socket ? [socket, address] : null;
        },
        bind(address) {
            return bind.call(this, toAddress(address));
        },
        connect_to(address) {
            return connectTo.call(this, toAddress(address));
        },
        connect_to_host(address, defaultPort = 0, timeout = Infinity) {
            return connectToHost.call(this, address, defaultPort, timeout);
        },
        recv(maxSize) {
            return fromBytes(recv.call(this, maxSize));
        },
        send(data) {
            return send.call(this, toBytes(data));
        },
    });
}

function overrideAsyncChat(AsyncChat) {
    const {push, take_inbox: takeInbox} = AsyncChat.prototype;

    Object.assign(AsyncChat.prototype, {
        push(data) {
            return push.call(this, toBytes(data));
        },
        // What ends a record: text or bytes, a number of bytes, an array of texts, or null.
        set_terminator(terminator) {
            if (terminator === null || terminator === undefined || terminator === 0)
                this.clear_terminator();
            else if (typeof terminator === 'number')
                this.set_terminator_length(terminator);
            else if (Array.isArray(terminator))
                this.set_terminator_list(terminator);
            else
                this.set_terminator_bytes(toBytes(terminator));
        },
        take_inbox() {
            return fromBytes(takeInbox.call(this));
        },
    });
}

function init(Asab) {
    const {call_later: callLater, loop} = Asab;

    overrideDispatcher(Asab.Dispatcher);
    overrideAsyncChat(Asab.AsyncChat);

    // Serves channels and makes delayed calls until there are none, or for `count` passes.
    Asab.loop = (timeout = 30, map = null, tasks = null, count = -1) => loop(timeout, map, tasks, count);
    Asab.call_later = (seconds, func, tasks = null) => callLater(seconds, () => {
        func();
        return true;
    }, tasks);
}
