/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-callback-accumulator.h>

#include <asab-glib/async/asab-callback-private.h>

G_BEGIN_DECLS

struct _AsabCallbackAccumulator
{
  GObject parent_instance;

  char *name;
  int max_length;                 /* -1 is unlimited */
  gboolean call_once;
  GVariant *default_value;        /* (owned) (nullable) */
  AsabCallback *default_callback; /* (owned) (nullable): AsabAccumulatedFunc */
  AsabCallback *default_getter;   /* (owned) (nullable): AsabArgumentsFunc */
  GQueue callbacks;               /* (element-type AsabCallback): AsabAccumulatedFunc, the oldest first */
};

G_END_DECLS
