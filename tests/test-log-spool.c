/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "asab-log-spool-private.h"

#include <string.h>

#define LIMIT 64

static guint
push (AsabLogSpool *spool,
      const char   *frame,
      gboolean      is_important)
{
  return asab_log_spool_push (spool, frame, strlen (frame), is_important);
}

static void
assert_waiting (AsabLogSpool *spool,
                const char   *expected)
{
  gsize length;
  const char *text = asab_log_spool_peek (spool, LIMIT, &length);

  g_assert_cmpmem (text, length, expected, strlen (expected));
}

static void
test_order (void)
{
  AsabLogSpool spool;
  gsize length;

  asab_log_spool_init (&spool, LIMIT);
  g_assert_cmpuint (push (&spool, "one.", FALSE), ==, 0);
  g_assert_cmpuint (push (&spool, "three.", FALSE), ==, 0);
  assert_waiting (&spool, "one.three.");
  asab_log_spool_advance (&spool, 6);
  g_assert_cmpuint (asab_log_spool_n_waiting (&spool), ==, 1);
  g_assert_cmpmem (asab_log_spool_peek_frame (&spool, &length), length, "ree.", 4);

  asab_log_spool_rewind (&spool);
  g_assert_cmpmem (asab_log_spool_peek_frame (&spool, &length), length, "one.", 4);
  asab_log_spool_advance (&spool, 4);
  asab_log_spool_settle (&spool);
  asab_log_spool_settle (&spool);
  asab_log_spool_rewind (&spool);
  assert_waiting (&spool, "three.");
  asab_log_spool_clear (&spool);
}

/* What is important takes the room of what is not, but not of what is on its way. */
static void
test_full (void)
{
  AsabLogSpool spool;
  gsize length;

  asab_log_spool_init (&spool, LIMIT);
  g_assert_cmpuint (push (&spool, "01234567.", FALSE), ==, 0);
  g_assert_cmpuint (push (&spool, "minor.", FALSE), ==, 0);
  g_assert_cmpuint (push (&spool, "IMPORTANT.", TRUE), ==, 0);
  g_assert_cmpuint (push (&spool, "a minor one.", FALSE), ==, 0);
  g_assert_cmpuint (push (&spool, "another minor one.......", FALSE), ==, 0);
  g_assert_cmpuint (push (&spool, "more", FALSE), ==, 1);
  asab_log_spool_peek (&spool, 4, &length);
  asab_log_spool_advance (&spool, 2);

  g_assert_cmpuint (push (&spool, "MORE", TRUE), ==, 2);
  assert_waiting (&spool, "234567.IMPORTANT.another minor one.......MORE");
  g_assert_cmpuint (asab_log_spool_n_waiting (&spool), ==, 4);

  /* All was offered, so nothing may go. */
  g_assert_cmpuint (push (&spool, "WITHOUT ANY LUCK.", TRUE), ==, 0);
  g_assert_cmpuint (push (&spool, "WITHOUT ANY LUCK.", TRUE), ==, 1);
  asab_log_spool_rewind (&spool);
  g_assert_cmpuint (push (&spool, "SOME LUCK", TRUE), ==, 1);
  assert_waiting (&spool, "IMPORTANT.another minor one.......MOREWITHOUT ANY LUCK.SOME LUCK");
  asab_log_spool_clear (&spool);
}

/* What was sent is forgotten before something important is lost. */
static void
test_sent (void)
{
  AsabLogSpool spool;
  gsize length;

  asab_log_spool_init (&spool, LIMIT);
  push (&spool, "0123456789012345678901234567.", TRUE);
  asab_log_spool_peek (&spool, LIMIT, &length);
  asab_log_spool_advance (&spool, length);
  g_assert_cmpuint (push (&spool, "...", TRUE), ==, 0);
  g_assert_cmpuint (push (&spool, "0123456789012345678901234567.", TRUE), ==, 0);
  g_assert_cmpuint (push (&spool, "01234567890123456789.", TRUE), ==, 0);
  assert_waiting (&spool, "...0123456789012345678901234567.01234567890123456789.");
  asab_log_spool_rewind (&spool);
  assert_waiting (&spool, "...0123456789012345678901234567.01234567890123456789.");
  asab_log_spool_clear (&spool);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/log-spool/order", test_order);
  g_test_add_func ("/asab/log-spool/full", test_full);
  g_test_add_func ("/asab/log-spool/sent", test_sent);

  return g_test_run ();
}
