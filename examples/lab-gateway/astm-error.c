/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "astm-error.h"

G_DEFINE_QUARK (astm-error-quark, astm_error)
