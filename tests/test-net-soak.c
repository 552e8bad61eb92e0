/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Connections come and go, ask, break and fail in any order; in the end neither an object nor a descriptor is left.
 *
 * What happens is decided by the random numbers of the test, whose seed is printed and can be given by --seed.
 */

#include <asab-glib/asab.h>

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define N_ROUNDS 3000
#define N_CLIENTS 24
#define FLOOD_SIZE 300000 /* more than a socket takes at once */

static guint n_talkers;   /* alive */
static guint n_accepted;
static guint n_failures;  /* of handlers */
static guint n_ends;      /* told by handle_close */

static gboolean
happens (int one_in)
{
  return g_test_rand_int_range (0, one_in) == 0;
}

/* Whatever a handler does, it fails at times, with and without a reason. */
static gboolean
fails (GError **error)
{
  if (!happens (50))
    return FALSE;

  n_failures++;
  if (happens (2))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "It broke");

  return TRUE;
}

/* Both sides of a conversation; who answers is the server's. */

typedef struct
{
  AsabAsyncChat parent_instance;

  gboolean is_answering;
} Talker;

typedef struct
{
  AsabAsyncChatClass parent_class;
} TalkerClass;

static GType talker_get_type (void);
G_DEFINE_FINAL_TYPE (Talker, talker, ASAB_TYPE_ASYNC_CHAT)

static gboolean
talker_handle_connect (AsabDispatcher  *dispatcher,
                       GError         **error)
{
  g_assert_true (asab_dispatcher_is_connected (dispatcher));
  if (((Talker *) dispatcher)->is_answering)
    n_accepted++;

  return !fails (error);
}

static gboolean
talker_handle_read (AsabDispatcher  *dispatcher,
                    GError         **error)
{
  return !fails (error) && ASAB_DISPATCHER_CLASS (talker_parent_class)->handle_read (dispatcher, error);
}

static gboolean
talker_handle_write (AsabDispatcher  *dispatcher,
                     GError         **error)
{
  return !fails (error) && ASAB_DISPATCHER_CLASS (talker_parent_class)->handle_write (dispatcher, error);
}

static void
talker_handle_close (AsabDispatcher *dispatcher)
{
  n_ends++;
  ASAB_DISPATCHER_CLASS (talker_parent_class)->handle_close (dispatcher);
}

/* It goes on as if nothing were amiss, or hangs up. */
static void
talker_handle_error (AsabDispatcher *dispatcher,
                     const GError   *error)
{
  g_assert_nonnull (error);
  if (happens (2))
    asab_dispatcher_close (dispatcher);
}

static gboolean
talker_pull (AsabAsyncChat  *chat,
             GBytes         *data,
             GError        **error)
{
  return !fails (error) && ASAB_ASYNC_CHAT_CLASS (talker_parent_class)->pull (chat, data, error);
}

static void
close_somebody (AsabChannelMap *map)
{
  g_autoptr(GPtrArray) channels = asab_channel_map_dup_channels (map);
  gpointer channel = g_ptr_array_index (channels, (guint) g_test_rand_int_range (0, (int) channels->len));

  if (!asab_dispatcher_is_accepting (channel))
    asab_dispatcher_close (channel);
}

static gboolean
talker_found_terminator (AsabAsyncChat  *chat,
                         GError        **error)
{
  g_autofree char *line = asab_async_chat_take_line (chat);
  g_autofree char *flood = NULL;

  if (fails (error))
    return FALSE;
  if (!((Talker *) chat)->is_answering)
    return TRUE;

  if (g_str_equal (line, "close"))
    asab_dispatcher_close (ASAB_DISPATCHER (chat));
  else if (g_str_equal (line, "close-somebody"))
    close_somebody (asab_dispatcher_get_map (ASAB_DISPATCHER (chat)));
  else if (g_str_equal (line, "discard"))
    asab_async_chat_discard_buffers (chat);
  else if (g_str_equal (line, "quit"))
    return asab_async_chat_close_when_done (chat, error);
  else if (g_str_equal (line, "flood"))
    flood = g_strnfill (FLOOD_SIZE, '\n');

  if (asab_dispatcher_is_closed (ASAB_DISPATCHER (chat)))
    return TRUE;

  return asab_async_chat_push_text (chat, flood != NULL ? flood : "answer\n", error);
}

static void
talker_finalize (GObject *object)
{
  n_talkers--;

  G_OBJECT_CLASS (talker_parent_class)->finalize (object);
}

static void
talker_class_init (TalkerClass *klass)
{
  AsabDispatcherClass *dispatcher_class = ASAB_DISPATCHER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = talker_finalize;
  dispatcher_class->handle_connect = talker_handle_connect;
  dispatcher_class->handle_read = talker_handle_read;
  dispatcher_class->handle_write = talker_handle_write;
  dispatcher_class->handle_close = talker_handle_close;
  dispatcher_class->handle_error = talker_handle_error;
  ASAB_ASYNC_CHAT_CLASS (klass)->pull = talker_pull;
  ASAB_ASYNC_CHAT_CLASS (klass)->found_terminator = talker_found_terminator;
}

static void
talker_init (Talker *self)
{
  n_talkers++;
  asab_async_chat_set_terminator (ASAB_ASYNC_CHAT (self), "\n");
}

static AsabDispatcher *
make_talker_cb (AsabStreamServer  *server G_GNUC_UNUSED,
                gpointer           user_data G_GNUC_UNUSED,
                GError           **error G_GNUC_UNUSED)
{
  Talker *self = g_object_new (talker_get_type (), NULL);

  self->is_answering = TRUE;

  return ASAB_DISPATCHER (self);
}

/* Clients: descriptors, which misbehave, and conversations. */

typedef struct
{
  int fd;       /* -1: none */
  gpointer chat; /* (weak) (nullable): open, thus held by its map */
} Client;

static const char *const lines[] = {
  "hello\n", "one\ntwo\nthree\n", "half", "\n", "flood\n", "flood\nflood\nhello\n", "close\nnever\n", "quit\nnever\n",
  "close-somebody\n", "discard\nnever\n",
};

static const char *
choose_line (void)
{
  return lines[g_test_rand_int_range (0, G_N_ELEMENTS (lines))];
}

static void
connect_plainly (Client         *client,
                 GSocketAddress *address)
{
  struct sockaddr_in native;

  client->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  g_assert_true (g_socket_address_to_native (address, &native, sizeof native, NULL));
  connect (client->fd, (struct sockaddr *) &native, sizeof native);
}

static void
connect_chat (Client         *client,
              GSocketAddress *address)
{
  g_autoptr(AsabDispatcher) chat = g_object_new (talker_get_type (), NULL);

  client->chat = chat;
  g_object_add_weak_pointer (G_OBJECT (chat), &client->chat);
  g_assert_true (asab_dispatcher_create_socket (chat, G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, NULL));
  g_assert_true (asab_dispatcher_connect_to (chat, address, NULL));
}

static void
close_plainly (Client   *client,
               gboolean  breaks)
{
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  if (breaks)
    setsockopt (client->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  close (client->fd);
  client->fd = -1;
}

static void
use_plainly (Client *client)
{
  static char buffer[FLOOD_SIZE];
  const char *line = choose_line ();

  switch (g_test_rand_int_range (0, 8))
    {
    case 0:
      close_plainly (client, FALSE);
      break;
    case 1:
      close_plainly (client, TRUE);
      break;
    case 2:
      shutdown (client->fd, SHUT_WR);
      break;
    case 3:
    case 4:
      recv (client->fd, buffer, (gsize) g_test_rand_int_range (1, FLOOD_SIZE), 0);
      break;
    default:
      send (client->fd, line, (gsize) g_test_rand_int_range (1, (int) strlen (line) + 1), MSG_NOSIGNAL);
    }
}

static void
use_chat (Client *client)
{
  g_autoptr(AsabAsyncChat) chat = g_object_ref (client->chat);

  switch (g_test_rand_int_range (0, 8))
    {
    case 0:
      asab_dispatcher_close (ASAB_DISPATCHER (chat));
      break;
    case 1:
      asab_async_chat_close_when_done (chat, NULL);
      break;
    case 2:
      asab_async_chat_discard_buffers (chat);
      break;
    default:
      asab_async_chat_push_text (chat, choose_line (), NULL);
    }
}

static void
use (Client         *client,
     GSocketAddress *address)
{
  if (client->chat != NULL)
    use_chat (client);
  else if (client->fd >= 0)
    use_plainly (client);
  else if (happens (2))
    connect_chat (client, address);
  else
    connect_plainly (client, address);
}

static void
leave (Client *client)
{
  if (client->chat != NULL)
    asab_dispatcher_close (client->chat);
  if (client->fd >= 0)
    close_plainly (client, FALSE);
  g_assert_null (client->chat);
}

static guint
count_descriptors (void)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;

  return n;
}

static void
run (AsabStreamServer *server,
     guint             n_rounds)
{
  g_auto(GStrv) addresses = asab_stream_server_dup_addresses (server);
  guint64 port = g_ascii_strtoull (strchr (addresses[0], ':') + 1, NULL, 10);
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", (guint) port);
  Client clients[N_CLIENTS];

  for (guint i = 0; i < N_CLIENTS; i++)
    clients[i] = (Client) { -1, NULL };
  for (guint i = 0; i < n_rounds; i++)
    {
      use (&clients[g_test_rand_int_range (0, N_CLIENTS)], address);
      g_main_context_iteration (NULL, FALSE);
    }
  for (guint i = 0; i < N_CLIENTS; i++)
    leave (&clients[i]);
}

/* Who goes on after an error may have nobody to talk to any more, so the server need not wait long. */
static void
soak (guint n_rounds)
{
  AsabChannelMap *map = asab_channel_map_dup_default ();
  AsabStreamServer *server = asab_stream_server_new_with_factory (make_talker_cb, NULL, NULL);
  g_autoptr(AsabFuture) stopped = NULL;

  g_object_set (server, "listen", "127.0.0.1 0", "stop-timeout", 0.1, NULL);
  g_assert_true (asab_stream_server_start (server, NULL));
  run (server, n_rounds);

  stopped = asab_stream_server_stop (server);
  while (!asab_future_is_done (stopped))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (asab_stream_server_get_n_connections (server), ==, 0);
  g_assert_cmpuint (asab_channel_map_get_n_channels (map), ==, 0);
  g_assert_cmpuint (n_talkers, ==, 0);
  g_assert_finalize_object (server);
  g_assert_finalize_object (map);
}

static void
test_soak (void)
{
  guint n_descriptors;

  soak (0); /* what GLib makes once */
  n_descriptors = count_descriptors ();
  soak (N_ROUNDS);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
  g_test_message ("%u clients, %u failures of handlers, %u ends", n_accepted, n_failures, n_ends);

  /* It was worth it. */
  g_assert_cmpuint (n_accepted, >, N_ROUNDS / 20);
  g_assert_cmpuint (n_failures, >, N_ROUNDS / 50);
  g_assert_cmpuint (n_ends, >, N_ROUNDS / 50);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/asab/net/soak", test_soak);

  return g_test_run ();
}
