/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a conversation does with what it is to send. */

#include "chat-fixture.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Many bytes through a small pipe to a slow reader, each of them once and in order. */
static void
test_slow_reader (Fixture       *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  const gsize size = 10 * 1000 * 1000;
  g_autofree guint8 *bytes = g_malloc (size);
  int small = 4096;
  gsize n_read = 0;
  guint8 buffer[1000];

  setsockopt (g_socket_get_fd (asab_dispatcher_get_socket (ASAB_DISPATCHER (fixture->chat))), SOL_SOCKET, SO_SNDBUF,
              &small, sizeof small);
  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (i % 251);
  for (gsize i = 0; i < size; i += 100000)
    g_assert_true (asab_async_chat_push (fixture->chat, bytes + i, 100000, NULL));

  while (n_read < size)
    {
      gssize n = read (fixture->peer, buffer, sizeof buffer);

      if (n < 0)
        {
          g_assert_cmpint (errno, ==, EAGAIN);
          run ();
          continue;
        }
      g_assert_cmpmem (buffer, n, bytes + n_read, n);
      n_read += (gsize) n;
    }
  g_assert_cmpuint (asab_async_chat_get_outbox_size (fixture->chat), ==, 0);
}

/* Who does not read his answers is not read either. */
static void
test_back_pressure (Fixture       *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *block = g_strnfill (1000000, 'x');
  g_autofree char *got = NULL;

  asab_async_chat_set_terminator (fixture->chat, "\n");
  push (fixture, block);
  feed (fixture, "question\n");
  assert_trace (fixture, "");

  got = drain (fixture);
  g_assert_cmpuint (strlen (got), ==, 1000000);
  run ();
  assert_trace (fixture, "[question]");
}

static void
test_full_outbox (Fixture       *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *block = g_strnfill (1000000, 'x');
  g_autofree char *got = NULL;
  gsize size;

  g_object_set (fixture->chat, "max-outbox-size", (guint64) 1000000, NULL);
  push (fixture, block);
  size = asab_async_chat_get_outbox_size (fixture->chat);
  g_assert_false (asab_async_chat_push_text (fixture->chat, block, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NO_RESOURCES);
  g_assert_cmpuint (asab_async_chat_get_outbox_size (fixture->chat), ==, size);

  got = drain (fixture);
  g_assert_cmpuint (strlen (got), ==, 1000000);
}

static void
test_close_when_done (Fixture       *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *block = g_strnfill (1000000, 'x');
  g_autofree char *got = NULL;

  push (fixture, block);
  g_assert_true (asab_async_chat_close_when_done (fixture->chat, &error));
  g_assert_no_error (error);
  g_assert_false (asab_async_chat_push_text (fixture->chat, "y", &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED);
  assert_trace (fixture, "");

  got = drain (fixture);
  g_assert_cmpuint (strlen (got), ==, 1000000);
  g_assert_true (is_end_for_peer (fixture));
  assert_trace (fixture, " closed");
}

/* With nothing to send it is closed later all the same, never inside of the call. */
static void
test_close_when_idle (Fixture       *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  g_assert_true (asab_async_chat_close_when_done (fixture->chat, NULL));
  assert_trace (fixture, "");
  run ();
  assert_trace (fixture, " closed");
  g_assert_true (is_end_for_peer (fixture));
}

/* Gives three blocks. */

typedef struct
{
  GObject parent_instance;

  guint n_given;
  gboolean fails;
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
  g_autofree char *text = NULL;

  if (self->fails)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "No more");
      return NULL;
    }
  if (self->n_given == 3)
    return NULL;

  text = g_strdup_printf ("<%u>", ++self->n_given);

  return g_bytes_new (text, strlen (text));
}

static void
blocks_iface_init (AsabProducerInterface *iface)
{
  iface->more = blocks_more;
}

static GType blocks_get_type (void);
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

static void
test_producer (Fixture       *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  AsabProducer *producer = g_object_new (blocks_get_type (), NULL);

  push (fixture, "a");
  g_assert_true (asab_async_chat_push_with_producer (fixture->chat, producer, NULL));
  push (fixture, "z");
  assert_peer_got (fixture, "a<1><2><3>z");
  g_assert_finalize_object (producer);
}

static void
test_failing_producer (Fixture       *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = NULL;
  Blocks *producer = g_object_new (blocks_get_type (), NULL);

  producer->fails = TRUE;
  g_assert_false (asab_async_chat_push_with_producer (fixture->chat, ASAB_PRODUCER (producer), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  push (fixture, "z");
  assert_peer_got (fixture, "z");
  g_assert_finalize_object (producer);
}

static void
test_discard_output (Fixture       *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *block = g_strnfill (1000000, 'x');
  g_autofree char *got = NULL;

  push (fixture, block);
  g_assert_true (asab_async_chat_close_when_done (fixture->chat, NULL));
  asab_async_chat_discard_buffers (fixture->chat);
  got = drain (fixture);
  g_assert_cmpuint (strlen (got), <, 1000000);
  push (fixture, "y");
  assert_peer_got (fixture, "y");
  assert_trace (fixture, "");
}

static void
test_lost_peer (Fixture       *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = NULL;

  close (fixture->peer);
  fixture->peer = -1;
  g_assert_true (asab_async_chat_push_text (fixture->chat, "x", &error));
  g_assert_no_error (error);
  assert_trace (fixture, " closed");
  g_assert_false (asab_async_chat_push_text (fixture->chat, "x", &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED);
}

static void
answer_at_length_cb (AsabAsyncChat *chat,
                     const char    *record G_GNUC_UNUSED)
{
  g_autofree char *answer = g_strnfill (1000000, 'x');

  g_assert_true (asab_async_chat_push_text (chat, answer, NULL));
}

/* Many questions at once are answered as their answers are read, not before. */
static void
test_pipeline (Fixture       *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *got = NULL;

  fixture->recorder->on_record = answer_at_length_cb;
  asab_async_chat_set_terminator (fixture->chat, "\n");
  feed (fixture, "1\n2\n3\n4\n5");
  assert_trace (fixture, "[1]");
  g_assert_cmpuint (asab_async_chat_get_outbox_size (fixture->chat), <, 1000000);
  shutdown (fixture->peer, SHUT_WR);
  got = drain (fixture);
  g_assert_cmpuint (strlen (got), ==, 4000000);
  g_assert_true (is_end_for_peer (fixture));
  assert_trace (fixture, "[1][2][3][4] closed");
  assert_inbox (fixture, "5");
}

/* Also if the first answer is dropped. */
static void
test_discard_pipeline (Fixture       *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *got = NULL;

  fixture->recorder->on_record = answer_at_length_cb;
  asab_async_chat_set_terminator (fixture->chat, "\n");
  feed (fixture, "1\n2\n");
  assert_trace (fixture, "[1]");
  asab_async_chat_discard_output_buffers (fixture->chat);
  got = drain (fixture);
  g_assert_cmpuint (strlen (got), <, 2000000);
  assert_trace (fixture, "[1][2]");
}

static void
answer_and_quit_cb (AsabAsyncChat *chat,
                    const char    *record)
{
  answer_at_length_cb (chat, record);
  g_assert_true (asab_async_chat_close_when_done (chat, NULL));
}

/* What comes when the conversation is to be closed is not handled, neither in this read nor in later ones. */
static void
test_quit (Fixture       *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *got = NULL;

  fixture->recorder->on_record = answer_and_quit_cb;
  asab_async_chat_set_terminator (fixture->chat, "\n");
  feed (fixture, "quit\nnever\n");
  feed (fixture, "never\n");
  got = drain (fixture);
  g_assert_cmpuint (strlen (got), ==, 1000000);
  assert_trace (fixture, "[quit] closed");
}

/* Who has nothing more to ask still gets the answer. */
static void
test_half_close (Fixture       *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autofree char *got = NULL;

  fixture->recorder->on_record = answer_at_length_cb;
  asab_async_chat_set_terminator (fixture->chat, "\n");
  feed (fixture, "question\n");
  shutdown (fixture->peer, SHUT_WR);
  run ();
  got = drain (fixture);
  g_assert_cmpuint (strlen (got), ==, 1000000);
  g_assert_true (is_end_for_peer (fixture));
  assert_trace (fixture, "[question] closed");
}

/* Who does not listen any more gets nothing. */
static void
test_full_close (Fixture       *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  fixture->recorder->on_record = answer_at_length_cb;
  asab_async_chat_set_terminator (fixture->chat, "\n");
  feed (fixture, "question\n");
  close (fixture->peer);
  fixture->peer = -1;
  run ();
  assert_trace (fixture, "[question] closed");
}

static void
answer_cb (AsabAsyncChat *chat,
           const char    *record)
{
  g_assert_true (asab_async_chat_push_text (chat, record, NULL));
}

static void
test_answer (Fixture       *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  fixture->recorder->on_record = answer_cb;
  asab_async_chat_set_terminator (fixture->chat, "\n");
  feed (fixture, "one\ntwo\n");
  assert_peer_got (fixture, "onetwo");
}

/* What is pushed before there is a connection is sent when there is one. */
static void
test_early_push (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr(GSocket) listener = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GSocket) peer = NULL;
  AsabDispatcher *client = g_object_new (recorder_get_type (), NULL);
  char buffer[100] = "";

  g_assert_true (g_socket_bind (listener, any, TRUE, &error));
  g_assert_true (g_socket_listen (listener, &error));
  address = g_socket_get_local_address (listener, &error);
  g_assert_no_error (error);

  g_assert_true (asab_dispatcher_create_socket (client, G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, &error));
  g_assert_true (asab_async_chat_push_text (ASAB_ASYNC_CHAT (client), "one", &error));
  g_assert_true (asab_dispatcher_connect_to (client, address, &error));
  g_assert_true (asab_async_chat_push_text (ASAB_ASYNC_CHAT (client), "two", &error));
  g_assert_no_error (error);
  g_assert_cmpuint (asab_async_chat_get_outbox_size (ASAB_ASYNC_CHAT (client)), ==, strlen ("onetwo"));

  while (asab_async_chat_get_outbox_size (ASAB_ASYNC_CHAT (client)) > 0)
    g_main_context_iteration (NULL, TRUE);
  peer = g_socket_accept (listener, NULL, &error);
  g_assert_cmpint (g_socket_receive (peer, buffer, sizeof buffer - 1, NULL, &error), ==, strlen ("onetwo"));
  g_assert_cmpstr (buffer, ==, "onetwo");
  asab_dispatcher_close (client);
  g_assert_finalize_object (client);
}

/* Nothing of the old connection is in the new one. */
static void
test_reopen (Fixture       *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  AsabDispatcher *dispatcher = ASAB_DISPATCHER (fixture->chat);
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr(GSocket) listener = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GSocket) peer = NULL;
  g_autofree char *block = g_strnfill (1000000, 'x');
  char buffer[100] = "";

  push (fixture, block);
  g_assert_true (asab_async_chat_close_when_done (fixture->chat, NULL));
  asab_dispatcher_close (dispatcher);

  g_assert_true (g_socket_bind (listener, any, TRUE, NULL));
  g_assert_true (g_socket_listen (listener, NULL));
  address = g_socket_get_local_address (listener, NULL);
  g_assert_true (asab_dispatcher_create_socket (dispatcher, G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, NULL));
  g_assert_true (asab_dispatcher_connect_to (dispatcher, address, NULL));
  push (fixture, "new");
  peer = g_socket_accept (listener, NULL, NULL);
  while (asab_async_chat_get_outbox_size (fixture->chat) > 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (g_socket_receive (peer, buffer, sizeof buffer - 1, NULL, NULL), ==, strlen ("new"));
  g_assert_cmpstr (buffer, ==, "new");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, test) g_test_add ("/asab/async-chat-output/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("slow-reader", test_slow_reader);
  ADD ("back-pressure", test_back_pressure);
  ADD ("full-outbox", test_full_outbox);
  ADD ("close-when-done", test_close_when_done);
  ADD ("close-when-idle", test_close_when_idle);
  ADD ("producer", test_producer);
  ADD ("failing-producer", test_failing_producer);
  ADD ("discard-output", test_discard_output);
  ADD ("lost-peer", test_lost_peer);
  ADD ("pipeline", test_pipeline);
  ADD ("discard-pipeline", test_discard_pipeline);
  ADD ("quit", test_quit);
  ADD ("half-close", test_half_close);
  ADD ("full-close", test_full_close);
  ADD ("answer", test_answer);
  g_test_add_func ("/asab/async-chat-output/early-push", test_early_push);
  ADD ("reopen", test_reopen);
#undef ADD

  return g_test_run ();
}
