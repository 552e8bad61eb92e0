/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A service that answers each line with itself; where it listens is in the section “echo” of its configuration. */

#include <asab-glib/asab.h>

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
  g_autofree char *line = asab_async_chat_take_line (chat);
  g_autofree char *answer = g_strconcat (line, "\n", NULL);

  return asab_async_chat_push_text (chat, answer, error);
}

static void
echo_class_init (EchoClass *klass)
{
  ASAB_ASYNC_CHAT_CLASS (klass)->found_terminator = echo_found_terminator;
}

static void
echo_init (Echo *self)
{
  asab_async_chat_set_terminator (ASAB_ASYNC_CHAT (self), "\n");
}

static gboolean
begin (AsabApplication  *application,
       GError          **error)
{
  g_autoptr(AsabService) service =
    g_object_new (ASAB_TYPE_STREAM_SERVER_SERVICE, "application", application, "name", "echo", NULL);

  return asab_stream_server_service_create_server (ASAB_STREAM_SERVER_SERVICE (service), echo_get_type (), NULL,
                                                   error) != NULL;
}

int
main (int    argc,
      char **argv)
{
  return asab_run (argc, argv, .initialize = begin);
}
