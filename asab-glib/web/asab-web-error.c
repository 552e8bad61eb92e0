/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-web-error.h"

G_DEFINE_QUARK (asab-web-error-quark, asab_web_error)
