/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A conversation that writes down what happens to it. */

typedef struct
{
  AsabAsyncChat parent_instance;

  GString *trace;                                   /* records in brackets, then events */
  void (*on_record) (AsabAsyncChat *self, const char *record); /* (nullable) */
} Recorder;

typedef struct
{
  AsabAsyncChatClass parent_class;
} RecorderClass;

static GType recorder_get_type (void);
G_DEFINE_FINAL_TYPE (Recorder, recorder, ASAB_TYPE_ASYNC_CHAT)

static gboolean
recorder_found_terminator (AsabAsyncChat  *chat,
                           GError        **error G_GNUC_UNUSED)
{
  Recorder *self = (Recorder *) chat;
  g_autofree char *record = asab_async_chat_take_line (chat);

  g_string_append_printf (self->trace, "[%s]", record);
  if (self->on_record != NULL)
    self->on_record (chat, record);

  return TRUE;
}

static void
recorder_handle_close (AsabDispatcher *dispatcher)
{
  g_string_append (((Recorder *) dispatcher)->trace, " closed");
  ASAB_DISPATCHER_CLASS (recorder_parent_class)->handle_close (dispatcher);
}

static void
recorder_handle_error (AsabDispatcher *dispatcher,
                       const GError   *error)
{
  g_string_append_printf (((Recorder *) dispatcher)->trace, " error %s %d", g_quark_to_string (error->domain),
                          error->code);
  asab_dispatcher_close (dispatcher);
}

static void
recorder_finalize (GObject *object)
{
  g_string_free (((Recorder *) object)->trace, TRUE);

  G_OBJECT_CLASS (recorder_parent_class)->finalize (object);
}

static void
recorder_class_init (RecorderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = recorder_finalize;
  ASAB_DISPATCHER_CLASS (klass)->handle_close = recorder_handle_close;
  ASAB_DISPATCHER_CLASS (klass)->handle_error = recorder_handle_error;
  ASAB_ASYNC_CHAT_CLASS (klass)->found_terminator = recorder_found_terminator;
}

static void
recorder_init (Recorder *self)
{
  self->trace = g_string_new (NULL);
}

/* One end of a connection is a recorder, the other a descriptor. */

typedef struct
{
  Recorder *recorder;
  AsabAsyncChat *chat;
  int peer;
} Fixture;

static void
set_up_with (Fixture *fixture,
             GType    type)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocket) socket = NULL;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), ==, 0);
  socket = g_socket_new_from_fd (fds[0], &error);
  g_assert_no_error (error);
  fixture->recorder = g_object_new (type, "socket", socket, NULL);
  fixture->chat = ASAB_ASYNC_CHAT (fixture->recorder);
  fixture->peer = fds[1];
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data G_GNUC_UNUSED)
{
  set_up_with (fixture, recorder_get_type ());
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  asab_dispatcher_close (ASAB_DISPATCHER (fixture->chat));
  g_assert_finalize_object (fixture->chat);
  if (fixture->peer >= 0)
    close (fixture->peer);
}

static void
run (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
feed (Fixture    *fixture,
      const char *text)
{
  g_assert_cmpint (write (fixture->peer, text, strlen (text)), ==, (gssize) strlen (text));
  run ();
}

static void
assert_trace (Fixture    *fixture,
              const char *trace)
{
  g_assert_cmpstr (fixture->recorder->trace->str, ==, trace);
}

static void
assert_inbox (Fixture    *fixture,
              const char *text)
{
  g_autofree char *inbox = asab_async_chat_take_line (fixture->chat);

  g_assert_cmpstr (inbox, ==, text);
}

/* What the peer can read now, all of it. */
static char *
drain (Fixture *fixture)
{
  GString *text = g_string_new (NULL);
  char buffer[65536];
  gssize size;

  run ();
  while ((size = read (fixture->peer, buffer, sizeof buffer)) > 0)
    {
      g_string_append_len (text, buffer, size);
      run ();
    }

  return g_string_free (text, FALSE);
}

static void
assert_peer_got (Fixture    *fixture,
                 const char *text)
{
  g_autofree char *got = drain (fixture);

  g_assert_cmpstr (got, ==, text);
}

static gboolean
is_end_for_peer (Fixture *fixture)
{
  char byte;

  run ();

  return read (fixture->peer, &byte, 1) == 0;
}

static void
push (Fixture    *fixture,
      const char *text)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (asab_async_chat_push_text (fixture->chat, text, &error));
  g_assert_no_error (error);
}

static void
test_split_terminator (Fixture       *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  asab_async_chat_set_terminator (fixture->chat, "\r\n");
  feed (fixture, "ab\r\ncd\r");
  assert_trace (fixture, "[ab]");
  feed (fixture, "\nrest");
  assert_trace (fixture, "[ab][cd]");
  assert_inbox (fixture, "rest");
}

static void
test_byte_by_byte (Fixture       *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  static const char text[] = "a\r\n\r\rb\r\n\r\n";

  asab_async_chat_set_terminator (fixture->chat, "\r\n");
  for (gsize i = 0; i < strlen (text); i++)
    feed (fixture, (char[]) { text[i], '\0' });
  assert_trace (fixture, "[a][\r\rb][]");
}

static void
test_empty_records (Fixture       *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  asab_async_chat_set_terminator (fixture->chat, "\n");
  feed (fixture, "\n\nx\n");
  assert_trace (fixture, "[][][x]");
}

static void
test_keep_terminator (Fixture       *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  g_object_set (fixture->chat, "strip-terminator", FALSE, NULL);
  asab_async_chat_set_terminator (fixture->chat, "\n");
  feed (fixture, "a\n");
  assert_trace (fixture, "[a\n]");
}

static void
test_length (Fixture       *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  asab_async_chat_set_terminator_length (fixture->chat, 1);
  feed (fixture, "abc");
  assert_trace (fixture, "[a][b][c]");
  asab_async_chat_set_terminator_length (fixture->chat, 4);
  feed (fixture, "ab");
  feed (fixture, "cdef");
  assert_trace (fixture, "[a][b][c][abcd]");
  g_assert_cmpuint (asab_async_chat_get_inbox_size (fixture->chat), ==, 2);
  feed (fixture, "gh");
  assert_trace (fixture, "[a][b][c][abcd][efgh]");
}

static void
test_no_terminator (Fixture       *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  feed (fixture, "a\n");
  asab_async_chat_set_terminator_length (fixture->chat, 0);
  feed (fixture, "b\n");
  asab_async_chat_set_terminator (fixture->chat, "");
  feed (fixture, "c\n");
  assert_trace (fixture, "");
  assert_inbox (fixture, "a\nb\nc\n");
}

static void
test_several_terminators (Fixture       *fixture,
                          gconstpointer  data G_GNUC_UNUSED)
{
  asab_async_chat_set_terminator_list (fixture->chat, (const char *[]) { "\n", "|", NULL });
  feed (fixture, "a|b\nc");
  assert_trace (fixture, "[a][b]");
  assert_inbox (fixture, "c");

  /* Of those that begin at one place the longest, though it comes in two pieces. */
  asab_async_chat_set_terminator_list (fixture->chat, (const char *[]) { "\r", "\r\n", NULL });
  feed (fixture, "d\r");
  feed (fixture, "\ne\rf\r\n");
  assert_trace (fixture, "[a][b][d][e][f]");
  assert_inbox (fixture, "");
}

/* Which terminator counts depends neither on their order in the list nor on how the bytes come in. */
static void
test_rival_terminators (Fixture       *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  asab_async_chat_set_terminator_list (fixture->chat, (const char *[]) { "\n", "\r\n", NULL });
  feed (fixture, "a\r\n");
  assert_trace (fixture, "[a]");

  asab_async_chat_set_terminator_list (fixture->chat, (const char *[]) { ";", ";.", "x;!", NULL });
  feed (fixture, "x;");
  feed (fixture, ".y");
  assert_trace (fixture, "[a][x]");
  assert_inbox (fixture, "y");
}

static void
read_three_cb (AsabAsyncChat *chat,
               const char    *record)
{
  if (g_str_equal (record, "H"))
    asab_async_chat_set_terminator_length (chat, 3);
}

static void
test_change_terminator (Fixture       *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  fixture->recorder->on_record = read_three_cb;
  asab_async_chat_set_terminator (fixture->chat, "\n");
  feed (fixture, "H\nabcX");
  assert_trace (fixture, "[H][abc]");
  g_assert_cmpuint (asab_async_chat_get_inbox_size (fixture->chat), ==, 1);
}

static void
test_end (Fixture       *fixture,
          gconstpointer  data G_GNUC_UNUSED)
{
  asab_async_chat_set_terminator (fixture->chat, "\r\n");
  feed (fixture, "abc\r");
  close (fixture->peer);
  fixture->peer = -1;
  run ();
  assert_trace (fixture, " closed");
  assert_inbox (fixture, "abc\r");
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
close_cb (AsabAsyncChat *chat,
          const char    *record G_GNUC_UNUSED)
{
  asab_dispatcher_close (ASAB_DISPATCHER (chat));
}

static void
test_close_in_handler (Fixture       *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  fixture->recorder->on_record = close_cb;
  asab_async_chat_set_terminator (fixture->chat, "\n");
  feed (fixture, "a\nb\nc\n");
  assert_trace (fixture, "[a]");
}

static void
discard_cb (AsabAsyncChat *chat,
            const char    *record G_GNUC_UNUSED)
{
  asab_async_chat_discard_input_buffers (chat);
}

static void
test_discard_in_handler (Fixture       *fixture,
                         gconstpointer  data G_GNUC_UNUSED)
{
  fixture->recorder->on_record = discard_cb;
  asab_async_chat_set_terminator (fixture->chat, "\n");
  feed (fixture, "a\nb\nc");
  feed (fixture, "d\n");
  assert_trace (fixture, "[a][d]");
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

/* A main loop within a handler receives more for the same conversation. */
static void
feed_more_cb (AsabAsyncChat *chat,
              const char    *record)
{
  int *peer = g_object_get_data (G_OBJECT (chat), "peer");

  if (!g_str_equal (record, "a"))
    return;

  g_assert_cmpint (write (*peer, "d\ne", 3), ==, 3);
  run ();
}

static void
test_nested_loop (Fixture       *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_object_set_data (G_OBJECT (fixture->chat), "peer", &fixture->peer);
  fixture->recorder->on_record = feed_more_cb;
  asab_async_chat_set_terminator (fixture->chat, "\n");
  feed (fixture, "a\nb\nc");
  assert_trace (fixture, "[a][b][cd]");
  feed (fixture, "\n");
  assert_trace (fixture, "[a][b][cd][e]");
}

static void
test_too_long (Fixture       *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  g_object_set (fixture->chat, "max-inbox-size", (guint64) 4, NULL);
  asab_async_chat_set_terminator (fixture->chat, "\n");
  feed (fixture, "abcd\nab");
  assert_trace (fixture, "[abcd]");
  feed (fixture, "cde");
  assert_trace (fixture, "[abcd] error g-io-error-quark 46");
  g_assert_true (is_end_for_peer (fixture));
}

static void
test_abstract (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AsabAsyncChat) chat = g_object_new (recorder_get_type (), NULL);
  AsabAsyncChatClass *klass = g_type_class_peek (ASAB_TYPE_ASYNC_CHAT);

  g_assert_false (klass->found_terminator (chat, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NOT_IMPLEMENTED);
}

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

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, test) g_test_add ("/asab/async-chat/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("split-terminator", test_split_terminator);
  ADD ("byte-by-byte", test_byte_by_byte);
  ADD ("empty-records", test_empty_records);
  ADD ("keep-terminator", test_keep_terminator);
  ADD ("length", test_length);
  ADD ("no-terminator", test_no_terminator);
  ADD ("several-terminators", test_several_terminators);
  ADD ("rival-terminators", test_rival_terminators);
  ADD ("change-terminator", test_change_terminator);
  ADD ("end", test_end);
  ADD ("pipeline", test_pipeline);
  ADD ("discard-pipeline", test_discard_pipeline);
  ADD ("quit", test_quit);
  ADD ("half-close", test_half_close);
  ADD ("full-close", test_full_close);
  ADD ("close-in-handler", test_close_in_handler);
  ADD ("discard-in-handler", test_discard_in_handler);
  ADD ("answer", test_answer);
  ADD ("nested-loop", test_nested_loop);
  ADD ("too-long", test_too_long);
  g_test_add_func ("/asab/async-chat/abstract", test_abstract);
  ADD ("slow-reader", test_slow_reader);
  ADD ("back-pressure", test_back_pressure);
  ADD ("full-outbox", test_full_outbox);
  ADD ("close-when-done", test_close_when_done);
  ADD ("close-when-idle", test_close_when_idle);
  ADD ("producer", test_producer);
  ADD ("failing-producer", test_failing_producer);
  ADD ("discard-output", test_discard_output);
  ADD ("lost-peer", test_lost_peer);
#undef ADD

  return g_test_run ();
}
