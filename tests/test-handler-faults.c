/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whatever a handler does in the middle of its event: fail, close, free itself or others, add, leave or run the loop.
 *
 * Each event is brought about for a conversation that nobody but its map holds, and each deed is done in its handler.
 * Handlers check that their channel is open; what else has to hold is checked in check_outcome().
 */

#include "handler-actor.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *event_names[] = {
  "connect", "welcome", "accept", "read", "write", "exception", "close", "error", "pull", "found-terminator", "more",
};
static const char *deed_names[] = {
  "nothing", "fail", "fail-silently", "close", "close-other", "close-all", "close-when-done", "discard", "push", "add",
  "run-loop", "exit",
};

static void
start_client (void)
{
  struct sockaddr_in native;
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(AsabDispatcher) client = g_object_new (actor_get_type (), NULL);

  scene.peer = actor_listen_as_peer (&native);
  address = g_socket_address_new_from_native (&native, sizeof native);
  scene.actor = client;
  g_assert_true (asab_dispatcher_create_socket (client, G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, NULL));
  g_assert_true (asab_dispatcher_connect_to (client, address, NULL));
}

/* What is pushed before there is a connection is made and sent when there is one. */
static void
start_sender (void)
{
  g_autoptr(AsabProducer) producer = g_object_new (blocks_get_type (), NULL);

  start_client ();
  g_assert_true (asab_async_chat_push_with_producer (scene.actor, producer, NULL));
}

static void
connect_to_listener (GSocketAddress *address)
{
  struct sockaddr_in native;

  g_assert_true (g_socket_address_to_native (address, &native, sizeof native, NULL));
  scene.peer = actor_connect_as_peer (&native);
}

static void
start_listener (void)
{
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr(AsabDispatcher) listener = g_object_new (actor_get_type (), NULL);

  scene.actor = listener;
  g_assert_true (asab_dispatcher_create_socket (listener, G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, NULL));
  g_assert_true (asab_dispatcher_bind (listener, address, NULL));
  g_assert_true (asab_dispatcher_listen (listener, 5, NULL));
  connect_to_listener (asab_dispatcher_get_address (listener));
}

static AsabDispatcher *
make_actor_cb (AsabStreamServer  *server G_GNUC_UNUSED,
               gpointer           user_data G_GNUC_UNUSED,
               GError           **error G_GNUC_UNUSED)
{
  scene.actor = g_object_new (actor_get_type (), NULL);
  g_object_add_weak_pointer (scene.actor, &scene.actor);

  return scene.actor;
}

static void
start_server (void)
{
  g_auto(GStrv) addresses = NULL;
  g_autoptr(GSocketAddress) address = NULL;
  char *port;

  scene.server = asab_stream_server_new_with_factory (make_actor_cb, NULL, NULL);
  g_object_set (scene.server, "listen", "127.0.0.1 0", NULL);
  g_assert_true (asab_stream_server_start (scene.server, NULL));
  addresses = asab_stream_server_dup_addresses (scene.server);
  port = strchr (addresses[0], ':') + 1;
  address = g_inet_socket_address_new_from_string ("127.0.0.1", (guint) g_ascii_strtoull (port, NULL, 10));
  connect_to_listener (address);
}

/* Brings the event about. */
static void
start (void)
{
  switch (scene.is.event)
    {
    case EVENT_CONNECT:
      start_client ();
      break;
    case EVENT_WELCOME:
      start_server ();
      return; /* the actor comes later */
    case EVENT_ACCEPT:
      start_listener ();
      break;
    case EVENT_MORE:
      start_sender ();
      break;
    case EVENT_EXCEPTION:
      scene.actor = actor_add (&scene.peer);
      g_assert_cmpint (send (scene.peer, "!", 1, MSG_OOB), ==, 1);
      break;
    case EVENT_CLOSE:
      scene.actor = actor_add (&scene.peer);
      shutdown (scene.peer, SHUT_WR);
      break;
    case EVENT_READ:
    case EVENT_WRITE:
    case EVENT_ERROR:
    case EVENT_PULL:
    case EVENT_FOUND_TERMINATOR:
    case N_EVENTS:
    default:
      scene.actor = actor_add (&scene.peer);
      actor_feed (scene.peer, "a\nb\nc");
    }
  g_object_add_weak_pointer (scene.actor, &scene.actor);
}

/* Until the deed is done, and all that follows from it. */
static gboolean
run (GError **error)
{
  gboolean is_fine = TRUE;

  while (!scene.is_done && is_fine)
    is_fine = asab_loop (30, NULL, NULL, 1, error);
  while (g_main_context_iteration (NULL, FALSE))
    ;

  return is_fine;
}

static gboolean
fails (void)
{
  return scene.is.deed == DEED_FAIL || (scene.is.deed == DEED_FAIL_SILENTLY && scene.is.event != EVENT_MORE);
}

static void
check_error (void)
{
  if (!fails () && scene.is.event != EVENT_ERROR)
    {
      g_assert_no_error (scene.error);
      return;
    }

  g_assert_cmpuint (scene.n_errors, ==, 1);
  if (scene.is.deed == DEED_FAIL_SILENTLY)
    g_assert_error (scene.error, ASAB_ERROR, ASAB_ERROR_CALLBACK_FAILED);
  else
    g_assert_error (scene.error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

static void
check_bystander (gpointer  channel,
                 gboolean  is_closed)
{
  if (is_closed)
    g_assert_null (channel);
  else
    g_assert_cmpuint (((Actor *) channel)->n_received, ==, strlen ("line"));
}

static void
check_outcome (void)
{
  Deed deed = scene.is.deed;
  Event event = scene.is.event;
  gboolean ends = event == EVENT_CLOSE || (event != EVENT_ERROR && deed == DEED_CLOSE_WHEN_DONE);
  gboolean is_closed = ends || fails () || event == EVENT_ERROR || deed == DEED_CLOSE || deed == DEED_CLOSE_ALL;

  check_error ();
  g_assert_true ((scene.actor == NULL) == is_closed);
  g_assert_cmpuint (scene.n_closes, ==, ends ? 1 : 0);
  check_bystander (scene.other, deed == DEED_CLOSE_OTHER || deed == DEED_CLOSE_ALL);
  if (deed == DEED_ADD)
    check_bystander (scene.added, FALSE);
}

/* Leaves nothing behind. */
static void
end (AsabChannelMap *map)
{
  asab_channel_map_close_all (map);
  if (scene.server != NULL)
    {
      g_autoptr(AsabFuture) stopped G_GNUC_UNUSED = asab_stream_server_stop (scene.server);

      g_assert_finalize_object (scene.server);
    }
  g_assert_null (scene.actor);
  g_assert_null (scene.other);
  g_assert_null (scene.added);
  g_assert_finalize_object (map);
  g_clear_error (&scene.error);
  close (scene.peer);
  close (scene.other_peer);
  if (scene.is.deed == DEED_ADD)
    close (scene.added_peer);
}

static void
test_case (gconstpointer data)
{
  AsabChannelMap *map = asab_channel_map_dup_default ();
  g_autoptr(GError) error = NULL;

  memset (&scene, 0, sizeof scene);
  scene.is = *(const Case *) data;
  start ();
  scene.other = actor_add (&scene.other_peer);
  g_object_add_weak_pointer (scene.other, &scene.other);
  actor_feed (scene.other_peer, "line\n");

  if (run (&error))
    g_assert_cmpint (scene.is.deed, !=, DEED_EXIT);
  else
    g_assert_error (error, ASAB_ERROR, ASAB_ERROR_EXIT_NOW);
  check_outcome ();
  end (map);
}

/* Whether the handler can do that at all. */
static gboolean
is_possible (Case is)
{
  if (is.event == EVENT_CLOSE || is.event == EVENT_ERROR)
    return is.deed != DEED_FAIL && is.deed != DEED_FAIL_SILENTLY && is.deed != DEED_EXIT;

  return is.event != EVENT_ACCEPT || is.deed != DEED_CLOSE_WHEN_DONE;
}

int
main (int   argc,
      char *argv[])
{
  static Case cases[N_EVENTS * N_DEEDS];

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/asab/handler-faults/%s/%s", event_names[i / N_DEEDS],
                                               deed_names[i % N_DEEDS]);

      cases[i] = (Case) { (Event) (i / N_DEEDS), (Deed) (i % N_DEEDS) };
      if (is_possible (cases[i]))
        g_test_add_data_func (path, &cases[i], test_case);
    }

  return g_test_run ();
}
