/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-web-request-private.h"

#include "asab-web-json-private.h"
#include "asab-web-uri-private.h"

#include <asab-glib/web/asab-web-error.h>

#include <glib/gi18n-lib.h>
#include <microhttpd.h>
#include <string.h>

/**
 * AsabWebRequest:
 *
 * A request of an HTTP client, and the answer to it.
 *
 * A handler reads what the client sent and says what it gets. The last answer counts, and is sent when the handler is
 * done. A request may be kept beyond that; what is answered then is lost.
 *
 * Strings that a request lends live as long as it does. All of them are UTF-8.
 *
 * A request belongs to the thread of its container.
 */
G_DEFINE_BOXED_TYPE (AsabWebRequest, asab_web_request, asab_web_request_ref, asab_web_request_unref)

/* Starts a request from the target that its first line names; @connection lends the rest until it is detached. */
AsabWebRequest *
asab_web_request_new (const char            *target,
                      struct MHD_Connection *connection,
                      GRefString            *remote_address)
{
  gsize size = strlen (target) + 1;
  AsabWebRequest *self = g_malloc (sizeof (AsabWebRequest) + 2 * size);
  char *query;

  memset (self, 0, sizeof (AsabWebRequest));
  g_atomic_ref_count_init (&self->ref_count);
  self->connection = connection;
  self->remote_address = g_ref_string_acquire (remote_address);
  self->path = memcpy (self->target, target, size);
  self->segments = self->target + size;

  query = strchr (self->target, '?');
  if (query != NULL)
    {
      *query = '\0';
      self->query_string = query + 1;
    }

  return self;
}

/**
 * asab_web_request_ref:
 * @self: a request
 *
 * Adds a reference.
 *
 * Returns: (transfer full): @self
 */
AsabWebRequest *
asab_web_request_ref (AsabWebRequest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

/**
 * asab_web_request_unref:
 * @self: (transfer full): a request
 *
 * Drops a reference.
 */
void
asab_web_request_unref (AsabWebRequest *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  asab_web_request_clear_answer (self);
  g_clear_pointer (&self->answer_headers, g_array_unref);
  g_clear_pointer (&self->json, json_node_unref);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_clear_pointer (&self->upload, g_byte_array_unref);
  g_clear_pointer (&self->headers, g_array_unref);
  g_clear_pointer (&self->query, g_array_unref);
  g_clear_pointer (&self->remote_address, g_ref_string_release);
  g_clear_pointer (&self->strings, g_string_chunk_free);
  g_free (self);
}

/* Keeps a copy of @text as long as the request lives. */
const char *
asab_web_request_intern (AsabWebRequest *self,
                         const char     *text)
{
  if (self->strings == NULL)
    self->strings = g_string_chunk_new (512);

  return g_string_chunk_insert (self->strings, text);
}

static const char *
lookup_pair (GArray     *pairs,
             const char *name)
{
  for (guint i = 0; pairs != NULL && i < pairs->len; i++)
    {
      AsabWebPair *pair = &g_array_index (pairs, AsabWebPair, i);

      if (strcmp (pair->name, name) == 0)
        return pair->value;
    }

  return NULL;
}

/* Decodes a name or a value of the query. */
static const char *
decode_query_part (AsabWebRequest *self,
                   const char     *part,
                   gsize           length)
{
  g_autofree char *decoded = g_malloc (length + 1);

  if (asab_web_percent_decode (decoded, part, length, TRUE) < 0)
    return NULL;

  return asab_web_request_intern (self, decoded);
}

static gboolean
parse_query (AsabWebRequest  *self,
             GError         **error)
{
  const char *field = self->query_string;

  self->query = g_array_new (FALSE, FALSE, sizeof (AsabWebPair));

  while (*field != '\0')
    {
      gsize length = strcspn (field, "&");
      const char *equals = memchr (field, '=', length);
      gsize name_length = equals != NULL ? (gsize) (equals - field) : length;
      gsize value_length = equals != NULL ? length - name_length - 1 : 0;
      AsabWebPair pair = { decode_query_part (self, field, name_length),
                           decode_query_part (self, field + length - value_length, value_length) };

      if (pair.name == NULL || pair.value == NULL)
        {
          g_set_error_literal (error, ASAB_WEB_ERROR, ASAB_WEB_ERROR_BAD_REQUEST,
                               _("The query of the address is not properly percent-encoded"));
          return FALSE;
        }
      if (length > 0)
        g_array_append_val (self->query, pair);

      field += length + (field[length] == '&');
    }

  return TRUE;
}

/* Takes the address of the first line apart. */
gboolean
asab_web_request_parse_target (AsabWebRequest  *self,
                               GError         **error)
{
  if (!asab_web_uri_check (self->path, error) ||
      (self->query_string != NULL && !asab_web_uri_check (self->query_string, error)))
    return FALSE;

  self->path = asab_web_uri_find_path (self->target);
  if (self->path == NULL)
    {
      self->path = self->target;
      g_set_error_literal (error, ASAB_WEB_ERROR, ASAB_WEB_ERROR_BAD_REQUEST,
                           _("The path of the address does not begin with a slash"));
      return FALSE;
    }

  if (!asab_web_path_decode (self->path, strlen (self->path), self->segments, &self->n_segments, error))
    return FALSE;

  return self->query_string == NULL || parse_query (self, error);
}

/* Adds a piece of the body as it comes in. */
void
asab_web_request_append_body (AsabWebRequest *self,
                              const char     *data,
                              gsize           size)
{
  if (self->upload == NULL)
    self->upload = g_byte_array_new ();

  g_byte_array_append (self->upload, (const guint8 *) data, (guint) size);
}

static enum MHD_Result
copy_header (void               *user_data,
             enum MHD_ValueKind  kind G_GNUC_UNUSED,
             const char         *name,
             const char         *value)
{
  AsabWebRequest *self = user_data;
  g_autofree char *valid_name = g_utf8_make_valid (name, -1);
  g_autofree char *valid_value = g_utf8_make_valid (value != NULL ? value : "", -1);
  AsabWebPair pair = { asab_web_request_intern (self, valid_name),
                       asab_web_request_intern (self, g_strchomp (valid_value)) };

  g_array_append_val (self->headers, pair);

  return MHD_YES;
}

static void
ensure_headers (AsabWebRequest *self)
{
  if (self->headers != NULL)
    return;

  self->headers = g_array_new (FALSE, FALSE, sizeof (AsabWebPair));
  if (self->connection != NULL)
    MHD_get_connection_values (self->connection, MHD_HEADER_KIND, copy_header, self);
}

/* The engine is done with the request and about to drop what it lent. */
void
asab_web_request_detach (AsabWebRequest *self)
{
  if (!g_atomic_ref_count_compare (&self->ref_count, 1))
    ensure_headers (self);
  self->connection = NULL;
}

/**
 * asab_web_request_get_method:
 * @self: a request
 *
 * Gets the method, such as `GET`.
 *
 * Returns: the method
 */
const char *
asab_web_request_get_method (AsabWebRequest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->method;
}

/**
 * asab_web_request_get_path:
 * @self: a request
 *
 * Gets the path of the address as it was sent, percent-encoded and without the query.
 *
 * Returns: the path
 */
const char *
asab_web_request_get_path (AsabWebRequest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->path;
}

/**
 * asab_web_request_get_param:
 * @self: a request
 * @name: the name of a parameter of the route's pattern
 *
 * Gets the part of the path that stands where the pattern of the route has the parameter @name, decoded.
 *
 * Returns: (nullable): the parameter, or %NULL if the pattern has none of this name
 */
const char *
asab_web_request_get_param (AsabWebRequest *self,
                            const char     *name)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  for (guint i = 0; i < self->n_params; i++)
    if (strcmp (self->params[i].name, name) == 0)
      return self->params[i].value;

  return NULL;
}

/**
 * asab_web_request_get_query_string:
 * @self: a request
 *
 * Gets the query of the address as it was sent, without the question mark.
 *
 * Returns: (nullable): the query, or %NULL if the address has none
 */
const char *
asab_web_request_get_query_string (AsabWebRequest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->query_string;
}

/**
 * asab_web_request_get_query:
 * @self: a request
 * @name: the name of a parameter
 *
 * Gets the first value of a parameter of the query, decoded.
 *
 * Returns: (nullable): the value, or %NULL if the query has no such parameter
 */
const char *
asab_web_request_get_query (AsabWebRequest *self,
                            const char     *name)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return lookup_pair (self->query, name);
}

/**
 * asab_web_request_dup_query_values:
 * @self: a request
 * @name: the name of a parameter
 *
 * Gets all values of a parameter of the query, in the order in which they were sent.
 *
 * Returns: (transfer full) (array zero-terminated=1): the values, maybe none
 */
char **
asab_web_request_dup_query_values (AsabWebRequest *self,
                                   const char     *name)
{
  g_autoptr(GStrvBuilder) values = g_strv_builder_new ();

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  for (guint i = 0; self->query != NULL && i < self->query->len; i++)
    {
      AsabWebPair *pair = &g_array_index (self->query, AsabWebPair, i);

      if (strcmp (pair->name, name) == 0)
        g_strv_builder_add (values, pair->value);
    }

  return g_strv_builder_end (values);
}

/**
 * asab_web_request_get_header:
 * @self: a request
 * @name: the name of a header, without regard to case
 *
 * Gets the first value of a header.
 *
 * Returns: (nullable): the value, or %NULL if the request has no such header
 */
const char *
asab_web_request_get_header (AsabWebRequest *self,
                             const char     *name)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  ensure_headers (self);
  for (guint i = 0; i < self->headers->len; i++)
    {
      AsabWebPair *pair = &g_array_index (self->headers, AsabWebPair, i);

      if (g_ascii_strcasecmp (pair->name, name) == 0)
        return pair->value;
    }

  return NULL;
}

/**
 * asab_web_request_foreach_header:
 * @self: a request
 * @func: (scope call) (closure user_data): called for each header
 * @user_data: data for @func
 *
 * Calls @func for each header, in the order in which they were sent.
 */
void
asab_web_request_foreach_header (AsabWebRequest    *self,
                                 AsabWebHeaderFunc  func,
                                 gpointer           user_data)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (func != NULL);

  ensure_headers (self);
  for (guint i = 0; i < self->headers->len; i++)
    {
      AsabWebPair *pair = &g_array_index (self->headers, AsabWebPair, i);

      func (pair->name, pair->value, user_data);
    }
}

/**
 * asab_web_request_get_remote_address:
 * @self: a request
 *
 * Gets the address of the client, such as `127.0.0.1`, or `unix` if it came by a UNIX socket.
 *
 * Returns: the address
 */
const char *
asab_web_request_get_remote_address (AsabWebRequest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->remote_address;
}

/**
 * asab_web_request_get_body:
 * @self: a request
 *
 * Gets the body.
 *
 * Returns: (transfer none): the body, maybe empty
 */
GBytes *
asab_web_request_get_body (AsabWebRequest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (self->body == NULL)
    self->body = self->upload != NULL ? g_byte_array_free_to_bytes (g_steal_pointer (&self->upload))
                                      : g_bytes_new_static (NULL, 0);

  return self->body;
}

/**
 * asab_web_request_get_json:
 * @self: a request
 * @error: return location for a [error@Error]
 *
 * Parses the body as JSON.
 *
 * A handler that fails with the error of this function is answered with status 400 and a message that tells where the
 * body is wrong.
 *
 * Returns: (transfer none): the root of the document
 */
JsonNode *
asab_web_request_get_json (AsabWebRequest  *self,
                           GError         **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (self->json == NULL)
    self->json = asab_web_json_parse (asab_web_request_get_body (self), error);

  return self->json;
}
