/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>

/* The server: answers a line in capitals, and hangs up. */

#define SHOUTER_TYPE (shouter_get_type ())
G_DECLARE_FINAL_TYPE (Shouter, shouter, EXAMPLE, SHOUTER, AsabAsyncChat)

struct _Shouter
{
  AsabAsyncChat parent_instance;
};

G_DEFINE_FINAL_TYPE (Shouter, shouter, ASAB_TYPE_ASYNC_CHAT)

static gboolean
shouter_found_terminator (AsabAsyncChat  *chat,
                          GError        **error)
{
  g_autofree char *line = asab_async_chat_take_line (chat);
  g_autofree char *capitals = g_utf8_strup (line, -1);
  g_autofree char *answer = g_strconcat (capitals, "\r\n", NULL);

  return asab_async_chat_push_text (chat, answer, error) && asab_async_chat_close_when_done (chat, error);
}

static void
shouter_class_init (ShouterClass *klass)
{
  ASAB_ASYNC_CHAT_CLASS (klass)->found_terminator = shouter_found_terminator;
}

static void
shouter_init (Shouter *self)
{
  asab_async_chat_set_terminator (ASAB_ASYNC_CHAT (self), "\r\n");
}

/* The client: asks when it is connected. There is a new one for each connection. */

#define ASKER_TYPE (asker_get_type ())
G_DECLARE_FINAL_TYPE (Asker, asker, EXAMPLE, ASKER, AsabAsyncChat)

struct _Asker
{
  AsabAsyncChat parent_instance;
};

G_DEFINE_FINAL_TYPE (Asker, asker, ASAB_TYPE_ASYNC_CHAT)

static gboolean
asker_handle_connect (AsabDispatcher  *dispatcher,
                      GError         **error)
{
  return asab_async_chat_push_text (ASAB_ASYNC_CHAT (dispatcher), "hello\r\n", error);
}

static gboolean
asker_found_terminator (AsabAsyncChat  *chat,
                        GError        **error G_GNUC_UNUSED)
{
  g_autofree char *line = asab_async_chat_take_line (chat);

  g_print ("%s\n", line);

  return TRUE;
}

static void
asker_class_init (AskerClass *klass)
{
  ASAB_DISPATCHER_CLASS (klass)->handle_connect = asker_handle_connect;
  ASAB_ASYNC_CHAT_CLASS (klass)->found_terminator = asker_found_terminator;
}

static void
asker_init (Asker *self)
{
  asab_async_chat_set_terminator (ASAB_ASYNC_CHAT (self), "\r\n");
}

/* What the client is told. */

typedef struct
{
  guint n_left;
  AsabPromise *done;
} Rounds;

static void
connected_cb (void)
{
  g_print ("connected\n");
}

static void
disconnected_cb (AsabStreamClient *client,
                 const GError     *error G_GNUC_UNUSED,
                 gpointer          user_data)
{
  Rounds *rounds = user_data;

  g_print ("disconnected\n");
  if (--rounds->n_left == 0)
    {
      g_autoptr(AsabFuture) stopped = asab_stream_client_stop (client);

      asab_promise_follow (rounds->done, stopped);
    }
}

static gboolean
talk (const char  *address,
      GError     **error)
{
  g_autoptr(AsabStreamClient) client = asab_stream_client_new (ASKER_TYPE);
  g_autoptr(AsabPromise) done = asab_promise_new ();
  Rounds rounds = { 2, done };

  g_object_set (client, "address", address, "min-delay", 0.01, NULL);
  g_signal_connect (client, "connected", G_CALLBACK (connected_cb), NULL);
  g_signal_connect (client, "disconnected", G_CALLBACK (disconnected_cb), &rounds);

  return asab_stream_client_start (client, error) &&
         asab_run_until_complete (asab_promise_get_future (done), NULL, error);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(AsabStreamServer) server = asab_stream_server_new (SHOUTER_TYPE);
  g_auto(GStrv) addresses = NULL;

  g_object_set (server, "listen", "127.0.0.1 0", NULL);
  if (!asab_stream_server_start (server, NULL))
    return 1;

  addresses = asab_stream_server_dup_addresses (server);
  if (!talk (addresses[0], NULL))
    return 1;

  return asab_run_until_complete (ASAB_TEMP (asab_stream_server_stop (server)), NULL, NULL) ? 0 : 1;
}
