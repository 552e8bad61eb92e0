// SPDX-License-Identifier: LGPL-2.1-or-later
/* exported _init */

// Handlers that may be asynchronous and may return what is to be answered, and JSON as plain values.

const {Asab, GLib, Json} = imports.gi;

// Answers with text, with bytes as they are, with everything else as JSON.
function respond(request, value) {
    if (typeof value === 'string')
        request.respond_text(value);
    else if (value instanceof Uint8Array || value instanceof GLib.Bytes)
        request.respond_bytes(value, 'application/octet-stream');
    else if (value instanceof GLib.Variant)
        request.respond_variant(value);
    else if (value !== undefined && value !== null)
        request.respond_json(value);
}

function handler(func) {
    return Asab.callback(request => {
        const answer = func(request);
        if (typeof answer?.then === 'function')
            return answer.then(value => respond(request, value));

        respond(request, answer);
        return null;
    });
}

function _init() {
    const {Request, Router, Service} = this;
    const respondJson = Request.prototype.respond_json;

    for (const name of ['add', 'add_get', 'add_post', 'add_put', 'add_patch', 'add_delete']) {
        const add = Router.prototype[name];

        Router.prototype[name] = function (...args) {
            const func = args.pop();
            return add.call(this, ...args, handler(func));
        };
    }

    Object.assign(Request.prototype, {
        respond_json(value) {
            const node = value instanceof Json.Node ? value : Json.from_string(JSON.stringify(value));
            respondJson.call(this, node);
        },
        // The body as the value that its JSON stands for; without JSON the client is told so.
        json() {
            return JSON.parse(Json.to_string(this.get_json(), false));
        },
    });

    Object.defineProperty(Service.prototype, 'router', {
        get() {
            return this.get_router();
        },
    });
}
