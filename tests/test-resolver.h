/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Host names that are the same on each machine: `server.test` is this one, `several.test` has two addresses, at the
 * first of which nobody listens, `silent.test` gets no answer, and others are unknown. */

#pragma once

#include <gio/gio.h>

void test_resolver_install (void);
