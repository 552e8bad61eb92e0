/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A channel that writes down what happens to it. */

typedef struct
{
  AsabDispatcher parent_instance;

  GString *trace;
  gboolean is_readable;
  gboolean is_writable;
  gboolean fails;           /* handle_read does */
  gboolean closes;          /* handle_read does */
  gboolean stays;           /* after an error, and after the end */
  GSocketAddress *next;     /* (nullable): where to connect after the end */
  AsabDispatcher *accepted; /* (owned) (nullable) */
  AsabDispatcher *victim;   /* (nullable): that handle_read closes */
} Channel;

typedef struct
{
  AsabDispatcherClass parent_class;
} ChannelClass;

static GType channel_get_type (void);
G_DEFINE_FINAL_TYPE (Channel, channel, ASAB_TYPE_DISPATCHER)

static void
trace (AsabDispatcher *dispatcher,
       const char     *what)
{
  GString *text = ((Channel *) dispatcher)->trace;

  if (text->len > 0)
    g_string_append_c (text, ' ');
  g_string_append (text, what);
}

static gboolean
channel_readable (AsabDispatcher *dispatcher)
{
  return ((Channel *) dispatcher)->is_readable;
}

static gboolean
channel_writable (AsabDispatcher *dispatcher)
{
  return ((Channel *) dispatcher)->is_writable;
}

static gboolean
channel_handle_connect (AsabDispatcher  *dispatcher,
                        GError         **error G_GNUC_UNUSED)
{
  trace (dispatcher, "connect");
  g_assert_true (asab_dispatcher_is_connected (dispatcher));

  return TRUE;
}

static gboolean
channel_handle_accept (AsabDispatcher  *dispatcher,
                       GError         **error)
{
  Channel *self = (Channel *) dispatcher;
  g_autoptr(GSocketAddress) peer = NULL;
  g_autoptr(GSocket) socket = asab_dispatcher_accept (dispatcher, &peer, error);

  trace (dispatcher, "accept");
  g_assert_no_error (*error);
  g_assert_nonnull (socket);
  g_assert_nonnull (peer);
  g_assert_false (g_socket_get_blocking (socket));

  /* There is no second one, which is no error. */
  g_assert_null (asab_dispatcher_accept (dispatcher, NULL, error));
  g_assert_no_error (*error);

  g_clear_object (&self->accepted);
  self->accepted = g_object_new (channel_get_type (), "socket", socket,
                                 "map", asab_dispatcher_get_map (dispatcher), NULL);

  return TRUE;
}

static gboolean
channel_handle_read (AsabDispatcher  *dispatcher,
                     GError         **error)
{
  Channel *self = (Channel *) dispatcher;
  g_autoptr(GBytes) bytes = NULL;
  g_autofree char *text = NULL;

  if (self->victim != NULL)
    asab_dispatcher_close (self->victim);
  if (self->closes)
    {
      trace (dispatcher, "read");
      asab_dispatcher_close (dispatcher);
      return TRUE;
    }
  if (self->fails)
    {
      trace (dispatcher, "fail");
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "Bad data");
      return FALSE;
    }

  bytes = asab_dispatcher_recv_bytes (dispatcher, 100, error);
  if (bytes == NULL)
    return FALSE;

  text = g_strdup_printf ("read[%.*s]", (int) g_bytes_get_size (bytes), (char *) g_bytes_get_data (bytes, NULL));
  trace (dispatcher, text);

  return TRUE;
}

static gboolean
channel_handle_write (AsabDispatcher  *dispatcher,
                      GError         **error G_GNUC_UNUSED)
{
  trace (dispatcher, "write");
  ((Channel *) dispatcher)->is_writable = FALSE;
  asab_dispatcher_update_interest (dispatcher);

  return TRUE;
}

static gboolean
channel_handle_exception (AsabDispatcher  *dispatcher,
                          GError         **error G_GNUC_UNUSED)
{
  char byte;

  recv (g_socket_get_fd (asab_dispatcher_get_socket (dispatcher)), &byte, 1, MSG_OOB);
  trace (dispatcher, "exception");

  return TRUE;
}

static void
channel_handle_close (AsabDispatcher *dispatcher)
{
  trace (dispatcher, "close");
  if (!((Channel *) dispatcher)->stays)
    ASAB_DISPATCHER_CLASS (channel_parent_class)->handle_close (dispatcher);
  if (((Channel *) dispatcher)->next != NULL)
    {
      g_assert_true (asab_dispatcher_create_socket (dispatcher, G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, NULL));
      g_assert_true (asab_dispatcher_connect_to (dispatcher, ((Channel *) dispatcher)->next, NULL));
    }
}

static void
channel_handle_error (AsabDispatcher *dispatcher,
                      const GError   *error)
{
  g_autofree char *text = g_strdup_printf ("error %d", error->code);

  g_assert_true (error->domain == G_IO_ERROR);
  trace (dispatcher, text);
  if (!((Channel *) dispatcher)->stays)
    asab_dispatcher_close (dispatcher);
}

static void
channel_finalize (GObject *object)
{
  Channel *self = (Channel *) object;

  if (self->accepted != NULL)
    asab_dispatcher_close (self->accepted);
  g_clear_object (&self->accepted);
  g_string_free (self->trace, TRUE);

  G_OBJECT_CLASS (channel_parent_class)->finalize (object);
}

static void
channel_class_init (ChannelClass *klass)
{
  AsabDispatcherClass *dispatcher_class = ASAB_DISPATCHER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = channel_finalize;
  dispatcher_class->readable = channel_readable;
  dispatcher_class->writable = channel_writable;
  dispatcher_class->handle_connect = channel_handle_connect;
  dispatcher_class->handle_accept = channel_handle_accept;
  dispatcher_class->handle_read = channel_handle_read;
  dispatcher_class->handle_write = channel_handle_write;
  dispatcher_class->handle_exception = channel_handle_exception;
  dispatcher_class->handle_close = channel_handle_close;
  dispatcher_class->handle_error = channel_handle_error;
}

static void
channel_init (Channel *self)
{
  self->trace = g_string_new (NULL);
  self->is_readable = TRUE;
}

static AsabDispatcher *
channel_new (GSocketFamily family,
             GSocketType   type)
{
  g_autoptr(GError) error = NULL;
  AsabDispatcher *self = g_object_new (channel_get_type (), NULL);

  g_assert_true (asab_dispatcher_is_closed (self));
  g_assert_true (asab_dispatcher_create_socket (self, family, type, &error));
  g_assert_no_error (error);

  return self;
}

static AsabDispatcher *
channel_new_for_fd (int fd)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocket) socket = g_socket_new_from_fd (fd, &error);

  g_assert_no_error (error);

  return g_object_new (channel_get_type (), "socket", socket, NULL);
}

/* Closes and frees it. */
static void
drop (AsabDispatcher *self)
{
  asab_dispatcher_close (self);
  g_assert_finalize_object (self);
}

static void
run (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
assert_trace (AsabDispatcher *self,
              const char     *expected)
{
  GString *text = ((Channel *) self)->trace;

  g_assert_cmpstr (text->str, ==, expected);
  g_string_truncate (text, 0);
}

static void
run_until_trace (AsabDispatcher *self,
                 const char     *expected)
{
  while (strlen (((Channel *) self)->trace->str) < strlen (expected))
    g_main_context_iteration (NULL, TRUE);
  assert_trace (self, expected);
}

static AsabDispatcher *
new_listener (GSocketAddress *address)
{
  g_autoptr(GError) error = NULL;
  AsabDispatcher *self = channel_new (g_socket_address_get_family (address), G_SOCKET_TYPE_STREAM);

  asab_dispatcher_set_reuse_addr (self);
  g_assert_true (asab_dispatcher_bind (self, address, &error));
  g_assert_no_error (error);
  g_assert_true (asab_dispatcher_listen (self, 5, &error));
  g_assert_no_error (error);
  g_assert_true (asab_dispatcher_is_accepting (self));

  return self;
}

static void
check_connection (GSocketAddress *address)
{
  g_autoptr(GError) error = NULL;
  AsabDispatcher *listener = new_listener (address);
  AsabDispatcher *client = channel_new (g_socket_address_get_family (address), G_SOCKET_TYPE_STREAM);
  AsabDispatcher *server;
  g_autofree char *description = NULL;

  ((Channel *) client)->is_writable = TRUE;
  run ();
  assert_trace (client, "");
  g_assert_true (asab_dispatcher_connect_to (client, asab_dispatcher_get_address (listener), &error));
  g_assert_no_error (error);
  g_assert_false (asab_dispatcher_is_connected (client));
  assert_trace (client, "");

  run_until_trace (client, "connect write");
  run_until_trace (listener, "accept");
  server = ((Channel *) listener)->accepted;
  g_assert_true (asab_dispatcher_is_connected (server));
  g_assert_cmpuint (asab_channel_map_get_n_channels (asab_dispatcher_get_map (client)), ==, 3);

  g_assert_cmpint (asab_dispatcher_send (client, (const guint8 *) "hello", 5, &error), ==, 5);
  run_until_trace (server, "read[hello]");

  description = asab_dispatcher_describe (client);
  g_assert_nonnull (strstr (description, "Channel, connected, "));

  /* The end is told once, and nothing comes after it. */
  asab_dispatcher_close (client);
  run_until_trace (server, "close read[]");
  run ();
  assert_trace (server, "");
  assert_trace (client, "");

  drop (client);
  drop (listener);
}

/* To be asked twice is to be in the map's list once, so that nothing of a channel is left when it is closed. */
static void
test_update_interest_in_handler (void)
{
  int fds[2];
  AsabDispatcher *self;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  self = channel_new_for_fd (fds[0]);
  ((Channel *) self)->is_writable = TRUE;
  while (((Channel *) self)->trace->len == 0)
    g_main_context_iteration (NULL, TRUE);
  assert_trace (self, "write");
  asab_dispatcher_update_interest (self);

  drop (self);
  close (fds[1]);
}

static void
test_ipv4 (void)
{
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", 0);

  check_connection (address);
}

static void
test_ipv6 (void)
{
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string ("::1", 0);

  check_connection (address);
}

static void
test_unix (void)
{
  g_autofree char *folder = g_dir_make_tmp ("asab-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "socket", NULL);
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);

  check_connection (address);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_datagram (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  AsabDispatcher *receiver = channel_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM);
  AsabDispatcher *sender = channel_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM);

  g_assert_true (asab_dispatcher_bind (receiver, address, &error));
  g_socket_send_to (asab_dispatcher_get_socket (sender), asab_dispatcher_get_address (receiver), "x", 1, NULL, &error);
  g_assert_no_error (error);
  run_until_trace (receiver, "read[x]");

  drop (sender);
  drop (receiver);
}

/* A handler that does not close the channel is told once, and never that there is a connection. */
static void
test_refused (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr(GSocketAddress) address = NULL;
  AsabDispatcher *bound = channel_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM);
  AsabDispatcher *client = channel_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM);
  g_autofree char *expected = g_strdup_printf ("error %d", G_IO_ERROR_CONNECTION_REFUSED);

  /* Bound, but nobody listens. */
  g_assert_true (asab_dispatcher_bind (bound, any, &error));
  address = g_object_ref (asab_dispatcher_get_address (bound));

  ((Channel *) client)->stays = TRUE;
  g_assert_true (asab_dispatcher_connect_to (client, address, &error));
  g_assert_no_error (error);
  run_until_trace (client, expected);
  run ();
  assert_trace (client, "");
  g_assert_false (asab_dispatcher_is_connected (client));
  drop (client);

  client = channel_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM);
  g_assert_true (asab_dispatcher_connect_to (client, address, &error));
  g_assert_no_error (error);
  run_until_trace (client, expected);
  g_assert_true (asab_dispatcher_is_closed (client));
  drop (client);
  drop (bound);
}

static void
test_address_in_use (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  AsabDispatcher *listener = new_listener (any);
  AsabDispatcher *other = channel_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM);

  g_assert_false (asab_dispatcher_bind (other, asab_dispatcher_get_address (listener), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_nonnull (strstr (error->message, "127.0.0.1"));
  g_clear_error (&error);

  g_assert_false (asab_dispatcher_listen (other, 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);

  drop (other);
  drop (listener);
}

/* An address whose last connection is still in the system's memory can be had again by asking for it. */
static void
test_reuse_address (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr(GSocketAddress) address = NULL;
  AsabDispatcher *listener = new_listener (any);
  AsabDispatcher *client = channel_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM);
  AsabDispatcher *other;

  address = g_object_ref (asab_dispatcher_get_address (listener));
  g_assert_true (asab_dispatcher_connect_to (client, address, &error));
  run_until_trace (listener, "accept");
  asab_dispatcher_close (((Channel *) listener)->accepted); /* the side that closes first waits */
  run ();
  drop (client);
  drop (listener);

  other = channel_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM);
  g_assert_false (asab_dispatcher_bind (other, address, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_clear_error (&error);
  asab_dispatcher_set_reuse_addr (other);
  g_assert_true (asab_dispatcher_bind (other, address, &error));
  g_assert_no_error (error);
  drop (other);
}

/* Who has broken the connection before it is accepted is nobody. */
static void
test_reset_early (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr(GSocketAddress) peer = NULL;
  AsabDispatcher *listener = new_listener (any);
  g_autoptr(GSocket) client = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  g_assert_true (g_socket_connect (client, asab_dispatcher_get_address (listener), NULL, &error));
  setsockopt (g_socket_get_fd (client), SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  g_assert_true (g_socket_close (client, NULL));
  g_assert_null (asab_dispatcher_accept (listener, &peer, &error));
  g_assert_no_error (error);
  g_assert_null (peer);
  drop (listener);
}

static void
test_default_interest (void)
{
  AsabDispatcher *channel = asab_dispatcher_new (NULL, NULL);

  g_assert_true (ASAB_DISPATCHER_GET_CLASS (channel)->readable (channel));
  g_assert_true (ASAB_DISPATCHER_GET_CLASS (channel)->writable (channel));
  g_assert_null (asab_dispatcher_get_socket (channel));
  g_assert_finalize_object (channel);
}

/* The rest needs no addresses: a channel, and the other end of its connection. */

typedef struct
{
  AsabDispatcher *channel;
  int peer;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data G_GNUC_UNUSED)
{
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), ==, 0);
  fixture->channel = channel_new_for_fd (fds[0]);
  fixture->peer = fds[1];
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  drop (fixture->channel);
  if (fixture->peer >= 0)
    close (fixture->peer);
}

static void
feed (Fixture    *fixture,
      const char *text)
{
  g_assert_cmpint (write (fixture->peer, text, strlen (text)), ==, (gssize) strlen (text));
}

static void
close_peer (Fixture *fixture)
{
  close (fixture->peer);
  fixture->peer = -1;
}

static void
test_not_readable (Fixture       *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  Channel *channel = (Channel *) fixture->channel;

  channel->is_readable = FALSE;
  feed (fixture, "abc");
  run ();
  assert_trace (fixture->channel, "");

  channel->is_readable = TRUE;
  run ();
  assert_trace (fixture->channel, ""); /* nobody said so */
  asab_dispatcher_update_interest (fixture->channel);
  run ();
  assert_trace (fixture->channel, "read[abc]");
}

static void
test_not_writable (Fixture       *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  run ();
  assert_trace (fixture->channel, "");
  ((Channel *) fixture->channel)->is_writable = TRUE;
  asab_dispatcher_update_interest (fixture->channel);
  run ();
  assert_trace (fixture->channel, "write");
}

/* What a channel is not interested in does not wake the main loop, the end of the connection neither. */
static void
test_not_interested (Fixture       *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  ((Channel *) fixture->channel)->is_readable = FALSE;
  run ();
  feed (fixture, "tail");
  close_peer (fixture);
  g_assert_false (g_main_context_iteration (NULL, FALSE));
  assert_trace (fixture->channel, "");

  ((Channel *) fixture->channel)->is_readable = TRUE;
  asab_dispatcher_update_interest (fixture->channel);
  run ();
  assert_trace (fixture->channel, "read[tail] close read[]");
}

static void
test_tail (Fixture       *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  feed (fixture, "tail");
  close_peer (fixture);
  run ();
  assert_trace (fixture->channel, "read[tail] close read[]");
}

/* A handler that leaves the channel open after the end does not keep the main loop busy. */
static void
test_not_closed (Fixture       *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  ((Channel *) fixture->channel)->stays = TRUE;
  close_peer (fixture);
  run ();
  assert_trace (fixture->channel, "close read[]");
  g_assert_false (asab_dispatcher_is_closed (fixture->channel));
}

/* What happened to the old socket is not taken for something that happened to the new one. */
static void
test_reconnect (Fixture       *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GSocket) busy = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr(GPtrArray) crowd = g_ptr_array_new_with_free_func (g_object_unref);

  /* Who comes after the crowd has to wait for his connection. */
  g_socket_set_listen_backlog (busy, 1);
  g_assert_true (g_socket_bind (busy, any, TRUE, NULL));
  g_assert_true (g_socket_listen (busy, NULL));
  address = g_socket_get_local_address (busy, NULL);
  for (guint i = 0; i < 4; i++)
    {
      GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);

      g_ptr_array_add (crowd, socket);
      g_socket_set_blocking (socket, FALSE);
      g_socket_connect (socket, address, NULL, NULL);
    }

  ((Channel *) fixture->channel)->next = address;
  close_peer (fixture);
  run ();
  assert_trace (fixture->channel, "close read[]");
  g_assert_false (asab_dispatcher_is_connected (fixture->channel));
}

static void
test_close_in_handler (Fixture       *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  ((Channel *) fixture->channel)->is_writable = TRUE;
  ((Channel *) fixture->channel)->closes = TRUE;
  feed (fixture, "x");
  run ();
  assert_trace (fixture->channel, "read");
}

static void
test_failing_handler (Fixture       *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *expected = g_strdup_printf ("fail error %d", G_IO_ERROR_INVALID_DATA);

  ((Channel *) fixture->channel)->fails = TRUE;
  feed (fixture, "x");
  run ();
  assert_trace (fixture->channel, expected);
  g_assert_true (asab_dispatcher_is_closed (fixture->channel));
}

static void
test_default_error (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "It broke");
  g_autoptr(GSocket) socket = NULL;
  AsabDispatcher *channel;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  socket = g_socket_new_from_fd (fds[0], NULL);
  channel = asab_dispatcher_new (socket, NULL);
  ASAB_DISPATCHER_GET_CLASS (channel)->handle_error (channel, error);
  async_assert_log (fixture, "*AsabDispatcher, connected, *: It broke*");
  g_assert_true (asab_dispatcher_is_closed (channel));
  g_clear_object (&socket);
  g_assert_finalize_object (channel);
  close (fds[1]);
}

static void
test_closed (Fixture       *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = NULL;
  guint8 byte = 'x';

  asab_dispatcher_close (fixture->channel);
  asab_dispatcher_close (fixture->channel);
  g_assert_cmpint (asab_dispatcher_send (fixture->channel, &byte, 1, &error), ==, -1);
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_cmpint (asab_dispatcher_recv (fixture->channel, &byte, 1, &error), ==, -1);
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_null (asab_dispatcher_accept (fixture->channel, NULL, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED);
  run ();
  assert_trace (fixture->channel, "");
}

static void
test_second_socket (Fixture       *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (asab_dispatcher_create_socket (fixture->channel, G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_EXISTS);

  asab_dispatcher_close (fixture->channel);
  g_clear_error (&error);
  g_assert_true (asab_dispatcher_create_socket (fixture->channel, G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, &error));
  g_assert_no_error (error);
}

static void
test_would_block (Fixture       *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = NULL;
  guint8 bytes[65536] = { 0 };

  g_assert_cmpint (asab_dispatcher_recv (fixture->channel, bytes, 1, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_clear_error (&error);
  while (asab_dispatcher_send (fixture->channel, bytes, sizeof bytes, &error) > 0)
    ;
  g_assert_no_error (error);
  g_assert_false (asab_dispatcher_is_closed (fixture->channel));
}

/* A channel that another one closes is not called any more, though it is ready, too. */
static void
test_victim (Fixture       *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  Fixture other;

  set_up (&other, NULL);
  ((Channel *) fixture->channel)->victim = other.channel;
  ((Channel *) other.channel)->victim = fixture->channel;
  feed (fixture, "a");
  feed (&other, "b");
  run ();
  g_assert_true (asab_dispatcher_is_closed (fixture->channel) != asab_dispatcher_is_closed (other.channel));
  g_assert_cmpuint (((Channel *) fixture->channel)->trace->len + ((Channel *) other.channel)->trace->len, ==,
                    strlen ("read[a]"));
  tear_down (&other, NULL);
}

static void
test_urgent (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  AsabDispatcher *listener = new_listener (any);
  AsabDispatcher *client = channel_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM);

  g_assert_true (asab_dispatcher_connect_to (client, asab_dispatcher_get_address (listener), &error));
  run_until_trace (client, "connect");
  run_until_trace (listener, "accept");
  g_assert_cmpint (send (g_socket_get_fd (asab_dispatcher_get_socket (client)), "!", 1, MSG_OOB), ==, 1);
  run_until_trace (((Channel *) listener)->accepted, "exception");
  drop (client);
  drop (listener);
}

/* An open channel lives as long as it is open; the map goes with the last one. */
static void
test_references (void)
{
  AsabChannelMap *map = asab_channel_map_dup_default ();
  Fixture fixture;
  AsabDispatcher *channel;

  set_up (&fixture, NULL);
  channel = fixture.channel;
  g_assert_true (asab_dispatcher_get_map (channel) == map);
  g_object_add_weak_pointer (G_OBJECT (channel), (gpointer *) &channel);
  g_object_unref (channel);
  run ();
  g_assert_nonnull (channel);
  close_peer (&fixture);
  run ();
  g_assert_null (channel);
  g_assert_cmpuint (asab_channel_map_get_n_channels (map), ==, 0);
  g_assert_finalize_object (map);
}

static void
test_close_all (void)
{
  AsabChannelMap *map = asab_channel_map_dup_default ();
  Fixture fixtures[3];
  g_autoptr(GPtrArray) channels = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (fixtures); i++)
    set_up (&fixtures[i], NULL);
  channels = asab_channel_map_dup_channels (map);
  g_assert_cmpuint (channels->len, ==, 3);
  g_assert_true (g_ptr_array_index (channels, 2) == fixtures[2].channel);
  g_clear_pointer (&channels, g_ptr_array_unref);

  asab_channel_map_close_all (map);
  g_assert_cmpuint (asab_channel_map_get_n_channels (map), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (fixtures); i++)
    {
      assert_trace (fixtures[i].channel, "");
      tear_down (&fixtures[i], NULL);
    }
  g_assert_finalize_object (map);
}

static void
add_tests (void)
{
  g_test_add_func ("/asab/dispatcher/ipv4", test_ipv4);
  g_test_add_func ("/asab/dispatcher/ipv6", test_ipv6);
  g_test_add_func ("/asab/dispatcher/unix", test_unix);
  g_test_add_func ("/asab/dispatcher/update-interest-in-handler", test_update_interest_in_handler);
  g_test_add_func ("/asab/dispatcher/datagram", test_datagram);
  g_test_add_func ("/asab/dispatcher/refused", test_refused);
  g_test_add_func ("/asab/dispatcher/address-in-use", test_address_in_use);
  g_test_add_func ("/asab/dispatcher/reuse-address", test_reuse_address);
  g_test_add_func ("/asab/dispatcher/reset-early", test_reset_early);
  g_test_add_func ("/asab/dispatcher/default-interest", test_default_interest);
#define ADD(name, test) g_test_add ("/asab/dispatcher/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("not-readable", test_not_readable);
  ADD ("not-writable", test_not_writable);
  ADD ("not-interested", test_not_interested);
  ADD ("tail", test_tail);
  ADD ("not-closed", test_not_closed);
  ADD ("reconnect", test_reconnect);
  ADD ("close-in-handler", test_close_in_handler);
  ADD ("failing-handler", test_failing_handler);
  async_test_add ("/asab/dispatcher/default-error", test_default_error);
  ADD ("closed", test_closed);
  ADD ("second-socket", test_second_socket);
  ADD ("would-block", test_would_block);
  ADD ("victim", test_victim);
#undef ADD
  g_test_add_func ("/asab/dispatcher/urgent", test_urgent);
  g_test_add_func ("/asab/dispatcher/references", test_references);
  g_test_add_func ("/asab/dispatcher/close-all", test_close_all);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
