/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _AsabSignals AsabSignals;

typedef void (*AsabSignalFunc) (int      signal_number,
                                gpointer user_data);

AsabSignals *asab_signals_new  (AsabSignalFunc  func,
                                gpointer        user_data);
void         asab_signals_free (AsabSignals    *self);

G_END_DECLS
