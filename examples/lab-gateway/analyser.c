/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab-analyser.h"
#include "lab-mischief.h"

#include "astm-message.h"

/*
 * A program that plays an analyser, see `asab-analyser --help`. Its status is 0 if the gateway has acknowledged all
 * that it sent.
 */

#define DEFAULT_GATEWAY "127.0.0.1"

/* How long the gateway may take to answer. */
#define CONNECT_SECONDS 10
#define ANSWER_SECONDS 30

static struct
{
  char *gateway;
  char *name;
  char *file;
  char *query;
  double rate;
  int count;
  gboolean bad_checksum;
  gboolean drop;
} arguments = { .count = 1 };

static const GOptionEntry options[] = {
  { "gateway", 0, 0, G_OPTION_ARG_STRING, &arguments.gateway, "Where the gateway is (127.0.0.1:15200)", "HOST[:PORT]" },
  { "name", 0, 0, G_OPTION_ARG_STRING, &arguments.name, "What the analyser is called (simulator)", "NAME" },
  { "file", 0, 0, G_OPTION_ARG_FILENAME, &arguments.file, "Send the messages of a file, a record a line", "FILE" },
  { "count", 0, 0, G_OPTION_ARG_INT, &arguments.count, "Send this many messages that are made up (1)", "N" },
  { "rate", 0, 0, G_OPTION_ARG_DOUBLE, &arguments.rate, "Send so many messages a second (all that go)", "N" },
  { "query", 0, 0, G_OPTION_ARG_STRING, &arguments.query, "Ask what is ordered for a specimen, or for ALL", "ID" },
  { "bad-checksum", 0, 0, G_OPTION_ARG_NONE, &arguments.bad_checksum, "Send a broken frame first, then a good one",
    NULL },
  { "drop", 0, 0, G_OPTION_ARG_NONE, &arguments.drop, "Drop the connection in the middle of a message first", NULL },
  { NULL },
};

static gboolean
ask (LabAnalyser  *analyser,
     GError      **error)
{
  g_autoptr(AsabFuture) asked = lab_analyser_query (analyser, arguments.query);
  g_autoptr(GBytes) answer = NULL;
  g_autofree char *text = NULL;

  answer = asab_await_boxed (ASAB_TEMP (asab_future_with_timeout (asked, ANSWER_SECONDS, TRUE)), G_TYPE_BYTES, error);
  if (answer == NULL)
    return FALSE;

  text = g_strndup (g_bytes_get_data (answer, NULL), g_bytes_get_size (answer));
  g_print ("%s", g_strdelimit (text, "\r", '\n'));

  return TRUE;
}

/* Each message begins with a header record; the records of a file are lines, those of a message end with CR. */
static GPtrArray *
read_messages (const char  *path,
               GError     **error)
{
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  g_autoptr(GString) message = g_string_new (NULL);
  GPtrArray *messages;

  if (!g_file_get_contents (path, &text, NULL, error))
    return NULL;

  messages = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  lines = g_strsplit_set (text, "\r\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++)
    {
      if (*lines[i] == 'H' && message->len > 0)
        {
          g_ptr_array_add (messages, g_bytes_new (message->str, message->len));
          g_string_truncate (message, 0);
        }
      if (*lines[i] != '\0')
        g_string_append_printf (message, "%s\r", lines[i]);
    }
  if (message->len > 0)
    g_ptr_array_add (messages, g_bytes_new (message->str, message->len));

  return messages;
}

static gboolean
send_file (LabAnalyser  *analyser,
           GError      **error)
{
  g_autoptr(GPtrArray) messages = read_messages (arguments.file, error);

  for (guint i = 0; messages != NULL && i < messages->len; i++)
    {
      if (!asab_await (ASAB_TEMP (astm_link_send (ASTM_LINK (analyser), g_ptr_array_index (messages, i))), error))
        return FALSE;
    }

  return messages != NULL;
}

static gboolean
send_samples (LabAnalyser  *analyser,
              GError      **error)
{
  for (int i = 0; i < arguments.count; i++)
    {
      if (i > 0 && arguments.rate > 0 && !asab_fiber_sleep (1 / arguments.rate, error))
        return FALSE;
      if (!asab_await (ASAB_TEMP (lab_analyser_measure (analyser)), error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
connect_to_gateway (LabAnalyser  *analyser,
                    const char   *gateway,
                    GError      **error)
{
  AsabFuture *connected = asab_dispatcher_connect_to_host (ASAB_DISPATCHER (analyser), gateway, LAB_GATEWAY_PORT,
                                                           CONNECT_SECONDS);

  return asab_await (ASAB_TEMP (connected), error);
}

static gboolean
misbehave (const char  *gateway,
           GError     **error)
{
  return (!arguments.bad_checksum || lab_mischief_send_bad_checksum (gateway, error)) &&
         (!arguments.drop || lab_mischief_drop (gateway, error));
}

static gboolean
play (AsabApplication  *application,
      GError          **error)
{
  const char *gateway = arguments.gateway != NULL ? arguments.gateway : DEFAULT_GATEWAY;
  g_autoptr(LabAnalyser) analyser = lab_analyser_new (arguments.name != NULL ? arguments.name : "simulator");
  gboolean is_done;

  if (!misbehave (gateway, error) || !connect_to_gateway (analyser, gateway, error))
    return FALSE;

  if (arguments.query != NULL)
    is_done = ask (analyser, error);
  else if (arguments.file != NULL)
    is_done = send_file (analyser, error);
  else
    is_done = send_samples (analyser, error);

  if (!is_done || !asab_async_chat_close_when_done (ASAB_ASYNC_CHAT (analyser), error))
    return FALSE;

  asab_application_stop (application, 0);

  return TRUE;
}

int
main (int    argc,
      char **argv)
{
  return asab_run (argc, argv, .main = play, .options = options, .description = "Plays a medical analyser");
}
