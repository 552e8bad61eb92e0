/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/*
 * Was a handler ever connected to any signal of this object?
 *
 * GLib's own answers take a global lock: 14 ns, as much as finding a message type and calling its subscriber. GObject
 * does know, by a flag next to the reference count, but does not tell. So the flag is read from where it is, and
 * nothing is taken for granted: which bit it is was found by a trial, connecting a handler to a fresh object. Where the
 * trial saw no such bit the answer is always “maybe”, and GLib is asked.
 */
extern guint asab_handler_flag; /* 0: unknown */

void asab_handler_flag_find (void);

#if GLIB_SIZEOF_VOID_P == 8
static inline guint
asab_handler_flag_read (GObject *object)
{
  /* In the four bytes that would otherwise align the pointer behind the reference count. */
  return (guint) g_atomic_int_get ((const gint *) &object->ref_count + 1);
}
#else
static inline guint
asab_handler_flag_read (GObject *object G_GNUC_UNUSED)
{
  return 0;
}
#endif

static inline gboolean
asab_object_may_have_handlers (GObject *object)
{
  return asab_handler_flag == 0 || (asab_handler_flag_read (object) & asab_handler_flag) != 0;
}

G_END_DECLS
