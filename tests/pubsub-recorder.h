/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab.h>
#include <gio/gio.h>

/* Who was called, one letter each; the subscribers of these tests have a letter as their data. */
static GString *calls;

#define LETTER(letter) GINT_TO_POINTER (letter)

#define assert_calls(expected)                                                                                         \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_assert_cmpstr (calls->str, ==, expected);                                                                        \
    g_string_truncate (calls, 0);                                                                                      \
  }                                                                                                                    \
  G_STMT_END

static G_GNUC_UNUSED AsabFuture *
record_cb (AsabPubSub   *bus,
           AsabMessage  *message,
           gpointer      letter,
           GError      **error)
{
  g_assert_true (ASAB_IS_PUBSUB (bus));
  g_assert_nonnull (message);
  g_assert_nonnull (error);
  g_assert_null (*error);
  g_string_append_c (calls, (char) GPOINTER_TO_INT (letter));

  return NULL;
}

static G_GNUC_UNUSED void
record_destroyed (gpointer letter)
{
  g_string_append_printf (calls, "-%c", GPOINTER_TO_INT (letter));
}

static G_GNUC_UNUSED guint
subscribe_letter (AsabPubSub *bus,
                  char        letter)
{
  return asab_pubsub_subscribe (bus, "x!", record_cb, LETTER (letter), NULL);
}

/* The warnings of the library, which the tests that expect them take out. */
static GPtrArray *warnings;

static GLogWriterOutput
record_log (GLogLevelFlags   level,
            const GLogField *fields,
            gsize            n_fields,
            gpointer         data)
{
  if ((level & G_LOG_LEVEL_WARNING) == 0)
    return g_log_writer_default (level, fields, n_fields, data);

  for (gsize i = 0; i < n_fields; i++)
    {
      if (g_str_equal (fields[i].key, "MESSAGE"))
        g_ptr_array_add (warnings, g_strdup (fields[i].value));
    }

  return G_LOG_WRITER_HANDLED;
}

static G_GNUC_UNUSED void
assert_warning (const char *expected)
{
  g_assert_cmpuint (warnings->len, ==, 1);
  g_assert_cmpstr (warnings->pdata[0], ==, expected);
  g_ptr_array_set_size (warnings, 0);
}

static void
recorder_start (void)
{
  calls = g_string_new (NULL);
  warnings = g_ptr_array_new_with_free_func (g_free);
  g_log_set_writer_func (record_log, NULL, NULL);
}

static void
recorder_end (void)
{
  g_assert_cmpstr (warnings->len > 0 ? warnings->pdata[0] : NULL, ==, NULL);
  g_ptr_array_unref (warnings);
  g_string_free (calls, TRUE);
}
