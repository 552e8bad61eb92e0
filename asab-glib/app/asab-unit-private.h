/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/app/asab-component.h>
#include <asab-glib/async/asab-promise.h>

G_BEGIN_DECLS

typedef enum
{
  ASAB_UNIT_REGISTERED,
  ASAB_UNIT_INITIALIZING,
  ASAB_UNIT_READY,
  ASAB_UNIT_FAILED,
} AsabUnitState;

typedef struct _AsabUnit AsabUnit;

/* Called on the main stack, with the reason if the unit failed. */
typedef void (*AsabUnitFunc) (AsabUnit     *unit,
                              const GError *error,
                              gpointer      user_data);

/* A component and how far it has come. */
struct _AsabUnit
{
  AsabComponent *component; /* (owned) */
  AsabUnitState state;
  AsabPromise *ready;   /* (owned): of the component */
  AsabFuture *work;     /* (owned) (nullable): what initialize() returned, while it lasts */
  guint work_id;        /* our callback on work */
  GPtrArray *required;  /* (element-type AsabUnit): whom it waits for, borrowed */
  AsabUnitFunc done;    /* called when the unit is ready or has failed by itself */
  gpointer user_data;
};

AsabUnit   *asab_unit_new              (AsabComponent *component,
                                        AsabUnitFunc   done,
                                        gpointer       user_data);
void        asab_unit_free             (AsabUnit      *self);
AsabFuture *asab_unit_get_ready_future (AsabUnit      *self);
void        asab_unit_start            (AsabUnit      *self);
void        asab_unit_abandon          (AsabUnit      *self);
gboolean    asab_unit_is_waiting       (AsabUnit      *self);
gboolean    asab_unit_find_way         (AsabUnit      *self,
                                        AsabUnit      *target,
                                        GPtrArray     *way);

G_END_DECLS
