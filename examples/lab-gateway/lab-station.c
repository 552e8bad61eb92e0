/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab-station.h"

#include "astm-message.h"
#include "astm-view.h"

#define OWN_NAME "lab-gateway"

/**
 * LabStation:
 *
 * The gateway's end of the link to an analyser.
 *
 * What the analyser sends is kept before the analyser is told that it has arrived. What it asks is answered when it has
 * ended its turn.
 */
struct _LabStation
{
  AstmLink parent_instance;

  LabResultService *results; /* (owned) */
  LabOrderService *orders;   /* (owned) */
  char *address;             /* (owned) (nullable): once it is connected */
  char *name;                /* (owned) (nullable): once the analyser has told it */
  AsabPromise *finished;     /* (owned) (nullable): while somebody waits for the end of what is under way */
  guint64 n_queries;
};

G_DEFINE_FINAL_TYPE (LabStation, lab_station, ASTM_TYPE_LINK)

static const char *
get_address (LabStation *self)
{
  return self->address != NULL ? self->address : "";
}

static gboolean
lab_station_handle_connect (AsabDispatcher  *dispatcher,
                            GError         **error)
{
  LabStation *self = LAB_STATION (dispatcher);
  GSocketAddress *address = asab_dispatcher_get_address (dispatcher);

  self->address = address != NULL ? g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address)) : NULL;
  asab_log_info_with (ASAB_LOG_DATA (asab_log_text ("address", get_address (self))), "An analyser has connected");

  return ASAB_DISPATCHER_CLASS (lab_station_parent_class)->handle_connect (dispatcher, error);
}

/* The text as UTF-8; old analysers send ISO 8859-1. */
static char *
dup_text (GBytes *message)
{
  gsize size;
  const char *bytes = g_bytes_get_data (message, &size);

  return g_utf8_validate (bytes, (gssize) size, NULL)
           ? g_strndup (bytes, size)
           : g_convert (bytes, (gssize) size, "UTF-8", "ISO-8859-1", NULL, NULL, NULL);
}

static void
take_name (LabStation        *self,
           const AstmMessage *message)
{
  const char *name = astm_record_get (astm_message_get_record (message, 0), ASTM_HEADER_SENDER);

  if (*name != '\0' && g_strcmp0 (name, self->name) != 0)
    {
      g_free (self->name);
      self->name = g_strdup (name);
    }
}

/* Host queries */

/* An order without a patient needs a patient record too, or else it would be for the patient before. */
static guint
add_order (AstmMessage *answer,
           LabOrder    *order)
{
  astm_answer_add_patient (answer, order->patient, "", "");
  astm_answer_add_order (answer, order->specimen, (const char *const *) order->tests);

  return 1;
}

/* Adds what a query asks for: the order of a specimen, or all of them. Returns: how many there are */
static guint
add_orders (LabStation       *self,
            AstmMessage      *answer,
            const AstmRecord *query)
{
  const char *specimen = astm_query_get_specimen_id (query);
  LabOrder *order = lab_order_service_find (self->orders, specimen);
  guint n_orders = 0;

  if (order != NULL)
    return add_order (answer, order);

  if (g_str_equal (specimen, "ALL"))
    {
      GPtrArray *orders = lab_order_service_list (self->orders);

      for (guint i = 0; i < orders->len; i++)
        n_orders += add_order (answer, g_ptr_array_index (orders, i));
    }

  return n_orders;
}

static void
answer_sent_cb (AsabFuture *future,
                gpointer    user_data)
{
  LabStation *self = LAB_STATION (user_data);
  g_autoptr(GError) error = asab_future_dup_error (future);

  if (error != NULL)
    asab_log_warning_with (ASAB_LOG_DATA (asab_log_text ("analyser", lab_station_get_name (self))),
                           "The answer to a query was not taken: %s", error->message);
}

static void
send_answer (LabStation  *self,
             AstmMessage *answer)
{
  g_autoptr(GBytes) bytes = astm_message_encode (answer, ASTM_CHARSET_UTF8);
  g_autoptr(AsabFuture) sent = astm_link_send (ASTM_LINK (self), bytes);

  asab_future_when_done (sent, answer_sent_cb, g_object_ref (self), g_object_unref);
}

/* The link sends the answer when the analyser has ended its turn. */
static void
answer_queries (LabStation        *self,
                const AstmMessage *message)
{
  g_autoptr(AstmMessage) answer = astm_answer_new (OWN_NAME, lab_station_get_name (self));
  guint n_queries = 0, n_orders = 0;

  for (guint i = 0; i < astm_message_get_n_records (message); i++)
    {
      const AstmRecord *record = astm_message_get_record (message, i);

      if (astm_record_get_type_letter (record) != 'Q')
        continue;
      n_queries++;
      n_orders += add_orders (self, answer, record);
    }

  if (n_queries == 0)
    return;

  asab_log_info_with (ASAB_LOG_DATA (asab_log_text ("analyser", lab_station_get_name (self)),
                                     asab_log_number ("orders", n_orders)),
                      "An analyser asks what to do");
  self->n_queries += n_queries;
  astm_answer_end (answer, n_orders > 0 ? 'F' : 'I');
  send_answer (self, answer);
}

/* Messages */

/* Whether a message says more than that somebody has a query. */
static gboolean
is_to_be_kept (const AstmMessage *message)
{
  for (guint i = 0; i < astm_message_get_n_records (message); i++)
    {
      if (strchr ("HQL", astm_record_get_type_letter (astm_message_get_record (message, i))) == NULL)
        return TRUE;
    }

  return FALSE;
}

/* A message that nobody understands is kept too: that it is sent once more would not make it any better, but somebody
 * who looks at it may find out what it says. */
static AsabFuture *
keep_unreadable (LabStation   *self,
                 const char   *text,
                 const GError *error)
{
  asab_log_warning_with (ASAB_LOG_DATA (asab_log_text ("address", get_address (self)),
                                        asab_log_text ("analyser", lab_station_get_name (self))),
                         "A message cannot be read, and is kept as it is: %s", error->message);

  return lab_result_service_keep (self->results, get_address (self), text, NULL);
}

/* The analyser gets its reply when the future is completed. */
static AsabFuture *
lab_station_accept_message (AstmLink  *link,
                            GBytes    *bytes,
                            GError   **error)
{
  LabStation *self = LAB_STATION (link);
  g_autofree char *text = dup_text (bytes);
  g_autoptr(GError) parse_error = NULL;
  g_autoptr(AstmMessage) message = astm_message_parse (text, strlen (text), &parse_error);

  if (message == NULL)
    return keep_unreadable (self, text, parse_error);

  take_name (self, message);
  answer_queries (self, message);
  if (!is_to_be_kept (message))
    return NULL;

  return lab_result_service_keep (self->results, get_address (self), text, message);
}

static gboolean
is_busy (LabStation *self)
{
  AstmLinkState state = astm_link_get_state (ASTM_LINK (self));

  return state != ASTM_LINK_NEUTRAL && state != ASTM_LINK_CLOSED && !asab_dispatcher_is_closed (ASAB_DISPATCHER (self));
}

static void
notify_state_cb (LabStation *self)
{
  if (self->finished == NULL || is_busy (self))
    return;

  asab_promise_resolve (self->finished, NULL);
  g_clear_pointer (&self->finished, asab_promise_unref);
}

static void
lab_station_finalize (GObject *object)
{
  LabStation *self = LAB_STATION (object);

  g_object_unref (self->results);
  g_object_unref (self->orders);
  g_clear_pointer (&self->finished, asab_promise_unref);
  g_free (self->address);
  g_free (self->name);

  G_OBJECT_CLASS (lab_station_parent_class)->finalize (object);
}

static void
lab_station_class_init (LabStationClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lab_station_finalize;
  ASAB_DISPATCHER_CLASS (klass)->handle_connect = lab_station_handle_connect;
  ASTM_LINK_CLASS (klass)->accept_message = lab_station_accept_message;
}

static void
lab_station_init (LabStation *self)
{
  g_signal_connect (self, "notify::state", G_CALLBACK (notify_state_cb), NULL);
}

LabStation *
lab_station_new (LabResultService *results,
                 LabOrderService  *orders)
{
  LabStation *self = g_object_new (LAB_TYPE_STATION, "role", ASTM_ROLE_HOST, NULL);

  self->results = g_object_ref (results);
  self->orders = g_object_ref (orders);

  return self;
}

/* The future is resolved when no message is under way. */
AsabFuture *
lab_station_finish (LabStation *self)
{
  if (!is_busy (self))
    return asab_future_new_resolved (NULL);

  if (self->finished == NULL)
    self->finished = asab_promise_new ();

  return asab_future_ref (asab_promise_get_future (self->finished));
}

/* The name of the analyser, or where it is. */
const char *
lab_station_get_name (LabStation *self)
{
  return self->name != NULL ? self->name : get_address (self);
}

guint64
lab_station_get_n_queries (LabStation *self)
{
  return self->n_queries;
}

static const char *
describe_state (AstmLinkState state)
{
  static const char *const descriptions[] = {
    [ASTM_LINK_NEUTRAL] = "idle",       [ASTM_LINK_ENQUIRING] = "called",      [ASTM_LINK_SENDING] = "receiving",
    [ASTM_LINK_RECEIVING] = "sending",  [ASTM_LINK_ACCEPTING] = "waiting",     [ASTM_LINK_CLOSED] = "gone",
  };

  return descriptions[state];
}

/* Returns: (transfer floating): what browsers are told of the analyser; its state is told from its side */
GVariant *
lab_station_to_variant (LabStation *self)
{
  const AstmLinkCounters *counters = astm_link_get_counters (ASTM_LINK (self));

  return g_variant_new_parsed ("{'name': <%s>, 'address': <%s>, 'connected': <%b>, 'state': <%s>, 'messages': <%t>,"
                               " 'queries': <%t>, 'naks': <%t>}",
                               lab_station_get_name (self), get_address (self),
                               !asab_dispatcher_is_closed (ASAB_DISPATCHER (self)),
                               describe_state (astm_link_get_state (ASTM_LINK (self))), counters->n_messages_received,
                               self->n_queries, counters->n_naks_sent);
}
