/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Servers that send back what they receive, and the load for them; net.py starts one and the other.
 *
 *   bench-net asab | epoll | uv | gio               serves at a free port, which is printed
 *   bench-net load PORT CONNECTIONS ACTIVE SECONDS  prints round trips a second, 64 bytes each
 *   bench-net idle PORT CONNECTIONS                 connects, prints a line, and waits
 */

#include <asab-glib/asab.h>

#include <errno.h>
#include <glib/gprintf.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#define MESSAGE_SIZE 64
#define BACKLOG 4096

static void
print_port (guint port)
{
  g_printf ("%u\n", port);
  fflush (stdout);
}

static void
set_no_delay (int fd)
{
  int one = 1;

  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

/* Ours */

typedef struct
{
  AsabAsyncChat parent_instance;
} Echo;

typedef struct
{
  AsabAsyncChatClass parent_class;
} EchoClass;

static GType echo_get_type (void);
G_DEFINE_FINAL_TYPE (Echo, echo, ASAB_TYPE_ASYNC_CHAT)

static gboolean
echo_found_terminator (AsabAsyncChat  *chat,
                       GError        **error)
{
  g_autoptr(GBytes) record = asab_async_chat_take_inbox (chat);

  return asab_async_chat_push_bytes (chat, record, error);
}

static void
echo_class_init (EchoClass *klass)
{
  ASAB_ASYNC_CHAT_CLASS (klass)->found_terminator = echo_found_terminator;
}

static void
echo_init (Echo *self)
{
  asab_async_chat_set_terminator_length (ASAB_ASYNC_CHAT (self), MESSAGE_SIZE);
}

typedef struct
{
  AsabDispatcher parent_instance;
} PlainEcho;

typedef struct
{
  AsabDispatcherClass parent_class;
} PlainEchoClass;

static GType plain_echo_get_type (void);
G_DEFINE_FINAL_TYPE (PlainEcho, plain_echo, ASAB_TYPE_DISPATCHER)

static gboolean
plain_echo_writable (AsabDispatcher *channel G_GNUC_UNUSED)
{
  return FALSE;
}

static gboolean
plain_echo_handle_read (AsabDispatcher  *channel,
                        GError         **error)
{
  guint8 buffer[4096];
  gssize size = asab_dispatcher_recv (channel, buffer, sizeof buffer, error);

  return size == 0 || (size > 0 && asab_dispatcher_send (channel, buffer, (gsize) size, error) == size);
}

static void
plain_echo_class_init (PlainEchoClass *klass)
{
  ASAB_DISPATCHER_CLASS (klass)->writable = plain_echo_writable;
  ASAB_DISPATCHER_CLASS (klass)->handle_read = plain_echo_handle_read;
}

static void
plain_echo_init (PlainEcho *self G_GNUC_UNUSED)
{
}

static void
serve_asab (GType protocol)
{
  AsabStreamServer *server = asab_stream_server_new (protocol);
  g_auto(GStrv) addresses = NULL;
  g_autoptr(GError) error = NULL;

  g_object_set (server, "listen", "127.0.0.1 0", "backlog", BACKLOG, NULL);
  if (!asab_stream_server_start (server, &error))
    g_error ("%s", error->message);
  addresses = asab_stream_server_dup_addresses (server);
  print_port ((guint) atoi (strchr (addresses[0], ':') + 1));
  g_main_loop_run (g_main_loop_new (NULL, FALSE));
}

static void
serve_chat (void)
{
  serve_asab (echo_get_type ());
}

static void
serve_dispatcher (void)
{
  serve_asab (plain_echo_get_type ());
}

/* Nothing but the kernel */

static int
listen_at_any_port (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

  if (bind (fd, (struct sockaddr *) &address, size) != 0 || listen (fd, BACKLOG) != 0 ||
      getsockname (fd, (struct sockaddr *) &address, &size) != 0)
    g_error ("%s", g_strerror (errno));
  print_port (ntohs (address.sin_port));

  return fd;
}

static void
add_to_epoll (int epoll_fd,
              int fd)
{
  struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

  epoll_ctl (epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void
serve_epoll (void)
{
  struct epoll_event events[256];
  char buffer[4096];
  int listener = listen_at_any_port ();
  int epoll_fd = epoll_create1 (0);

  add_to_epoll (epoll_fd, listener);
  for (;;)
    {
      int n_events = epoll_wait (epoll_fd, events, G_N_ELEMENTS (events), -1);

      for (int i = 0; i < n_events; i++)
        {
          int fd = events[i].data.fd;
          gssize size;

          if (fd == listener)
            {
              fd = accept4 (listener, NULL, NULL, SOCK_NONBLOCK);
              set_no_delay (fd);
              add_to_epoll (epoll_fd, fd);
              continue;
            }
          size = read (fd, buffer, sizeof buffer);
          if (size <= 0 || write (fd, buffer, (gsize) size) != size)
            close (fd);
        }
    }
}

/* libuv, with a buffer that all connections share while they read */

typedef struct
{
  uv_tcp_t tcp;
} Connection;

static char uv_buffer[65536];

static void
lend_buffer_cb (uv_handle_t *handle G_GNUC_UNUSED,
                size_t       size G_GNUC_UNUSED,
                uv_buf_t    *buffer)
{
  *buffer = uv_buf_init (uv_buffer, sizeof uv_buffer);
}

static void
free_cb (uv_handle_t *handle)
{
  g_free (handle);
}

/* The socket nearly always takes it at once; what it does not would go to a request. */
static void
echo_cb (uv_stream_t    *stream,
         gssize          size,
         const uv_buf_t *buffer)
{
  uv_buf_t answer = uv_buf_init (buffer->base, (guint) MAX (size, 0));

  if (size < 0 || (size > 0 && uv_try_write (stream, &answer, 1) != size))
    uv_close ((uv_handle_t *) stream, free_cb);
}

static void
accept_cb (uv_stream_t *listener,
           int          status G_GNUC_UNUSED)
{
  Connection *connection = g_new (Connection, 1);

  uv_tcp_init (listener->loop, &connection->tcp);
  uv_accept (listener, (uv_stream_t *) &connection->tcp);
  uv_tcp_nodelay (&connection->tcp, 1);
  uv_read_start ((uv_stream_t *) &connection->tcp, lend_buffer_cb, echo_cb);
}

static void
serve_uv (void)
{
  uv_tcp_t listener;
  struct sockaddr_in address;
  int size = sizeof address;

  uv_ip4_addr ("127.0.0.1", 0, &address);
  uv_tcp_init (uv_default_loop (), &listener);
  uv_tcp_bind (&listener, (struct sockaddr *) &address, 0);
  uv_listen ((uv_stream_t *) &listener, BACKLOG, accept_cb);
  uv_tcp_getsockname (&listener, (struct sockaddr *) &address, &size);
  print_port (ntohs (address.sin_port));
  uv_run (uv_default_loop (), UV_RUN_DEFAULT);
}

/* GIO's service with reads from the stream */

typedef struct
{
  GSocketConnection *connection;
  char buffer[4096];
} Stream;

static void gio_read (Stream *stream);

static void
gio_written_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_output_stream_write_all_finish (G_OUTPUT_STREAM (object), result, NULL, NULL);
  gio_read (user_data);
}

static void
gio_read_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  Stream *stream = user_data;
  gssize size = g_input_stream_read_finish (G_INPUT_STREAM (object), result, NULL);

  if (size > 0)
    g_output_stream_write_all_async (g_io_stream_get_output_stream (G_IO_STREAM (stream->connection)), stream->buffer,
                                     (gsize) size, G_PRIORITY_DEFAULT, NULL, gio_written_cb, stream);
  else
    {
      g_object_unref (stream->connection);
      g_free (stream);
    }
}

static void
gio_read (Stream *stream)
{
  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (stream->connection)), stream->buffer,
                             sizeof stream->buffer, G_PRIORITY_DEFAULT, NULL, gio_read_cb, stream);
}

static gboolean
gio_incoming_cb (GSocketService    *service G_GNUC_UNUSED,
                 GSocketConnection *connection,
                 GObject           *source G_GNUC_UNUSED,
                 gpointer           user_data G_GNUC_UNUSED)
{
  Stream *stream = g_new (Stream, 1);

  set_no_delay (g_socket_get_fd (g_socket_connection_get_socket (connection)));
  stream->connection = g_object_ref (connection);
  gio_read (stream);

  return TRUE;
}

static void
serve_gio (void)
{
  GSocketService *service = g_socket_service_new ();
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr(GSocketAddress) address = NULL;

  g_socket_listener_set_backlog (G_SOCKET_LISTENER (service), BACKLOG);
  g_socket_listener_add_address (G_SOCKET_LISTENER (service), any, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL,
                                 &address, NULL);
  g_signal_connect (service, "incoming", G_CALLBACK (gio_incoming_cb), NULL);
  print_port (g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
  g_main_loop_run (g_main_loop_new (NULL, FALSE));
}

/* The load */

static void
exchange (int fd)
{
  char buffer[MESSAGE_SIZE] = { 0 };
  gsize n_read = 0;

  if (write (fd, buffer, sizeof buffer) != sizeof buffer)
    g_error ("%s", g_strerror (errno));
  while (n_read < sizeof buffer)
    {
      gssize size = read (fd, buffer, sizeof buffer - n_read);

      if (size <= 0)
        g_error ("The server hung up");
      n_read += (gsize) size;
    }
}

/* Connects, and exchanges a message now and then, so that the server keeps up. */
static int *
connect_all (guint port,
             guint n_connections)
{
  struct sockaddr_in address = {
    .sin_family = AF_INET,
    .sin_port = htons ((guint16) port),
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  int *fds = g_new (int, n_connections);

  for (guint i = 0; i < n_connections; i++)
    {
      fds[i] = socket (AF_INET, SOCK_STREAM, 0);
      if (connect (fds[i], (struct sockaddr *) &address, sizeof address) != 0)
        g_error ("%s", g_strerror (errno));
      set_no_delay (fds[i]);
      if (i % 64 == 63 || i == n_connections - 1)
        exchange (fds[i]);
    }

  return fds;
}

static void
load (guint  port,
      guint  n_connections,
      guint  n_active,
      double seconds)
{
  g_autofree int *fds = connect_all (port, n_connections);
  g_autofree gsize *n_received = g_new0 (gsize, n_active);
  char buffer[4096] = { 0 };
  struct epoll_event events[256];
  int epoll_fd = epoll_create1 (0);
  guint n_round_trips = 0;
  gint64 begin = g_get_monotonic_time ();
  gint64 end = begin + (gint64) (seconds * G_USEC_PER_SEC);

  for (guint i = 0; i < n_active; i++)
    {
      int fd = fds[(gsize) i * n_connections / n_active];
      struct epoll_event event = { .events = EPOLLIN, .data.u64 = ((guint64) i << 32) | (guint) fd };

      epoll_ctl (epoll_fd, EPOLL_CTL_ADD, fd, &event);
      if (write (fd, buffer, MESSAGE_SIZE) != MESSAGE_SIZE)
        g_error ("%s", g_strerror (errno));
    }

  while (g_get_monotonic_time () < end)
    {
      int n_events = epoll_wait (epoll_fd, events, G_N_ELEMENTS (events), 1000);

      for (int i = 0; i < n_events; i++)
        {
          int fd = (int) (events[i].data.u64 & G_MAXUINT32);
          gsize *n = &n_received[events[i].data.u64 >> 32];
          gssize size = read (fd, buffer, sizeof buffer);

          if (size <= 0)
            g_error ("The server hung up");
          *n += (gsize) size;
          if (*n < MESSAGE_SIZE)
            continue;
          *n = 0;
          n_round_trips++;
          if (write (fd, buffer, MESSAGE_SIZE) != MESSAGE_SIZE)
            g_error ("%s", g_strerror (errno));
        }
    }
  g_printf ("%.0f\n", n_round_trips / ((double) (g_get_monotonic_time () - begin) / G_USEC_PER_SEC));
}

static void
idle (guint port,
      guint n_connections)
{
  g_autofree int *fds = connect_all (port, n_connections);

  g_printf ("%u\n", n_connections);
  fflush (stdout);
  pause ();
}

static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

int
main (int    argc,
      char **argv)
{
  static const struct
  {
    const char *name;
    void (*serve) (void);
  } servers[] = {
    { "chat", serve_chat }, { "dispatcher", serve_dispatcher }, { "epoll", serve_epoll },
    { "gio", serve_gio }, { "uv", serve_uv },
  };
  const char *command = argc > 1 ? argv[1] : "";

  raise_descriptor_limit ();
  for (guint i = 0; i < G_N_ELEMENTS (servers); i++)
    if (g_str_equal (command, servers[i].name))
      servers[i].serve ();

  if (g_str_equal (command, "load") && argc == 6)
    load ((guint) atoi (argv[2]), (guint) atoi (argv[3]), (guint) atoi (argv[4]), g_ascii_strtod (argv[5], NULL));
  else if (g_str_equal (command, "idle") && argc == 4)
    idle ((guint) atoi (argv[2]), (guint) atoi (argv[3]));
  else
    g_error ("It is not known what to do");

  return 0;
}
