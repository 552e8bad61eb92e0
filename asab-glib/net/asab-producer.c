/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-producer.h"

/**
 * AsabProducer:
 *
 * Output that is made while it is sent, see [method@AsyncChat.push_with_producer]. It is asked for more only when all
 * that it gave before has been sent.
 */
G_DEFINE_INTERFACE (AsabProducer, asab_producer, G_TYPE_OBJECT)

static void
asab_producer_default_init (AsabProducerInterface *iface G_GNUC_UNUSED)
{
}

/**
 * asab_producer_more: (virtual more)
 * @self: a producer
 * @error: return location for an error
 *
 * Gets what is to be sent next.
 *
 * Returns: (transfer full) (nullable): some bytes; none or %NULL at the end, %NULL with @error set on failure
 */
GBytes *
asab_producer_more (AsabProducer  *self,
                    GError       **error)
{
  g_return_val_if_fail (ASAB_IS_PRODUCER (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return ASAB_PRODUCER_GET_IFACE (self)->more (self, error);
}
