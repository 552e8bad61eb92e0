/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whatever the other side says, and in whatever pieces it arrives, a link says and accepts the same.
 *
 * The first byte of an input tells what the link is: “h” or “H” the host, anything else the instrument. With a capital
 * it has messages to send. “r” and “R” refuse the first message.
 */

#include "fuzz.h"

#include <astm-link.h>

#include <sys/socket.h>
#include <unistd.h>

static const gsize chunk_sizes[] = { 1, 3, 4096 };

typedef struct
{
  AstmLink parent_instance;

  GString *trace;   /* (not owned): what it accepts */
  gboolean refuses; /* the next message */
} FuzzLink;

typedef struct
{
  AstmLinkClass parent_class;
} FuzzLinkClass;

static GType fuzz_link_get_type (void);
G_DEFINE_FINAL_TYPE (FuzzLink, fuzz_link, ASTM_TYPE_LINK)

static AsabFuture *
fuzz_link_accept_message (AstmLink  *link,
                          GBytes    *message,
                          GError   **error)
{
  FuzzLink *self = (FuzzLink *) link;
  gsize size;
  const char *text = g_bytes_get_data (message, &size);

  if (self->refuses)
    {
      self->refuses = FALSE;
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "The disk is full");
      return NULL;
    }

  g_string_append_printf (self->trace, "%" G_GSIZE_FORMAT ":", size);
  g_string_append_len (self->trace, text, (gssize) size);

  return NULL;
}

static void
fuzz_link_class_init (FuzzLinkClass *klass)
{
  ASTM_LINK_CLASS (klass)->accept_message = fuzz_link_accept_message;
}

static void
fuzz_link_init (FuzzLink *self G_GNUC_UNUSED)
{
}

static void
run_ready (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* Notes what the link says. */
static void
hear (GString *trace,
      int      peer)
{
  char buffer[4096];
  gssize n;

  run_ready ();
  while ((n = read (peer, buffer, sizeof buffer)) > 0)
    {
      g_string_append_len (trace, buffer, n);
      run_ready ();
    }
}

static void
send_messages (AstmLink *link)
{
  static const char text[] = "H|\\^&\rP|1\rC|1|I|A comment\rL|1|N\r";
  g_autoptr(GBytes) message = g_bytes_new_static (text, sizeof text - 1);

  for (int i = 0; i < 3; i++)
    {
      g_autoptr(AsabFuture) future = astm_link_send (link, message);

      asab_future_ignore (future);
    }
}

static AstmLink *
make_link (char     kind,
           GString *trace,
           int      fd)
{
  g_autoptr(GSocket) socket = g_socket_new_from_fd (fd, NULL);
  AstmLink *link = g_object_new (fuzz_link_get_type (),
                                 "socket", socket,
                                 "role", g_ascii_tolower (kind) == 'h' ? ASTM_ROLE_HOST : ASTM_ROLE_INSTRUMENT,
                                 "max-message-size", 64,
                                 "frame-size", 10,
                                 NULL);

  ((FuzzLink *) link)->trace = trace;
  ((FuzzLink *) link)->refuses = g_ascii_tolower (kind) == 'r';
  if (g_ascii_isupper (kind))
    send_messages (link);

  return link;
}

/* What a link says and accepts when it is told @data in pieces; and in what state it is then. */
static GString *
converse (char          kind,
          const guint8 *data,
          gsize         size,
          gsize         chunk_size)
{
  GString *said = g_string_new (NULL);
  g_autoptr(GString) accepted = g_string_new (NULL);
  g_autoptr(AstmLink) link = NULL;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), ==, 0);
  link = make_link (kind, accepted, fds[0]);

  while (size > 0)
    {
      gssize n = write (fds[1], data, MIN (chunk_size, size));

      g_assert_cmpint (n, >, 0);
      data += n;
      size -= (gsize) n;
      hear (said, fds[1]);
    }
  hear (said, fds[1]);
  g_string_append_printf (said, " %d %u ", (int) astm_link_get_state (link), astm_link_get_n_queued (link));
  g_string_append_len (said, accepted->str, (gssize) accepted->len);
  g_string_append_len (said, (const char *) astm_link_get_counters (link), sizeof (AstmLinkCounters));

  astm_link_close (link);
  run_ready ();
  g_assert_cmpuint (astm_link_get_n_queued (link), ==, 0);
  close (fds[1]);

  return said;
}

static GLogWriterOutput
be_silent (GLogLevelFlags   level,
           const GLogField *fields,
           gsize            n_fields,
           gpointer         user_data G_GNUC_UNUSED)
{
  return level < G_LOG_LEVEL_MESSAGE ? g_log_writer_default (level, fields, n_fields, NULL) : G_LOG_WRITER_HANDLED;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  static gsize initialized;
  g_autoptr(GString) expected = NULL;

  if (size == 0)
    return 0;
  if (g_once_init_enter (&initialized))
    {
      g_log_set_writer_func (be_silent, NULL, NULL);
      g_once_init_leave (&initialized, 1);
    }

  expected = converse ((char) data[0], data + 1, size - 1, size);
  for (gsize i = 0; i < G_N_ELEMENTS (chunk_sizes); i++)
    {
      g_autoptr(GString) said = converse ((char) data[0], data + 1, size - 1, chunk_sizes[i]);

      g_assert_cmpmem (said->str, said->len, expected->str, expected->len);
    }

  return 0;
}
