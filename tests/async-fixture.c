/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

static GString *log_sink; /* (nullable): of the running test */
static GMutex lock;
static GCond freed_cond;
static GString *trace;    /* (nullable): of the running test */

static GLogWriterOutput
write_log (GLogLevelFlags   level,
           const GLogField *fields,
           gsize            n_fields,
           gpointer         user_data G_GNUC_UNUSED)
{
  gboolean taken;

  g_mutex_lock (&lock);
  taken = (level & (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING)) != 0 && log_sink != NULL;
  for (gsize i = 0; taken && i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE"))
      g_string_append_printf (log_sink, "%s\n", (const char *) fields[i].value);
  g_mutex_unlock (&lock);

  return taken ? G_LOG_WRITER_HANDLED : g_log_writer_default (level, fields, n_fields, NULL);
}

static gboolean
never_cb (gpointer user_data G_GNUC_UNUSED)
{
  return G_SOURCE_REMOVE;
}

static void
context_freed_cb (gpointer user_data)
{
  g_mutex_lock (&lock);
  ((AsyncFixture *) user_data)->context_freed = TRUE;
  g_cond_broadcast (&freed_cond);
  g_mutex_unlock (&lock);
}

/* Another thread may be about to drop the last reference. */
static void
assert_context_freed (AsyncFixture *fixture)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  gboolean freed;

  g_mutex_lock (&lock);
  while (!fixture->context_freed && g_cond_wait_until (&freed_cond, &lock, end))
    ;
  freed = fixture->context_freed;
  g_mutex_unlock (&lock);

  if (!freed)
    g_error ("Something keeps the main context of the test");
}

/* A source that is never ready tells when its context goes. */
static void
watch_context (AsyncFixture *fixture)
{
  static GSourceFuncs no_funcs;
  g_autoptr(GSource) source = g_source_new (&no_funcs, sizeof (GSource));

  g_source_set_callback (source, never_cb, fixture, context_freed_cb);
  g_source_attach (source, fixture->context);
}

static void
set_up (AsyncFixture  *fixture,
        gconstpointer  data G_GNUC_UNUSED)
{
  fixture->log = log_sink = g_string_new (NULL);
  fixture->trace = trace = g_string_new (NULL);
  fixture->context = g_main_context_new ();
  watch_context (fixture);
  g_main_context_push_thread_default (fixture->context);
  fixture->clock = asab_clock_new ();
  asab_clock_install (fixture->clock, fixture->context);
}

static void
tear_down (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  async_run_ready (fixture);
  asab_clock_uninstall (fixture->clock, fixture->context);
  g_assert_finalize_object (fixture->clock);
  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
  assert_context_freed (fixture);

  g_assert_cmpstr (fixture->log->str, ==, "");
  g_mutex_lock (&lock);
  log_sink = NULL;
  g_mutex_unlock (&lock);
  g_string_free (fixture->log, TRUE);
  g_string_free (g_steal_pointer (&trace), TRUE);
}

/* Adds a test that runs with a fixture. */
void
async_test_add (const char    *path,
                AsyncTestFunc  func)
{
  g_test_add (path, AsyncFixture, NULL, set_up, func, tear_down);
}

/* The main function of a test program. */
int
async_test_run (int    argc,
                char **argv,
                void (*add_tests) (void))
{
  g_log_set_writer_func (write_log, NULL, NULL);
  g_test_init (&argc, &argv, NULL);
  add_tests ();

  return g_test_run ();
}

/* Runs what is ready now, and what that makes ready. */
void
async_run_ready (AsyncFixture *fixture)
{
  while (g_main_context_iteration (fixture->context, FALSE))
    ;
}

/* Lets time pass, after which everything that was due has happened. */
void
async_advance (AsyncFixture *fixture,
               double        seconds)
{
  async_run_ready (fixture);
  asab_clock_advance (fixture->clock, seconds);
  async_run_ready (fixture);
}

/* Asserts that all that was logged since the last time matches @pattern, and forgets it. */
void
async_assert_log (AsyncFixture *fixture,
                  const char   *pattern)
{
  if (!g_pattern_match_simple (pattern, fixture->log->str))
    g_error ("Logged “%s”, not “%s”", fixture->log->str, pattern);

  g_string_truncate (fixture->log, 0);
}

/* Notes that something happened. */
void
async_trace (const char *what)
{
  g_string_append (trace, what);
}

static void
trace_done_cb (AsabFuture *future G_GNUC_UNUSED,
               gpointer    what)
{
  async_trace (what);
}

/* Notes @what when @future is done. Returns: the id of the callback */
guint
async_trace_done (AsabFuture *future,
                  const char *what)
{
  return asab_future_when_done (future, trace_done_cb, (gpointer) what, NULL);
}

/* The callback of a source that notes @what once. */
gboolean
async_trace_source_cb (gpointer what)
{
  async_trace (what);

  return G_SOURCE_REMOVE;
}

/* Asserts that what happened since the last time is @expected, in that order. */
void
async_assert_trace (AsyncFixture *fixture,
                    const char   *expected)
{
  g_assert_cmpstr (fixture->trace->str, ==, expected);
  g_string_truncate (fixture->trace, 0);
}

AsabFuture *
async_new_int_future (int value)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();

  asab_promise_resolve_int64 (promise, value);

  return asab_future_ref (asab_promise_get_future (promise));
}

/* Asserts that @future is resolved with @value. */
void
async_assert_int (AsabFuture *future,
                  int         value)
{
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (asab_future_get_int64 (future, &error), ==, value);
  g_assert_no_error (error);
}

/* Asserts that @future is rejected with an error. */
void
async_assert_error (AsabFuture *future,
                    GQuark      domain,
                    int         code)
{
  g_autoptr(GError) error = asab_future_dup_error (future);

  g_assert_error (error, domain, code);
}
