/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-version-macros.h>
#include <glib-object.h>

G_BEGIN_DECLS

#define ASAB_TYPE_MESSAGE (asab_message_get_type ())

typedef struct _AsabMessage AsabMessage;

/**
 * AsabMessageType: (skip)
 *
 * An interned message type, see `asab_message_type ()`.
 */
typedef struct _AsabMessageType AsabMessageType;

ASAB_AVAILABLE_IN_ALL
GType                  asab_message_get_type         (void) G_GNUC_CONST;

ASAB_AVAILABLE_IN_ALL
AsabMessage           *asab_message_new              (const char             *message_type,
                                                      const GValue           *args,
                                                      gsize                   n_args) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabMessage           *asab_message_new_full         (const char             *message_type,
                                                      const GValue           *args,
                                                      gsize                   n_args,
                                                      const char * const     *names,
                                                      const GValue           *values,
                                                      gsize                   n_values) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabMessage           *asab_message_new_with         (const char             *message_type,
                                                      GType                   first_type,
                                                      ...) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabMessage           *asab_message_ref              (AsabMessage            *self);
ASAB_AVAILABLE_IN_ALL
void                   asab_message_unref            (AsabMessage            *self);

ASAB_AVAILABLE_IN_ALL
const char            *asab_message_get_message_type (AsabMessage            *self);
ASAB_AVAILABLE_IN_ALL
guint                  asab_message_get_n_args       (AsabMessage            *self);
ASAB_AVAILABLE_IN_ALL
const GValue          *asab_message_get_arg          (AsabMessage            *self,
                                                      guint                   index);
ASAB_AVAILABLE_IN_ALL
const char * const    *asab_message_get_names        (AsabMessage            *self);
ASAB_AVAILABLE_IN_ALL
const GValue          *asab_message_get_named        (AsabMessage            *self,
                                                      const char             *name);

ASAB_AVAILABLE_IN_ALL
gboolean               asab_message_get_boolean      (AsabMessage            *self,
                                                      guint                   index);
ASAB_AVAILABLE_IN_ALL
gint64                 asab_message_get_int64        (AsabMessage            *self,
                                                      guint                   index);
ASAB_AVAILABLE_IN_ALL
double                 asab_message_get_double       (AsabMessage            *self,
                                                      guint                   index);
ASAB_AVAILABLE_IN_ALL
const char            *asab_message_get_string       (AsabMessage            *self,
                                                      guint                   index);
ASAB_AVAILABLE_IN_ALL
GObject               *asab_message_get_object       (AsabMessage            *self,
                                                      guint                   index);

ASAB_AVAILABLE_IN_ALL
const AsabMessageType *asab_message_type             (const char             *name);
ASAB_AVAILABLE_IN_ALL
const char            *asab_message_type_get_name    (const AsabMessageType  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsabMessage, asab_message_unref)

G_END_DECLS
