/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "web-fixture.h"

#include <string.h>

static GQueue accesses = G_QUEUE_INIT; /* (element-type GHashTable): the fields of each record of the access log */
static GQueue warnings = G_QUEUE_INIT; /* (element-type utf8): the messages of the library */

static char *
dup_field (const GLogField *field)
{
  return field->length < 0 ? g_strdup (field->value) : g_strndup (field->value, (gsize) field->length);
}

static GLogWriterOutput
capture_record (GLogLevelFlags   level,
                const GLogField *fields,
                gsize            n_fields,
                gpointer         user_data G_GNUC_UNUSED)
{
  g_autoptr(GHashTable) record = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  const char *domain;

  for (gsize i = 0; i < n_fields; i++)
    if (fields[i].length != 0)
      g_hash_table_insert (record, g_strdup (fields[i].key), dup_field (&fields[i]));

  domain = g_hash_table_lookup (record, "GLIB_DOMAIN");
  if (g_strcmp0 (domain, "asab.web.al") == 0)
    g_queue_push_tail (&accesses, g_steal_pointer (&record));
  else if (g_strcmp0 (domain, "asab.web") == 0 && level == G_LOG_LEVEL_WARNING)
    g_queue_push_tail (&warnings, g_strdup (g_hash_table_lookup (record, "MESSAGE")));
  else if (level != G_LOG_LEVEL_DEBUG)
    return g_log_writer_default (level, fields, n_fields, user_data);

  return G_LOG_WRITER_HANDLED;
}

void
web_fixture_init (int    *argc,
                  char ***argv)
{
  g_test_init (argc, argv, NULL);
  g_log_set_writer_func (capture_record, NULL, NULL);
}

/* The oldest record of the access log that was not looked at. */
GHashTable *
web_fixture_steal_access (void)
{
  web_wait_for (accesses.length > 0);

  return g_queue_pop_head (&accesses);
}

char *
web_fixture_steal_warning (void)
{
  g_assert_cmpuint (warnings.length, >, 0);

  return g_queue_pop_head (&warnings);
}

void
web_assert_status (const char *answer,
                   const char *status)
{
  g_autofree char *line = g_strdup_printf ("HTTP/1.1 %s ", status);

  if (!g_str_has_prefix (answer, line))
    g_error ("expected status %s, got: %s", status, answer);
}

void
web_assert_contains (const char *text,
                     const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("expected “%s” in: %s", part, text);
}

void
web_fixture_set_up (WebFixture    *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  fixture->container = asab_web_container_new ();
  fixture->router = asab_web_container_get_router (fixture->container);
  g_object_set (fixture->container, "listen", "127.0.0.1 0", NULL);
}

void
web_fixture_start (WebFixture *fixture)
{
  g_autoptr(AsabFuture) future = asab_web_container_start (fixture->container);
  g_auto(GStrv) addresses = asab_web_container_dup_addresses (fixture->container);
  g_autoptr(GError) error = NULL;

  asab_future_get_value (future, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (addresses), ==, 1);
  fixture->port = (guint16) g_ascii_strtoull (strrchr (addresses[0], ':') + 1, NULL, 10);
}

void
web_fixture_tear_down (WebFixture    *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  asab_future_unref (asab_web_container_stop (fixture->container));
  web_wait_for (!asab_web_container_is_running (fixture->container));
  g_assert_finalize_object (fixture->container);

  g_queue_clear_full (&accesses, (GDestroyNotify) g_hash_table_unref);
  g_assert_cmpstr (g_queue_peek_head (&warnings), ==, NULL);
}

static gboolean
receive_cb (GSocket      *socket,
            GIOCondition  condition G_GNUC_UNUSED,
            gpointer      user_data)
{
  WebClient *self = user_data;
  char buffer[4096];
  gssize size = g_socket_receive (socket, buffer, sizeof buffer, NULL, NULL);

  if (size > 0)
    {
      g_string_append_len (self->received, buffer, size);
      return G_SOURCE_CONTINUE;
    }

  self->is_closed = TRUE;

  return G_SOURCE_REMOVE;
}

WebClient *
web_client_new (WebFixture *fixture)
{
  WebClient *self = g_new0 (WebClient, 1);
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", fixture->port);
  g_autoptr(GError) error = NULL;

  self->socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, &error);
  g_assert_no_error (error);
  g_socket_connect (self->socket, address, NULL, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (self->socket, FALSE);

  self->received = g_string_new (NULL);
  self->source = g_socket_create_source (self->socket, G_IO_IN | G_IO_HUP, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (receive_cb), self, NULL);
  g_source_attach (self->source, NULL);

  return self;
}

void
web_client_free (WebClient *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_string_free (self->received, TRUE);
  g_object_unref (self->socket);
  g_free (self);
}

/* Sends all of @data, while the server reads; what a server that hung up does not take is dropped. */
void
web_client_send (WebClient  *self,
                 const char *data,
                 gssize      size)
{
  gsize left = size < 0 ? strlen (data) : (gsize) size;

  while (left > 0 && !self->is_closed)
    {
      g_autoptr(GError) error = NULL;
      gssize sent = g_socket_send (self->socket, data, left, NULL, &error);

      if (sent > 0)
        {
          data += sent;
          left -= (gsize) sent;
        }
      else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return;
      g_main_context_iteration (NULL, FALSE);
    }
}

static gboolean
has_answer (WebClient *self,
            gsize     *size)
{
  const char *body = strstr (self->received->str, "\r\n\r\n");
  const char *length = body != NULL ? strstr (self->received->str, "Content-Length: ") : NULL;

  if (length == NULL || length > body)
    return FALSE;

  *size = (gsize) (body + 4 - self->received->str) + g_ascii_strtoull (length + strlen ("Content-Length: "), NULL, 10);

  return self->received->len >= *size;
}

/* Waits for one answer of known length. */
char *
web_client_read_answer (WebClient *self)
{
  gsize size = 0;
  char *answer;

  web_wait_for (self->is_closed || has_answer (self, &size));
  g_assert_true (has_answer (self, &size));
  answer = g_strndup (self->received->str, size);
  g_string_erase (self->received, 0, (gssize) size);

  return answer;
}

/* Waits until the server closes the connection. */
const char *
web_client_read_all (WebClient *self)
{
  web_wait_for (self->is_closed);

  return self->received->str;
}

/* Sends a request on a connection of its own and gives all that comes back until the server closes it. */
char *
web_fixture_exchange (WebFixture *fixture,
                      const char *request)
{
  g_autoptr(WebClient) client = web_client_new (fixture);

  web_client_send (client, request, -1);

  return g_strdup (web_client_read_all (client));
}

char *
web_fixture_get (WebFixture *fixture,
                 const char *path)
{
  g_autofree char *request = g_strdup_printf ("GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);

  return web_fixture_exchange (fixture, request);
}
