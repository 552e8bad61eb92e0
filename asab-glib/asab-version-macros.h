/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-version.h>
#include <glib.h>

#ifndef _ASAB_EXTERN
#define _ASAB_EXTERN __attribute__ ((visibility ("default"))) extern
#endif

/**
 * ASAB_AVAILABLE_IN_ALL:
 *
 * Marks what every release has.
 */
#define ASAB_AVAILABLE_IN_ALL _ASAB_EXTERN
