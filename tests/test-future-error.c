/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Errors that nobody looked at. */

#include "async-fixture.h"

static AsabPromise *
new_rejected_promise (void)
{
  AsabPromise *promise = asab_promise_new_at ("here.c:12");

  asab_future_set_name (asab_promise_get_future (promise), "answer");
  asab_promise_reject_literal (promise, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "lost");

  return promise;
}

static void
test_unread (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  asab_promise_unref (new_rejected_promise ());
  async_assert_log (fixture, "Nobody looked at the error of the future “answer” made at here.c:12: "
                             "lost (g-io-error-quark, 1)\n");
}

static void
test_site (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autofree char *expected = g_strdup_printf ("%s:%d", __FILE__, __LINE__ - 1);

  g_assert_cmpstr (asab_future_get_site (asab_promise_get_future (promise)), ==, expected);
  g_assert_null (asab_future_get_name (asab_promise_get_future (promise)));
  async_assert_log (fixture, "");
}

static void
test_read (AsyncFixture  *fixture G_GNUC_UNUSED,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) read = new_rejected_promise ();
  g_autoptr(AsabPromise) copied = new_rejected_promise ();
  g_autoptr(AsabPromise) discarded = new_rejected_promise ();
  g_autoptr(AsabPromise) ignored = new_rejected_promise ();
  g_autoptr(AsabPromise) cancelled = asab_promise_new ();
  g_autoptr(GError) error = NULL;

  asab_future_get_int64 (asab_promise_get_future (read), &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  async_assert_error (asab_promise_get_future (copied), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  asab_future_get_value (asab_promise_get_future (discarded), NULL);
  asab_future_ignore (asab_promise_get_future (ignored));
  asab_future_cancel (asab_promise_get_future (cancelled));
}

/* The error is passed on, and reported where it ends. */
static void
test_passed_on (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) rejected = new_rejected_promise ();
  AsabPromise *follower = asab_promise_new_at ("there.c:1");

  asab_promise_follow (follower, asab_promise_get_future (rejected));
  async_run_ready (fixture);
  async_assert_log (fixture, "");
  asab_promise_unref (follower);
  async_assert_log (fixture, "Nobody looked at * made at there.c:1: lost *");
}

static gboolean
fail (gpointer   data G_GNUC_UNUSED,
      GValue    *result G_GNUC_UNUSED,
      GError   **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "lost");

  return FALSE;
}

static void
test_fiber (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  asab_future_unref (asab_spawn (fail, NULL, NULL));
  async_run_ready (fixture);
  async_assert_log (fixture, "Nobody looked at * made at *test-future-error.c:*: lost *");
}

static void
unhandled_cb (const GError *error,
              const char   *name,
              const char   *site,
              gpointer      user_data)
{
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpstr (name, ==, "answer");
  g_assert_cmpstr (site, ==, "here.c:12");
  g_assert_null (asab_fiber_get_current ()); /* it may be a function of an interpreter */
  async_trace (user_data);
}

static void
trace_destroy_cb (gpointer user_data G_GNUC_UNUSED)
{
  async_trace ("D");
}

static void
test_func (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  asab_set_unhandled_error_func (unhandled_cb, (gpointer) "A", trace_destroy_cb);
  asab_promise_unref (new_rejected_promise ());
  asab_set_unhandled_error_func (unhandled_cb, (gpointer) "B", NULL);
  asab_promise_unref (new_rejected_promise ());
  async_assert_trace (fixture, "ADB");
  async_assert_log (fixture, "");

  asab_set_unhandled_error_func (NULL, NULL, NULL);
  asab_promise_unref (new_rejected_promise ());
  async_assert_log (fixture, "Nobody looked at *");
}

static gboolean
drop_in_fiber (gpointer   user_data G_GNUC_UNUSED,
               GValue    *result G_GNUC_UNUSED,
               GError   **error G_GNUC_UNUSED)
{
  asab_promise_unref (new_rejected_promise ());

  return TRUE;
}

static void
test_func_and_fiber (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future G_GNUC_UNUSED = asab_spawn (drop_in_fiber, NULL, NULL);

  asab_set_unhandled_error_func (unhandled_cb, (gpointer) "A", NULL);
  async_run_ready (fixture);
  asab_set_unhandled_error_func (NULL, NULL, NULL);
  async_assert_trace (fixture, "A");
}

static void
test_fatal (void)
{
  if (g_test_subprocess ())
    {
      g_setenv ("ASAB_DEBUG", "fatal-unhandled", TRUE);
      asab_promise_unref (new_rejected_promise ());
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*here.c:12*lost*");
}

static void
add_tests (void)
{
  async_test_add ("/asab/future-error/unread", test_unread);
  async_test_add ("/asab/future-error/site", test_site);
  async_test_add ("/asab/future-error/read", test_read);
  async_test_add ("/asab/future-error/passed-on", test_passed_on);
  async_test_add ("/asab/future-error/fiber", test_fiber);
  async_test_add ("/asab/future-error/func", test_func);
  async_test_add ("/asab/future-error/func-and-fiber", test_func_and_fiber);
  g_test_add_func ("/asab/future-error/fatal", test_fatal);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
