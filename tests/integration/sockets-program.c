/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server of lines, to be talked to by anybody. It answers in capitals, but to these:
 *
 *   flood N   sends N bytes
 *   count     tells how many connections and descriptors there are
 *   quit      hangs up
 */

#include <asab-glib/asab.h>

#include <stdlib.h>

#define MAX_LINE 65536

#define TALKER_TYPE (talker_get_type ())
G_DECLARE_FINAL_TYPE (Talker, talker, PROGRAM, TALKER, AsabAsyncChat)

struct _Talker
{
  AsabAsyncChat parent_instance;
};

G_DEFINE_FINAL_TYPE (Talker, talker, ASAB_TYPE_ASYNC_CHAT)

static guint
count_descriptors (void)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;

  return n;
}

static char *
answer (AsabAsyncChat *chat,
        const char    *line)
{
  g_autofree char *capitals = NULL;

  if (g_str_has_prefix (line, "flood "))
    return g_strnfill (strtoul (line + strlen ("flood "), NULL, 10), '~');
  if (g_str_equal (line, "count"))
    return g_strdup_printf ("%u %u\r\n",
                            asab_channel_map_get_n_channels (asab_dispatcher_get_map (ASAB_DISPATCHER (chat))),
                            count_descriptors ());

  capitals = g_ascii_strup (line, -1);

  return g_strconcat (capitals, "\r\n", NULL);
}

static gboolean
talker_found_terminator (AsabAsyncChat  *chat,
                         GError        **error)
{
  g_autofree char *line = asab_async_chat_take_line (chat);
  g_autofree char *text = NULL;

  if (g_str_equal (line, "quit"))
    return asab_async_chat_close_when_done (chat, error);

  text = answer (chat, line);

  return asab_async_chat_push_text (chat, text, error);
}

static void
talker_class_init (TalkerClass *klass)
{
  ASAB_ASYNC_CHAT_CLASS (klass)->found_terminator = talker_found_terminator;
}

static void
talker_init (Talker *self)
{
  asab_async_chat_set_terminator_list (ASAB_ASYNC_CHAT (self), (const char *[]) { "\r\n", "\n", NULL });
  g_object_set (self, "max-inbox-size", (guint64) MAX_LINE, "max-outbox-size", (guint64) G_MAXUINT32, NULL);
}

static gboolean
work (AsabApplication  *application,
      GError          **error)
{
  g_autoptr(AsabStreamServerService) service =
    g_object_new (ASAB_TYPE_STREAM_SERVER_SERVICE, "application", application, "name", "lines", NULL);
  AsabStreamServer *server = asab_stream_server_service_create_server (service, TALKER_TYPE, NULL, error);
  g_auto(GStrv) addresses = NULL;

  if (server == NULL)
    return FALSE;

  addresses = asab_stream_server_dup_addresses (server);
  for (gsize i = 0; addresses[i] != NULL; i++)
    g_print ("%s\n", addresses[i]);
  g_print ("\n");

  return TRUE;
}

int
main (int    argc,
      char **argv)
{
  return asab_run (argc, argv, .initialize = work);
}
