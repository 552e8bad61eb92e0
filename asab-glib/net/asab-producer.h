/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-version-macros.h>
#include <gio/gio.h>

G_BEGIN_DECLS

#define ASAB_TYPE_PRODUCER (asab_producer_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_INTERFACE (AsabProducer, asab_producer, ASAB, PRODUCER, GObject)

/**
 * AsabProducerInterface:
 * @more: gives what is to be sent next; %NULL or no bytes at its end, %NULL with @error set on failure
 *
 * What makes output while it is sent.
 */
struct _AsabProducerInterface
{
  GTypeInterface parent_interface;

  GBytes *(*more) (AsabProducer  *self,
                   GError       **error);
};

ASAB_AVAILABLE_IN_ALL
GBytes *asab_producer_more (AsabProducer  *self,
                            GError       **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
