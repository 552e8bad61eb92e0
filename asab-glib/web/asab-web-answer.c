/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The second half of AsabWebRequest: the answer that a handler makes. Nothing is sent from here; the engine takes what
 * stands in the request when the handler is done. */

#include "config.h"

#include "asab-web-request-private.h"

#include "asab-web-error-page-private.h"

#include <asab-glib/core/asab-error.h>
#include <asab-glib/web/asab-web-error.h>

#include <glib/gi18n-lib.h>
#include <string.h>

#define TYPE_TEXT "text/plain; charset=utf-8"
#define TYPE_HTML "text/html; charset=utf-8"
#define TYPE_JSON "application/json"
#define TYPE_BYTES "application/octet-stream"

gboolean
asab_web_request_is_answered (AsabWebRequest *self)
{
  return self->status != 0;
}

static void
clear_body (AsabWebRequest *self)
{
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  self->text_size = 0;
  self->content_type = NULL;
}

/* Takes back all that was answered, with the headers. */
void
asab_web_request_clear_answer (AsabWebRequest *self)
{
  clear_body (self);
  self->status = 0;
  if (self->answer_headers != NULL)
    g_array_set_size (self->answer_headers, 0);
}

static void
take_text (AsabWebRequest *self,
           char           *text,
           gsize           size,
           const char     *content_type)
{
  clear_body (self);
  self->text = text;
  self->text_size = size;
  self->content_type = content_type;
  if (self->status == 0)
    self->status = 200;
}

/**
 * asab_web_request_get_status:
 * @self: a request
 *
 * Gets the status of the answer.
 *
 * Returns: the status, or 0 while there is no answer
 */
guint
asab_web_request_get_status (AsabWebRequest *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->status;
}

/**
 * asab_web_request_set_status:
 * @self: a request
 * @status: an HTTP status from 200 to 599
 *
 * Sets the status of the answer, which is 200 otherwise. Alone it is an answer without a body.
 */
void
asab_web_request_set_status (AsabWebRequest *self,
                             guint           status)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (status >= 200 && status <= 599);

  self->status = status;
}

static gboolean
is_token (const char *name)
{
  return *name != '\0' && name[strspn (name, "!#$%&'*+-.^_`|~" G_CSET_DIGITS G_CSET_a_2_z G_CSET_A_2_Z)] == '\0';
}

static gboolean
is_field_value (const char *value)
{
  for (; *value != '\0'; value++)
    if (g_ascii_iscntrl (*value) && *value != '\t')
      return FALSE;

  return TRUE;
}

/* What separates one message from the next on a connection is between the engine and the client alone. */
static gboolean
is_framing (const char *name)
{
  static const char *const names[] = { "Connection", "Content-Length", "Transfer-Encoding", "Upgrade" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (name, names[i]) == 0)
      return TRUE;

  return FALSE;
}

static gboolean
check_header (const char  *name,
              const char  *value,
              GError     **error)
{
  if (!is_token (name) || is_framing (name))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("“%s” is no header that an answer can have"),
                   name);
      return FALSE;
    }
  if (!is_field_value (value))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("The value of the header “%s” has a control character"), name);
      return FALSE;
    }

  return TRUE;
}

/**
 * asab_web_request_add_header:
 * @self: a request
 * @name: the name of a header
 * @value: its value
 * @error: return location for an error
 *
 * Adds a header to the answer, also when there is one of this name.
 *
 * What would break the answer apart, such as a line end, is refused with %G_IO_ERROR_INVALID_ARGUMENT.
 *
 * Returns: true if the header was added
 */
gboolean
asab_web_request_add_header (AsabWebRequest  *self,
                             const char      *name,
                             const char      *value,
                             GError         **error)
{
  AsabWebPair pair;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (value != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_header (name, value, error))
    return FALSE;

  if (g_ascii_strcasecmp (name, "Content-Type") == 0)
    {
      self->content_type = asab_web_request_intern (self, value);
      return TRUE;
    }

  pair.name = asab_web_request_intern (self, name);
  pair.value = asab_web_request_intern (self, value);
  if (self->answer_headers == NULL)
    self->answer_headers = g_array_new (FALSE, FALSE, sizeof (AsabWebPair));
  g_array_append_val (self->answer_headers, pair);

  return TRUE;
}

/**
 * asab_web_request_replace_header:
 * @self: a request
 * @name: the name of a header
 * @value: its value
 * @error: return location for an error
 *
 * Adds a header to the answer in place of those of the same name. Set `Content-Type` after the body.
 *
 * Returns: true if the header was replaced
 */
gboolean
asab_web_request_replace_header (AsabWebRequest  *self,
                                 const char      *name,
                                 const char      *value,
                                 GError         **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (value != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_header (name, value, error))
    return FALSE;

  for (guint i = self->answer_headers != NULL ? self->answer_headers->len : 0; i > 0; i--)
    if (g_ascii_strcasecmp (g_array_index (self->answer_headers, AsabWebPair, i - 1).name, name) == 0)
      g_array_remove_index (self->answer_headers, i - 1);

  return asab_web_request_add_header (self, name, value, error);
}

/**
 * asab_web_request_respond_text:
 * @self: a request
 * @text: plain text
 *
 * Answers with plain text.
 */
void
asab_web_request_respond_text (AsabWebRequest *self,
                               const char     *text)
{
  gsize size;

  g_return_if_fail (self != NULL);
  g_return_if_fail (text != NULL);

  size = strlen (text);
  take_text (self, g_memdup2 (text, size), size, TYPE_TEXT);
}

/**
 * asab_web_request_respond_html:
 * @self: a request
 * @html: a page
 *
 * Answers with HTML.
 */
void
asab_web_request_respond_html (AsabWebRequest *self,
                               const char     *html)
{
  gsize size;

  g_return_if_fail (self != NULL);
  g_return_if_fail (html != NULL);

  size = strlen (html);
  take_text (self, g_memdup2 (html, size), size, TYPE_HTML);
}

/* `?pretty`, alone or with a value that means yes, is for people who look at an answer. */
static gboolean
wants_pretty (AsabWebRequest *self)
{
  static const char *const yes[] = { "", "1", "t", "true", "y", "yes", NULL };
  const char *value = asab_web_request_get_query (self, "pretty");

  return value != NULL && g_strv_contains (yes, value);
}

/**
 * asab_web_request_respond_json:
 * @self: a request
 * @node: the root of a document
 *
 * Answers with JSON, which is indented if the query has the parameter `pretty`.
 */
void
asab_web_request_respond_json (AsabWebRequest *self,
                               JsonNode       *node)
{
  char *text;

  g_return_if_fail (self != NULL);
  g_return_if_fail (node != NULL);

  text = json_to_string (node, wants_pretty (self));
  take_text (self, text, strlen (text), TYPE_JSON);
}

/**
 * asab_web_request_respond_variant:
 * @self: a request
 * @value: a value
 *
 * Answers with the JSON that stands for @value, see [func@Json.gvariant_serialize]. A floating @value is consumed.
 */
void
asab_web_request_respond_variant (AsabWebRequest *self,
                                  GVariant       *value)
{
  g_autoptr(GVariant) owned = NULL;
  g_autoptr(JsonNode) node = NULL;

  g_return_if_fail (self != NULL);
  g_return_if_fail (value != NULL);

  owned = g_variant_ref_sink (value);
  node = json_gvariant_serialize (owned);
  asab_web_request_respond_json (self, node);
}

/**
 * asab_web_request_respond_bytes:
 * @self: a request
 * @bytes: a body
 * @content_type: (nullable): its media type, or %NULL for `application/octet-stream`
 *
 * Answers with @bytes as they are.
 */
void
asab_web_request_respond_bytes (AsabWebRequest *self,
                                GBytes         *bytes,
                                const char     *content_type)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (bytes != NULL);
  g_return_if_fail (content_type == NULL || is_field_value (content_type));

  take_text (self, NULL, 0, content_type != NULL ? asab_web_request_intern (self, content_type) : TYPE_BYTES);
  self->bytes = g_bytes_ref (bytes);
}

/* Answers with an error page of the form that the client likes best. */
void
asab_web_request_refuse (AsabWebRequest *self,
                         guint           status,
                         const char     *message)
{
  const char *content_type;
  char *page = asab_web_error_page_new (asab_web_request_get_header (self, "Accept"), status, message, &content_type);

  self->status = status;
  take_text (self, page, strlen (page), content_type);
}

/* Answers with the error that a handler ended with. What only the people who run the server should know goes to
 * the log, and the client gets a number to ask them with. */
void
asab_web_request_fail (AsabWebRequest *self,
                       const GError   *error)
{
  g_autofree char *uuid = NULL;
  g_autofree char *message = NULL;

  if (error->domain == ASAB_WEB_ERROR && error->code >= 400 && error->code <= 599)
    {
      asab_web_request_refuse (self, (guint) error->code, error->message);
      return;
    }

  uuid = g_uuid_string_random ();
  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "uuid", uuid, "MESSAGE", "%s %s failed: %s", self->method,
                    self->path, error->message);

  asab_web_request_clear_answer (self);
  message = g_strdup_printf (_("The server has failed, see “%s” in its log"), uuid);
  asab_web_request_refuse (self, ASAB_WEB_ERROR_INTERNAL_SERVER_ERROR, message);
}

/**
 * asab_web_request_respond_error:
 * @self: a request
 * @error: an error
 *
 * Answers with an error, as if the handler had ended with it.
 *
 * An error of the domain %ASAB_WEB_ERROR is answered with its status and its message, every other one is logged and
 * answered with status 500 and no details. The page is JSON, HTML or text, by what the client accepts.
 */
void
asab_web_request_respond_error (AsabWebRequest *self,
                                const GError   *error)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (error != NULL);

  asab_web_request_fail (self, error);
}

/* What a handler's future resolves to is an answer too: this is the natural form of Python and JavaScript. */
static void
respond_value (AsabWebRequest *self,
               const GValue   *value)
{
  gpointer content;

  if (value == NULL)
    return;

  if (G_VALUE_HOLDS_STRING (value) && g_value_get_string (value) != NULL)
    asab_web_request_respond_text (self, g_value_get_string (value));
  else if (G_VALUE_HOLDS_VARIANT (value) && g_value_get_variant (value) != NULL)
    asab_web_request_respond_variant (self, g_value_get_variant (value));
  else if (G_VALUE_HOLDS (value, JSON_TYPE_NODE) && (content = g_value_get_boxed (value)) != NULL)
    asab_web_request_respond_json (self, content);
  else if (G_VALUE_HOLDS (value, G_TYPE_BYTES) && (content = g_value_get_boxed (value)) != NULL)
    asab_web_request_respond_bytes (self, content, NULL);
}

/* Makes the answer complete when the handler has ended; @future is NULL if it did so at once. */
void
asab_web_request_settle (AsabWebRequest *self,
                         AsabFuture     *future)
{
  g_autoptr(GError) error = NULL;
  const GValue *value = future != NULL ? asab_future_get_value (future, &error) : NULL;

  if (error == NULL && !asab_web_request_is_answered (self))
    respond_value (self, value);
  if (error == NULL && !asab_web_request_is_answered (self))
    error = g_error_new_literal (ASAB_ERROR, ASAB_ERROR_CALLBACK_FAILED, _("The handler did not answer"));
  if (error != NULL)
    asab_web_request_fail (self, error);
}
