/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab-result-service.h"

#include "lab-journal.h"

#include "astm-view.h"

/**
 * LabResultService:
 *
 * Keeps what analysers send.
 *
 * The section `results` of the configuration sets its properties. Messages are kept as they came, in a journal; the
 * last results of them are in memory too. `Result.received!` is published with each result that is on the disk.
 *
 * An analyser that got no reply sends its message again, so a message may come twice. It is known by its text if it
 * tells a time, of its own or of a measurement; without one it is taken for a new measurement with the same outcome,
 * since a result that is there twice does less harm than one that is missing.
 */
struct _LabResultService
{
  AsabService parent_instance;

  LabJournal *journal;  /* (owned) (nullable) */
  GQueue results;       /* (element-type LabResult): the oldest one first */
  GHashTable *known;    /* (owned) (element-type utf8 AsabFuture): digests of messages, and of their being kept */
  GQueue known_digests; /* (element-type utf8): the keys, the oldest one first */
  guint64 last_id;
  LabResultCounters counters;
  gboolean is_failing;
  guint max_results;
};

G_DEFINE_FINAL_TYPE (LabResultService, lab_result_service, ASAB_TYPE_SERVICE)

typedef enum
{
  PROP_MAX_RESULTS = 1,
} LabResultServiceProperty;

static GParamSpec *props[PROP_MAX_RESULTS + 1];

/* A message on its way to the disk. */
typedef struct
{
  LabResultService *service; /* (owned) */
  char *digest;              /* (owned) (nullable) */
  GPtrArray *results;        /* (owned) (element-type LabResult) */
} Arrival;

static void
arrival_free (gpointer data)
{
  Arrival *arrival = data;

  g_object_unref (arrival->service);
  g_free (arrival->digest);
  g_ptr_array_unref (arrival->results);
  g_free (arrival);
}

/* What is known of a message */

static gboolean
tells_time (const AstmMessage *message)
{
  AstmWalk walk = { message };

  while (astm_walk_next (&walk))
    {
      char type = astm_record_get_type_letter (walk.record);

      if ((type == 'H' && *astm_record_get (walk.record, ASTM_HEADER_TIME) != '\0') ||
          (type == 'R' && *astm_record_get (walk.record, ASTM_RESULT_TIME) != '\0'))
        return TRUE;
    }

  return FALSE;
}

/* Returns: (nullable): what the message can be known by */
static char *
compute_digest (const char        *text,
                const AstmMessage *message)
{
  if (message == NULL || !tells_time (message))
    return NULL;

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

static void
remember (LabResultService *self,
          const char       *digest,
          AsabFuture       *kept)
{
  char *key = g_strdup (digest);

  if (!g_hash_table_insert (self->known, key, asab_future_ref (kept)))
    return; /* the journal may have a message twice: written, but not acknowledged before a crash */

  g_queue_push_tail (&self->known_digests, key);
  while (self->known_digests.length > self->max_results)
    g_hash_table_remove (self->known, g_queue_pop_head (&self->known_digests));
}

static void
forget (LabResultService *self,
        const char       *digest)
{
  gpointer key;

  if (!g_hash_table_lookup_extended (self->known, digest, &key, NULL))
    return;

  g_queue_remove (&self->known_digests, key);
  g_hash_table_remove (self->known, digest);
}

static GPtrArray *
list_results (const AstmMessage *message,
              guint64            first_id,
              const char        *received)
{
  return message != NULL ? lab_result_list_of_message (message, first_id, received)
                         : g_ptr_array_new_with_free_func ((GDestroyNotify) lab_result_unref);
}

static void
put_results (LabResultService *self,
             GPtrArray        *results)
{
  for (guint i = 0; i < results->len; i++)
    g_queue_push_tail (&self->results, lab_result_ref (g_ptr_array_index (results, i)));

  while (self->results.length > self->max_results)
    lab_result_unref (g_queue_pop_head (&self->results));
}

/* The journal */

static void
replay_cb (GVariant *entry,
           gpointer  user_data)
{
  LabResultService *self = LAB_RESULT_SERVICE (user_data);
  const char *received, *text;
  gint64 first_id;
  g_autoptr(AstmMessage) message = NULL;
  g_autoptr(GPtrArray) results = NULL;
  g_autofree char *digest = NULL;

  if (!g_variant_lookup (entry, "id", "x", &first_id) || !g_variant_lookup (entry, "received", "&s", &received) ||
      !g_variant_lookup (entry, "message", "&s", &text))
    return;

  message = astm_message_parse (text, strlen (text), NULL);
  results = list_results (message, (guint64) first_id, received);
  put_results (self, results);
  self->last_id = (guint64) first_id + results->len - 1;

  digest = compute_digest (text, message);
  if (digest != NULL)
    {
      g_autoptr(AsabFuture) kept = asab_future_new_resolved (NULL);

      remember (self, digest, kept);
    }
}

static gboolean
open_journal (LabResultService  *self,
              AsabApplication   *application,
              GError           **error)
{
  g_autofree char *folder = asab_application_ensure_directory (application, ASAB_DIRECTORY_STATE, error);
  g_autofree char *path = NULL;

  if (folder == NULL)
    return FALSE;

  path = g_build_filename (folder, "results.journal", NULL);
  self->journal = lab_journal_open (path, error);
  if (self->journal == NULL || !lab_journal_foreach (self->journal, self->max_results, replay_cb, self, error))
    return FALSE;

  asab_log_notice_with (ASAB_LOG_DATA (asab_log_text ("file", path),
                                       asab_log_number ("last", (gint64) self->last_id)),
                        "Results are kept in a journal");

  return TRUE;
}

static void
set_failing (LabResultService *self,
             const GError     *error)
{
  if (error != NULL && !self->is_failing)
    asab_log_error ("Results cannot be kept, analysers have to hold them back: %s", error->message);
  else if (error == NULL && self->is_failing)
    asab_log_notice ("Results can be kept again");

  self->is_failing = error != NULL;
}

static void
kept_cb (AsabFuture *future,
         gpointer    user_data)
{
  const Arrival *arrival = user_data;
  LabResultService *self = arrival->service;
  AsabPubSub *bus = asab_application_get_pubsub (asab_component_get_application (ASAB_COMPONENT (self)));
  g_autoptr(GError) error = asab_future_dup_error (future);

  set_failing (self, error);
  if (error != NULL)
    {
      self->counters.n_refused++;
      if (arrival->digest != NULL)
        forget (self, arrival->digest);
      return;
    }

  self->counters.n_messages++;
  put_results (self, arrival->results);
  for (guint i = 0; i < arrival->results->len; i++)
    asab_pubsub_publish_with (bus, "Result.received!", LAB_TYPE_RESULT, g_ptr_array_index (arrival->results, i),
                              G_TYPE_INVALID);
}

static AsabFuture *
lab_result_service_initialize (AsabComponent   *component,
                               AsabApplication *application)
{
  g_autoptr(GError) error = NULL;

  if (!open_journal (LAB_RESULT_SERVICE (component), application, &error))
    return asab_future_new_rejected (error);

  return NULL;
}

/* Life */

static void
lab_result_service_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  LabResultService *self = LAB_RESULT_SERVICE (object);

  switch ((LabResultServiceProperty) prop_id)
    {
    case PROP_MAX_RESULTS:
      g_value_set_uint (value, self->max_results);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
lab_result_service_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  LabResultService *self = LAB_RESULT_SERVICE (object);

  switch ((LabResultServiceProperty) prop_id)
    {
    case PROP_MAX_RESULTS:
      self->max_results = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
lab_result_service_finalize (GObject *object)
{
  LabResultService *self = LAB_RESULT_SERVICE (object);

  g_clear_object (&self->journal);
  g_queue_clear_full (&self->results, (GDestroyNotify) lab_result_unref);
  g_queue_clear (&self->known_digests);
  g_hash_table_unref (self->known);

  G_OBJECT_CLASS (lab_result_service_parent_class)->finalize (object);
}

static void
lab_result_service_class_init (LabResultServiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = lab_result_service_get_property;
  object_class->set_property = lab_result_service_set_property;
  object_class->finalize = lab_result_service_finalize;

  ASAB_COMPONENT_CLASS (klass)->initialize = lab_result_service_initialize;

  /**
   * LabResultService:max-results:
   *
   * How many results, and how many messages to be recognized, are in memory.
   */
  props[PROP_MAX_RESULTS] = g_param_spec_uint ("max-results", NULL, NULL, 1, G_MAXINT, 1000,
                                               G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
lab_result_service_init (LabResultService *self)
{
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) asab_future_unref);
}

LabResultService *
lab_result_service_new (AsabApplication *application)
{
  return g_object_new (LAB_TYPE_RESULT_SERVICE, "application", application, "name", "results", NULL);
}

/* Keeps a message, whose text is UTF-8, and which is %NULL if nobody knows what it says. The future is resolved when it
 * is on the disk. */
AsabFuture *
lab_result_service_keep (LabResultService  *self,
                         const char        *address,
                         const char        *text,
                         const AstmMessage *message)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *received = g_date_time_format_iso8601 (now);
  g_autofree char *digest = compute_digest (text, message);
  AsabFuture *known = digest != NULL ? g_hash_table_lookup (self->known, digest) : NULL;
  g_autoptr(AsabFuture) kept = NULL;
  Arrival *arrival;

  if (known != NULL)
    {
      self->counters.n_duplicates++;
      return asab_future_shield (known);
    }

  kept = lab_journal_append (self->journal,
                             g_variant_new_parsed ("{'id': <%x>, 'received': <%s>, 'address': <%s>, 'message': <%s>}",
                                                   (gint64) self->last_id + 1, received, address, text));
  if (digest != NULL)
    remember (self, digest, kept);
  if (message == NULL)
    self->counters.n_unreadable++;

  arrival = g_new0 (Arrival, 1);
  arrival->service = g_object_ref (self);
  arrival->results = list_results (message, self->last_id + 1, received);
  arrival->digest = g_steal_pointer (&digest);
  self->last_id += arrival->results->len;
  asab_future_when_done (kept, kept_cb, arrival, arrival_free);

  return asab_future_shield (kept);
}

/* The number of the last result that is kept, or 0. */
guint64
lab_result_service_get_last_id (LabResultService *self)
{
  const LabResult *last = g_queue_peek_tail (&self->results);

  return last != NULL ? last->id : 0;
}

/* Returns: (transfer full) (element-type LabResult): the last results after number @after, the oldest one first */
GPtrArray *
lab_result_service_list (LabResultService *self,
                         guint64           after,
                         guint             limit)
{
  GPtrArray *results = g_ptr_array_new_with_free_func ((GDestroyNotify) lab_result_unref);
  GList *first = NULL;

  for (GList *link = self->results.tail; link != NULL && limit > 0; link = link->prev, limit--)
    {
      if (((const LabResult *) link->data)->id <= after)
        break;
      first = link;
    }
  for (GList *link = first; link != NULL; link = link->next)
    g_ptr_array_add (results, lab_result_ref (link->data));

  return results;
}

const LabResultCounters *
lab_result_service_get_counters (LabResultService *self)
{
  return &self->counters;
}

/* Whether the last message could be kept. */
gboolean
lab_result_service_is_healthy (LabResultService *self)
{
  return !self->is_failing;
}
