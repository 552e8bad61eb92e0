/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "chat-fixture.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

G_DEFINE_TYPE (Recorder, recorder, ASAB_TYPE_ASYNC_CHAT)

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

void
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

void
set_up (Fixture       *fixture,
        gconstpointer  data G_GNUC_UNUSED)
{
  set_up_with (fixture, recorder_get_type ());
}

void
tear_down (Fixture       *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  asab_dispatcher_close (ASAB_DISPATCHER (fixture->chat));
  g_assert_finalize_object (fixture->chat);
  if (fixture->peer >= 0)
    close (fixture->peer);
}

void
run (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

void
feed (Fixture    *fixture,
      const char *text)
{
  g_assert_cmpint (write (fixture->peer, text, strlen (text)), ==, (gssize) strlen (text));
  run ();
}

void
assert_trace (Fixture    *fixture,
              const char *trace)
{
  g_assert_cmpstr (fixture->recorder->trace->str, ==, trace);
}

void
assert_inbox (Fixture    *fixture,
              const char *text)
{
  g_autofree char *inbox = asab_async_chat_take_line (fixture->chat);

  g_assert_cmpstr (inbox, ==, text);
}

/* What the peer can read now, all of it. */
char *
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

void
assert_peer_got (Fixture    *fixture,
                 const char *text)
{
  g_autofree char *got = drain (fixture);

  g_assert_cmpstr (got, ==, text);
}

gboolean
is_end_for_peer (Fixture *fixture)
{
  char byte;

  run ();

  return read (fixture->peer, &byte, 1) == 0;
}

void
push (Fixture    *fixture,
      const char *text)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (asab_async_chat_push_text (fixture->chat, text, &error));
  g_assert_no_error (error);
}
