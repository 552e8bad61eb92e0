/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/app/asab-service.h>

/**
 * AsabService:
 *
 * Something that other parts of an application look up by its name and use.
 *
 * A subclass overrides [vfunc@Component.initialize] and [vfunc@Component.terminate]. Constructed with an application, a
 * service is registered with it, see [method@Application.get_service].
 */
G_DEFINE_TYPE (AsabService, asab_service, ASAB_TYPE_COMPONENT)

static void
asab_service_class_init (AsabServiceClass *klass G_GNUC_UNUSED)
{
}

static void
asab_service_init (AsabService *self G_GNUC_UNUSED)
{
}
