#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later

// A document that is written, reviewed, and published if two people approve of it.

imports.gi.versions.Asab = '1.0';
const {Asab} = imports.gi;

let approvals = 0;
const document = new Asab.StateMachine({state: 'draft'});

document.add('draft', 'review');
document.add('review', 'published', async () => {
    await Asab.sleep(0.001); // asking everybody takes a while
    return approvals >= 2;
});
document.on_enter('review', async () => {
    print('please have a look');
});
document.on_exit('review', () => {
    print('thank you');
});

async function move(state) {
    print(`${state}: ${await document.transition(state) ? 'yes' : 'no'}`);
}

Asab.run(async () => {
    await move('published');
    await move('review');
    await move('published');
    approvals = 2;
    await move('published');
    print(`it is ${document.state}`);
});
