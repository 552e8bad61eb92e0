/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "handler-actor.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

Scene scene;

/* Does the deed, once. Returns what the handler is to return. */
static gboolean
act (gpointer   actor,
     Event      event,
     GError   **error)
{
  AsabChannelMap *map = asab_dispatcher_get_map (actor);

  g_assert_false (asab_dispatcher_is_closed (actor));
  if (actor != scene.actor || event != scene.is.event || scene.is_done)
    return TRUE;

  scene.is_done = TRUE;
  switch (scene.is.deed)
    {
    case DEED_FAIL:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "It broke");
      return FALSE;
    case DEED_FAIL_SILENTLY:
      return FALSE;
    case DEED_CLOSE:
      asab_dispatcher_close (actor);
      break;
    case DEED_CLOSE_OTHER:
      asab_dispatcher_close (scene.other);
      break;
    case DEED_CLOSE_ALL:
      asab_channel_map_close_all (map);
      break;
    case DEED_CLOSE_WHEN_DONE:
      asab_async_chat_close_when_done (actor, NULL);
      break;
    case DEED_DISCARD:
      asab_async_chat_discard_buffers (actor);
      break;
    case DEED_PUSH:
      asab_async_chat_push_text (actor, "pushed", NULL);
      break;
    case DEED_ADD:
      scene.added = actor_add (&scene.added_peer);
      g_object_add_weak_pointer (scene.added, &scene.added);
      actor_feed (scene.added_peer, "line\n");
      break;
    case DEED_RUN_LOOP:
      g_assert_true (asab_loop (0, map, NULL, 3, NULL));
      break;
    case DEED_EXIT:
      g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_EXIT_NOW, "Enough");
      return FALSE;
    case DEED_NOTHING:
    case N_DEEDS:
    default:
      break;
    }

  return TRUE;
}

/* A conversation that acts in each of its handlers, and then does what it does anyway. */

typedef struct
{
  AsabAsyncChatClass parent_class;
} ActorClass;

G_DEFINE_FINAL_TYPE (Actor, actor, ASAB_TYPE_ASYNC_CHAT)

static gboolean
is_open (AsabDispatcher *dispatcher)
{
  return !asab_dispatcher_is_closed (dispatcher);
}

static gboolean
actor_handle_connect (AsabDispatcher  *dispatcher,
                      GError         **error)
{
  return act (dispatcher, scene.is.event == EVENT_WELCOME ? EVENT_WELCOME : EVENT_CONNECT, error);
}

static gboolean
actor_handle_accept (AsabDispatcher  *dispatcher,
                     GError         **error)
{
  return act (dispatcher, EVENT_ACCEPT, error) &&
         (!is_open (dispatcher) || ASAB_DISPATCHER_CLASS (actor_parent_class)->handle_accept (dispatcher, error));
}

static gboolean
actor_handle_read (AsabDispatcher  *dispatcher,
                   GError         **error)
{
  if (!act (dispatcher, EVENT_READ, error))
    return FALSE;
  if (dispatcher == scene.actor && scene.is.event == EVENT_ERROR && !scene.is_done)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "It broke");
      return FALSE;
    }

  return !is_open (dispatcher) || ASAB_DISPATCHER_CLASS (actor_parent_class)->handle_read (dispatcher, error);
}

static gboolean
actor_writable (AsabDispatcher *dispatcher)
{
  return (dispatcher == scene.actor && scene.is.event == EVENT_WRITE && !scene.is_done) ||
         ASAB_DISPATCHER_CLASS (actor_parent_class)->writable (dispatcher);
}

static gboolean
actor_handle_write (AsabDispatcher  *dispatcher,
                    GError         **error)
{
  return act (dispatcher, EVENT_WRITE, error) &&
         (!is_open (dispatcher) || ASAB_DISPATCHER_CLASS (actor_parent_class)->handle_write (dispatcher, error));
}

static gboolean
actor_handle_exception (AsabDispatcher  *dispatcher,
                        GError         **error)
{
  char byte;

  recv (g_socket_get_fd (asab_dispatcher_get_socket (dispatcher)), &byte, 1, MSG_OOB);

  return act (dispatcher, EVENT_EXCEPTION, error);
}

static void
actor_handle_close (AsabDispatcher *dispatcher)
{
  if (dispatcher == scene.actor)
    scene.n_closes++;
  act (dispatcher, EVENT_CLOSE, NULL);
  ASAB_DISPATCHER_CLASS (actor_parent_class)->handle_close (dispatcher);
}

static void
actor_handle_error (AsabDispatcher *dispatcher,
                    const GError   *error)
{
  g_assert_true (dispatcher == scene.actor);
  scene.n_errors++;
  g_clear_error (&scene.error);
  scene.error = g_error_copy (error);
  act (dispatcher, EVENT_ERROR, NULL);
  asab_dispatcher_close (dispatcher);
}

static gboolean
actor_pull (AsabAsyncChat  *chat,
            GBytes         *data,
            GError        **error)
{
  ((Actor *) chat)->n_received += (guint) g_bytes_get_size (data);

  return act (chat, EVENT_PULL, error) && ASAB_ASYNC_CHAT_CLASS (actor_parent_class)->pull (chat, data, error);
}

static gboolean
actor_found_terminator (AsabAsyncChat  *chat,
                        GError        **error)
{
  g_autoptr(GBytes) record G_GNUC_UNUSED = asab_async_chat_take_inbox (chat);

  return act (chat, EVENT_FOUND_TERMINATOR, error);
}

static void
actor_class_init (ActorClass *klass)
{
  AsabDispatcherClass *dispatcher_class = ASAB_DISPATCHER_CLASS (klass);
  AsabAsyncChatClass *chat_class = ASAB_ASYNC_CHAT_CLASS (klass);

  dispatcher_class->writable = actor_writable;
  dispatcher_class->handle_connect = actor_handle_connect;
  dispatcher_class->handle_accept = actor_handle_accept;
  dispatcher_class->handle_read = actor_handle_read;
  dispatcher_class->handle_write = actor_handle_write;
  dispatcher_class->handle_exception = actor_handle_exception;
  dispatcher_class->handle_close = actor_handle_close;
  dispatcher_class->handle_error = actor_handle_error;
  chat_class->pull = actor_pull;
  chat_class->found_terminator = actor_found_terminator;
}

static void
actor_init (Actor *self)
{
  asab_async_chat_set_terminator (ASAB_ASYNC_CHAT (self), "\n");
}

/* Gives one block, and acts for the conversation that sends it. */

typedef struct
{
  GObject parent_instance;

  gboolean is_at_end;
} Blocks;

typedef struct
{
  GObjectClass parent_class;
} BlocksClass;

static GBytes *
blocks_more (AsabProducer  *producer,
             GError       **error)
{
  Blocks *self = (Blocks *) producer;

  if (self->is_at_end || !act (scene.actor, EVENT_MORE, error))
    return NULL;
  self->is_at_end = TRUE;

  return g_bytes_new_static ("block", strlen ("block"));
}

static void
blocks_iface_init (AsabProducerInterface *iface)
{
  iface->more = blocks_more;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (Blocks, blocks, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (ASAB_TYPE_PRODUCER, blocks_iface_init))

static void
blocks_class_init (BlocksClass *klass G_GNUC_UNUSED)
{
}

static void
blocks_init (Blocks *self G_GNUC_UNUSED)
{
}

/* Channels that only their map holds, and their peers */

int
actor_listen_as_peer (struct sockaddr_in *address)
{
  socklen_t size = sizeof *address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  *address = (struct sockaddr_in) { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  g_assert_cmpint (bind (fd, (struct sockaddr *) address, size), ==, 0);
  g_assert_cmpint (listen (fd, 1), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) address, &size), ==, 0);

  return fd;
}

/* Connects to a channel that listens, or will: the system's backlog takes it. */
int
actor_connect_as_peer (const struct sockaddr_in *address)
{
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (connect (fd, (const struct sockaddr *) address, sizeof *address), ==, 0);

  return fd;
}

void
actor_feed (int         peer,
            const char *text)
{
  g_assert_cmpint (write (peer, text, strlen (text)), ==, (gssize) strlen (text));
}

/* A channel with a connection whose other end is put into @peer. */
gpointer
actor_add (int *peer)
{
  g_autoptr(GSocket) socket = NULL;
  struct sockaddr_in address;
  int listener = actor_listen_as_peer (&address);
  gpointer channel;

  *peer = actor_connect_as_peer (&address);
  socket = g_socket_new_from_fd (accept (listener, NULL, NULL), NULL);
  close (listener);
  channel = g_object_new (actor_get_type (), "socket", socket, NULL);
  g_object_unref (channel); /* the map has it */

  return channel;
}
