/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a conversation does with what it receives. */

#include "chat-fixture.h"

#include <string.h>
#include <unistd.h>

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

/* A conversation whose class forgets what to do with records. */

typedef struct
{
  Recorder parent_instance;
} Forgetful;

typedef struct
{
  RecorderClass parent_class;
} ForgetfulClass;

static GType forgetful_get_type (void);
G_DEFINE_FINAL_TYPE (Forgetful, forgetful, recorder_get_type ())

static void
forgetful_class_init (ForgetfulClass *klass)
{
  AsabAsyncChatClass *base = g_type_class_peek (ASAB_TYPE_ASYNC_CHAT);

  ASAB_ASYNC_CHAT_CLASS (klass)->found_terminator = base->found_terminator;
}

static void
forgetful_init (Forgetful *self G_GNUC_UNUSED)
{
}

static void
test_abstract (void)
{
  g_autofree char *expected = g_strdup_printf (" error AsabError %d", ASAB_ERROR_NOT_IMPLEMENTED);
  Fixture fixture;

  set_up_with (&fixture, forgetful_get_type ());
  asab_async_chat_set_terminator (fixture.chat, "\n");
  feed (&fixture, "record\n");
  assert_trace (&fixture, expected);
  tear_down (&fixture, NULL);
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
  ADD ("close-in-handler", test_close_in_handler);
  ADD ("discard-in-handler", test_discard_in_handler);
  ADD ("nested-loop", test_nested_loop);
  ADD ("too-long", test_too_long);
  g_test_add_func ("/asab/async-chat/abstract", test_abstract);
#undef ADD

  return g_test_run ();
}
