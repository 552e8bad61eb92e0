/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab-analyser.h"

#include "lab-sample.h"

#include "astm-message.h"
#include "astm-view.h"

/**
 * LabAnalyser:
 *
 * Plays an analyser, for demonstrations and tests: it makes results up, and asks what to do.
 */
struct _LabAnalyser
{
  AstmLink parent_instance;

  char *name;           /* (owned) */
  AsabPromise *answer;  /* (owned) (nullable): while it waits for the answer to a query */
  GHashTable *measured; /* (owned) (element-type utf8): specimens that were ordered */
  guint n_measured;     /* others */
};

G_DEFINE_FINAL_TYPE (LabAnalyser, lab_analyser, ASTM_TYPE_LINK)

/* A link that is closed gets no answer any more. */
static void
notify_state_cb (LabAnalyser *self)
{
  if (self->answer == NULL || astm_link_get_state (ASTM_LINK (self)) != ASTM_LINK_CLOSED)
    return;

  asab_promise_reject_literal (self->answer, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, "The gateway is gone");
  g_clear_pointer (&self->answer, asab_promise_unref);
}

/* The gateway sends nothing but answers. */
static AsabFuture *
lab_analyser_accept_message (AstmLink  *link,
                             GBytes    *message,
                             GError   **error)
{
  LabAnalyser *self = LAB_ANALYSER (link);

  if (self->answer != NULL)
    {
      asab_promise_take_boxed (self->answer, G_TYPE_BYTES, g_bytes_ref (message));
      g_clear_pointer (&self->answer, asab_promise_unref);
    }

  return NULL;
}

static void
lab_analyser_finalize (GObject *object)
{
  LabAnalyser *self = LAB_ANALYSER (object);

  g_free (self->name);
  g_hash_table_unref (self->measured);
  g_clear_pointer (&self->answer, asab_promise_unref);

  G_OBJECT_CLASS (lab_analyser_parent_class)->finalize (object);
}

static void
lab_analyser_class_init (LabAnalyserClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lab_analyser_finalize;
  ASTM_LINK_CLASS (klass)->accept_message = lab_analyser_accept_message;
}

static void
lab_analyser_init (LabAnalyser *self)
{
  self->measured = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_signal_connect (self, "notify::state", G_CALLBACK (notify_state_cb), NULL);
}

LabAnalyser *
lab_analyser_new (const char *name)
{
  LabAnalyser *self = g_object_new (LAB_TYPE_ANALYSER, "role", ASTM_ROLE_INSTRUMENT, NULL);

  self->name = g_strdup (name);

  return self;
}

/* Makes results of a specimen up, and sends them. */
AsabFuture *
lab_analyser_measure (LabAnalyser *self)
{
  g_autoptr(GBytes) message = lab_sample_new (self->name, ++self->n_measured);

  return astm_link_send (ASTM_LINK (self), message);
}

static AsabFuture *
query_sent_cb (AsabFuture  *future,
               gpointer     user_data,
               GError     **error)
{
  return asab_future_ref (user_data);
}

/* Asks what is to be measured. The future is resolved with the message that answers. */
AsabFuture *
lab_analyser_query (LabAnalyser *self,
                    const char  *specimen)
{
  g_autoptr(AstmMessage) query = astm_answer_new (self->name, "");
  AstmRecord *record = astm_message_add_record (query, 'Q');
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(AsabFuture) sent = NULL;
  AsabFuture *answer;

  g_return_val_if_fail (self->answer == NULL, NULL);

  astm_record_set_part (record, ASTM_QUERY_FIRST_ID, 1, 2, specimen);
  astm_record_set (record, ASTM_QUERY_STATUS, "O");
  astm_answer_end (query, 'N');
  bytes = astm_message_encode (query, ASTM_CHARSET_UTF8);

  self->answer = asab_promise_new ();
  answer = asab_promise_get_future (self->answer);
  asab_future_ignore (answer); /* who asks learns from the other future if the query could not be sent */
  sent = astm_link_send (ASTM_LINK (self), bytes);

  return asab_future_then (sent, query_sent_cb, asab_future_ref (answer), (GDestroyNotify) asab_future_unref);
}

/* Runs in a fiber. */
static gboolean
measure_orders (gpointer   user_data,
                GValue    *result,
                GError   **error)
{
  LabAnalyser *self = LAB_ANALYSER (user_data);
  g_autoptr(GBytes) answer = asab_await_boxed (ASAB_TEMP (lab_analyser_query (self, "ALL")), G_TYPE_BYTES, error);
  g_autoptr(AstmMessage) message = NULL;
  AstmWalk walk = { 0 };

  if (answer != NULL)
    message = astm_message_parse (g_bytes_get_data (answer, NULL), g_bytes_get_size (answer), error);
  if (message == NULL)
    return FALSE;

  walk.message = message;
  while (astm_walk_next (&walk))
    {
      g_autoptr(GBytes) sample = NULL;

      if (astm_record_get_type_letter (walk.record) != 'O' ||
          !g_hash_table_add (self->measured, g_strdup (astm_record_get (walk.record, ASTM_ORDER_SPECIMEN_ID))))
        continue;

      sample = lab_sample_new_for_order (self->name, walk.patient, walk.record);
      if (!asab_await (ASAB_TEMP (astm_link_send (ASTM_LINK (self), sample)), error))
        return FALSE;
    }

  return TRUE;
}

/* Asks what is ordered, and measures what it has not yet measured. */
AsabFuture *
lab_analyser_measure_orders (LabAnalyser *self)
{
  return asab_spawn (measure_orders, g_object_ref (self), g_object_unref);
}
