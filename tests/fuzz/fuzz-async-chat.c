/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A conversation over a socket does what a plain reading of the rules does, whatever comes in whatever pieces.
 *
 * An input is a script of one step a line:
 *
 *   <DATA    some data comes at once
 *   =A B     terminators, with blanks between them; none for no end
 *   #N       a length as terminator
 *   !…       one of the last two, to be done when the next record is found
 *   ~        keeps the terminator, or strips it again
 *   -        discards what has come
 *   .        the end
 *
 * Each record is sent back; the answer to one that begins with “*” is more than the socket takes at once.
 */

#include "fuzz.h"

#include <asab-glib/asab.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_SIZE 1024
#define LONG_ANSWER 300000

/* What has come out: each record with its size before it, and how many bytes were sent. */
typedef struct
{
  GString *records;
  gsize n_sent;
  char *next_terminator; /* (owned) (nullable): to be set when the next record is found */
} Outcome;

static gsize
measure_answer (const char *record,
                gsize       size)
{
  return size > 0 && record[0] == '*' ? LONG_ANSWER : size;
}

static void
add_record (Outcome    *outcome,
            const char *record,
            gsize       size)
{
  g_string_append_printf (outcome->records, "%" G_GSIZE_FORMAT ":", size);
  g_string_append_len (outcome->records, record, (gssize) size);
  outcome->n_sent += measure_answer (record, size);
}

static void
outcome_init (Outcome *self)
{
  *self = (Outcome) { g_string_new (NULL), 0, NULL };
}

static void
outcome_clear (Outcome *self)
{
  g_string_free (self->records, TRUE);
  g_free (self->next_terminator);
}

/* The conversation */

typedef struct
{
  AsabAsyncChat parent_instance;

  Outcome *outcome;
} Talker;

typedef struct
{
  AsabAsyncChatClass parent_class;
} TalkerClass;

static GType talker_get_type (void);
G_DEFINE_FINAL_TYPE (Talker, talker, ASAB_TYPE_ASYNC_CHAT)

static void
set_terminator (AsabAsyncChat *chat,
                const char    *step)
{
  g_auto(GStrv) sequences = NULL;

  if (step[0] == '#')
    {
      asab_async_chat_set_terminator_length (chat, (gsize) g_ascii_strtoull (step + 1, NULL, 10));
      return;
    }

  sequences = g_strsplit (step + 1, " ", -1);
  asab_async_chat_set_terminator_list (chat, (const char *const *) sequences);
}

static gboolean
talker_found_terminator (AsabAsyncChat  *chat,
                         GError        **error)
{
  Outcome *outcome = ((Talker *) chat)->outcome;
  g_autoptr(GBytes) record = asab_async_chat_take_inbox (chat);
  g_autofree char *step = g_steal_pointer (&outcome->next_terminator);
  g_autofree guint8 *answer = NULL;
  gsize size;
  const char *data = g_bytes_get_data (record, &size);

  add_record (outcome, data, size);
  if (step != NULL)
    set_terminator (chat, step);

  size = measure_answer (data, size);
  answer = g_malloc0 (size);

  return asab_async_chat_push (chat, answer, size, error);
}

static void
talker_class_init (TalkerClass *klass)
{
  ASAB_ASYNC_CHAT_CLASS (klass)->found_terminator = talker_found_terminator;
}

static void
talker_init (Talker *self G_GNUC_UNUSED)
{
}

/* The plain reading of the rules */

typedef struct
{
  Outcome outcome;
  GString *inbox;
  GString *buffer;   /* received, and not decided yet */
  gsize length;      /* the terminator, if it is one */
  char **sequences;  /* (owned): else these */
  gsize n_collected;
  gboolean keeps_terminator;
} Reader;

static void
reader_set_terminator (Reader     *self,
                       const char *step)
{
  g_clear_pointer (&self->sequences, g_strfreev);
  self->length = step[0] == '#' ? (gsize) g_ascii_strtoull (step + 1, NULL, 10) : 0;
  self->sequences = g_strsplit (step[0] == '#' ? "" : step + 1, " ", -1);
  self->n_collected = 0;
}

static gboolean
begins_with (const char *data,
             gsize       size,
             const char *sequence)
{
  gsize sequence_size = strlen (sequence);

  return sequence_size > 0 && sequence_size <= size && memcmp (data, sequence, sequence_size) == 0;
}

/* How long the longest sequence is at the beginning of the data, and whether a longer one may be about to come. */
static gsize
match_here (Reader     *self,
            const char *data,
            gsize       size,
            gboolean   *may_grow)
{
  gsize longest = 0;

  *may_grow = FALSE;
  for (gsize i = 0; self->sequences[i] != NULL; i++)
    if (begins_with (data, size, self->sequences[i]))
      longest = MAX (longest, strlen (self->sequences[i]));
    else if (strlen (self->sequences[i]) > size && memcmp (data, self->sequences[i], size) == 0)
      *may_grow = TRUE;

  return longest;
}

/*
 * Looks for the terminator that ends first. Returns false if there is none yet; then the first @n_content bytes belong
 * to the record all the same.
 */
static gboolean
find (Reader   *self,
      gboolean  is_end,
      gsize    *n_content,
      gsize    *n_terminator)
{
  const char *data = self->buffer->str;
  gsize size = self->buffer->len;
  gboolean may_grow;

  *n_terminator = 0;
  *n_content = self->length - MIN (self->length, self->n_collected);
  if (self->length > 0 && *n_content <= size)
    return TRUE;

  for (gsize end = 1; end <= size && self->length == 0; end++)
    for (*n_content = 0; *n_content < end; ++*n_content)
      if (match_here (self, data + *n_content, end - *n_content, &may_grow) > 0)
        {
          *n_terminator = match_here (self, data + *n_content, size - *n_content, &may_grow);
          return is_end || !may_grow;
        }

  for (*n_content = 0; *n_content < size; ++*n_content)
    {
      match_here (self, data + *n_content, size - *n_content, &may_grow);
      if (may_grow && !is_end && self->length == 0)
        break;
    }

  return FALSE;
}

static void
reader_digest (Reader   *self,
               gboolean  is_end)
{
  gboolean is_found = TRUE;

  while (is_found && self->buffer->len > 0)
    {
      gsize n_content;
      gsize n_terminator;
      g_autofree char *step = NULL;

      is_found = find (self, is_end, &n_content, &n_terminator);
      if (!is_found)
        n_terminator = 0;
      g_string_append_len (self->inbox, self->buffer->str,
                           (gssize) (n_content + (self->keeps_terminator ? n_terminator : 0)));
      self->n_collected += n_content;
      g_string_erase (self->buffer, 0, (gssize) (n_content + n_terminator));
      if (!is_found)
        break;

      add_record (&self->outcome, self->inbox->str, self->inbox->len);
      g_string_truncate (self->inbox, 0);
      self->n_collected = 0;
      step = g_steal_pointer (&self->outcome.next_terminator);
      if (step != NULL)
        reader_set_terminator (self, step);
    }
}

static void
reader_init (Reader *self)
{
  *self = (Reader) { .inbox = g_string_new (NULL), .buffer = g_string_new (NULL) };
  outcome_init (&self->outcome);
  reader_set_terminator (self, "=");
}

static void
reader_clear (Reader *self)
{
  outcome_clear (&self->outcome);
  g_string_free (self->inbox, TRUE);
  g_string_free (self->buffer, TRUE);
  g_strfreev (self->sequences);
}

/* One and the other */

typedef struct
{
  Talker *talker;
  AsabAsyncChat *chat;
  Outcome outcome;
  Reader reader;
  int peer;
  gsize n_received; /* by the peer */
} Pair;

static void
pair_init (Pair *self)
{
  g_autoptr(GSocket) socket = NULL;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), ==, 0);
  socket = g_socket_new_from_fd (fds[0], NULL);
  *self = (Pair) { .talker = g_object_new (talker_get_type (), "socket", socket, NULL), .peer = fds[1] };
  outcome_init (&self->outcome);
  reader_init (&self->reader);
  self->talker->outcome = &self->outcome;
  self->chat = ASAB_ASYNC_CHAT (self->talker);
}

static void
pair_clear (Pair *self)
{
  asab_dispatcher_close (ASAB_DISPATCHER (self->chat));
  g_assert_finalize_object (self->chat);
  outcome_clear (&self->outcome);
  reader_clear (&self->reader);
  close (self->peer);
}

static void
pair_plan (Pair       *self,
           const char *step)
{
  g_free (self->outcome.next_terminator);
  self->outcome.next_terminator = g_strdup (step);
  g_free (self->reader.outcome.next_terminator);
  self->reader.outcome.next_terminator = g_strdup (step);
}

static void
pair_discard (Pair *self)
{
  asab_async_chat_discard_input_buffers (self->chat);
  g_string_truncate (self->reader.inbox, 0);
  g_string_truncate (self->reader.buffer, 0);
  self->reader.n_collected = 0;
}

static void
pair_take (Pair       *self,
           const char *step)
{
  switch (step[0])
    {
    case '<':
      g_assert_cmpint (write (self->peer, step + 1, strlen (step + 1)), ==, (gssize) strlen (step + 1));
      g_string_append (self->reader.buffer, step + 1);
      if (step[1] != '\0')
        reader_digest (&self->reader, FALSE);
      break;
    case '=':
    case '#':
      set_terminator (self->chat, step);
      reader_set_terminator (&self->reader, step);
      break;
    case '!':
      if (step[1] == '=' || step[1] == '#')
        pair_plan (self, step + 1);
      break;
    case '~':
      self->reader.keeps_terminator = !self->reader.keeps_terminator;
      g_object_set (self->chat, "strip-terminator", !self->reader.keeps_terminator, NULL);
      break;
    case '-':
      pair_discard (self);
      break;
    case '.':
      shutdown (self->peer, SHUT_WR);
      reader_digest (&self->reader, TRUE);
      break;
    default:
      break;
    }
}

/* Lets the conversation work, and reads all its answers. */
static void
pair_run (Pair *self)
{
  static char buffer[65536];
  gssize size;

  do
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      size = read (self->peer, buffer, sizeof buffer);
      self->n_received += (gsize) MAX (size, 0);
    }
  while (size > 0);
}

static void
pair_compare (Pair     *self,
              gboolean  is_end)
{
  GString *records = self->outcome.records;
  GString *expected = self->reader.outcome.records;

  g_assert_cmpmem (records->str, records->len, expected->str, expected->len);
  g_assert_cmpuint (asab_async_chat_get_inbox_size (self->chat), ==, self->reader.inbox->len);
  g_assert_cmpuint (asab_async_chat_get_outbox_size (self->chat), ==, 0);
  g_assert_cmpuint (self->n_received, ==, self->outcome.n_sent);
  g_assert_cmpuint (self->outcome.n_sent, ==, self->reader.outcome.n_sent);
  g_assert_true (asab_dispatcher_is_closed (ASAB_DISPATCHER (self->chat)) == is_end);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autofree char *script = g_strndup ((const char *) data, size);
  g_auto(GStrv) steps = NULL;
  gboolean is_end = FALSE;
  Pair pair;

  if (size == 0 || size > MAX_SIZE)
    return 0; /* the plain reading takes its time */

  steps = g_strsplit (script, "\n", -1);
  pair_init (&pair);
  for (gsize i = 0; steps[i] != NULL && !is_end; i++)
    {
      is_end = steps[i][0] == '.';
      pair_take (&pair, steps[i]);
      pair_run (&pair);
      pair_compare (&pair, is_end);
    }
  pair_clear (&pair);

  return 0;
}
