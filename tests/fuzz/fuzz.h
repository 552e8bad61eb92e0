/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stddef.h>
#include <stdint.h>

/* What a fuzzer calls with its inputs: returns 0, or crashes when something is wrong. */
int LLVMFuzzerTestOneInput (const uint8_t *data,
                            size_t         size);
