/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-unit-private.h"

#include <asab-glib/app/asab-application.h>
#include <asab-glib/async/asab-fiber.h>

#include "asab-component-private.h"

#include <glib/gi18n-lib.h>

AsabUnit *
asab_unit_new (AsabComponent *component,
               AsabUnitFunc   done,
               gpointer       user_data)
{
  AsabUnit *self = g_new0 (AsabUnit, 1);

  self->component = g_object_ref (component);
  self->ready = asab_promise_new ();
  self->required = g_ptr_array_new ();
  self->done = done;
  self->user_data = user_data;

  /* A failure is reported by the application, whether or not somebody requires the component. */
  asab_future_ignore (asab_unit_get_ready_future (self));

  return self;
}

static void
drop_work (AsabUnit *self)
{
  if (self->work == NULL)
    return;

  asab_future_disconnect (self->work, self->work_id);
  g_clear_pointer (&self->work, asab_future_unref);
}

void
asab_unit_free (AsabUnit *self)
{
  drop_work (self);
  g_ptr_array_unref (self->required);
  asab_promise_unref (self->ready);
  g_object_unref (self->component);
  g_free (self);
}

/* Lends a future of the component. */
AsabFuture *
asab_unit_get_ready_future (AsabUnit *self)
{
  return asab_promise_get_future (self->ready);
}

static void
end_initialize (AsabUnit *self,
                GError   *error)
{
  g_autofree char *label = NULL;

  if (error == NULL)
    {
      self->state = ASAB_UNIT_READY;
      self->done (self, NULL, self->user_data);
      asab_promise_resolve_object (self->ready, G_OBJECT (self->component));
      return;
    }

  label = asab_component_dup_label (self->component);
  g_prefix_error (&error, _("%s failed to initialize: "), label);
  self->state = ASAB_UNIT_FAILED;
  self->done (self, error, self->user_data);
  asab_promise_take_error (self->ready, error);
}

static void
initialize_done_cb (AsabFuture *future,
                    gpointer    user_data)
{
  AsabUnit *self = user_data;
  GError *error = asab_future_dup_error (future);

  g_clear_pointer (&self->work, asab_future_unref);
  end_initialize (self, error);
}

/* Runs on the main stack: initialize() may be a function of an interpreter, and so may the setters of properties. */
static void
call_initialize (gpointer data)
{
  AsabUnit *self = data;
  AsabApplication *application = asab_component_get_application (self->component);
  AsabConfig *config = asab_application_get_config (application);
  GError *error = NULL;

  if (!asab_config_bind (config, asab_component_get_name (self->component), G_OBJECT (self->component), &error))
    {
      end_initialize (self, error);
      return;
    }

  self->work = ASAB_COMPONENT_GET_CLASS (self->component)->initialize (self->component, application);
  if (self->work == NULL)
    end_initialize (self, NULL);
  else
    self->work_id = asab_future_when_done (self->work, initialize_done_cb, self, NULL);
}

/* Starts the initialization, unless that was done before. */
void
asab_unit_start (AsabUnit *self)
{
  if (self->state != ASAB_UNIT_REGISTERED)
    return;

  self->state = ASAB_UNIT_INITIALIZING;
  asab_main_stack_call (call_initialize, self);
}

/* Cancels an initialization that goes on, and does not wait for it any longer; one that has not begun never will. */
void
asab_unit_abandon (AsabUnit *self)
{
  g_autoptr(AsabFuture) work = NULL;

  if (self->state > ASAB_UNIT_INITIALIZING)
    return;

  self->state = ASAB_UNIT_FAILED;
  asab_promise_reject_literal (self->ready, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The application is stopping"));

  if (self->work == NULL)
    return;

  work = asab_future_ref (self->work);
  drop_work (self);
  asab_future_ignore (work);
  asab_future_cancel (work);
}

/* Tells whether the unit waits for another one. */
gboolean
asab_unit_is_waiting (AsabUnit *self)
{
  for (guint i = 0; i < self->required->len; i++)
    {
      AsabUnit *required = g_ptr_array_index (self->required, i);

      if (required->state == ASAB_UNIT_INITIALIZING)
        return TRUE;
    }

  return FALSE;
}

/* Appends the way from the unit to @target along who waits for whom, if there is one. As no edge closes a circle, the
 * search ends. */
gboolean
asab_unit_find_way (AsabUnit  *self,
                    AsabUnit  *target,
                    GPtrArray *way)
{
  g_ptr_array_add (way, self);
  if (self == target)
    return TRUE;

  for (guint i = 0; i < self->required->len; i++)
    {
      AsabUnit *next = g_ptr_array_index (self->required, i);

      if (next->state == ASAB_UNIT_INITIALIZING && asab_unit_find_way (next, target, way))
        return TRUE;
    }

  g_ptr_array_set_size (way, (int) way->len - 1);

  return FALSE;
}
