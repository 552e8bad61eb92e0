/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>

G_BEGIN_DECLS

typedef struct _AsabApplication AsabApplication;

#define ASAB_TYPE_COMPONENT (asab_component_get_type ())
ASAB_AVAILABLE_IN_ALL
G_DECLARE_DERIVABLE_TYPE (AsabComponent, asab_component, ASAB, COMPONENT, GObject)

struct _AsabComponentClass
{
  GObjectClass parent_class;

  /**
   * AsabComponentClass::initialize:
   * @self: a component
   * @application: its application
   *
   * Makes the component ready, at init-time.
   *
   * Its properties have been set from its section of the configuration. What was registered before it is ready.
   *
   * Returns: (transfer full) (nullable): a future that is completed when the component is ready, or %NULL if it is
   *   ready at once
   */
  AsabFuture *(*initialize) (AsabComponent   *self,
                             AsabApplication *application);

  /**
   * AsabComponentClass::terminate:
   * @self: a component
   * @application: its application
   *
   * Ends the work of the component, at exit-time.
   *
   * Called for components whose initialization succeeded, and for those only, in the opposite order.
   *
   * Returns: (transfer full) (nullable): a future that is completed when the component has ended, or %NULL if it has
   *   ended at once
   */
  AsabFuture *(*terminate) (AsabComponent   *self,
                            AsabApplication *application);

  /*< private >*/
  gpointer padding[8];
};

ASAB_AVAILABLE_IN_ALL
AsabApplication *asab_component_get_application (AsabComponent *self);
ASAB_AVAILABLE_IN_ALL
const char      *asab_component_get_name        (AsabComponent *self);
ASAB_AVAILABLE_IN_ALL
AsabFuture      *asab_component_require_service (AsabComponent *self,
                                                 const char    *name) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
