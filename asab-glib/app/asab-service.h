/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/app/asab-component.h>

G_BEGIN_DECLS

#define ASAB_TYPE_SERVICE (asab_service_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_DERIVABLE_TYPE (AsabService, asab_service, ASAB, SERVICE, AsabComponent)

struct _AsabServiceClass
{
  AsabComponentClass parent_class;

  /*< private >*/
  gpointer padding[4];
};

G_END_DECLS
