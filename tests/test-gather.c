/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

/* Jobs that know when they run. */
typedef struct
{
  guint n_running;
  guint n_most;      /* that were there at once */
  guint n_entered;
  guint n_ended;
  guint n_cancelled;
  int failing;       /* the number of the first job that fails, or −1 */
  double seconds;    /* that the first job takes; each takes a second less than the one before, or none */
  gboolean cleans_up;
} Jobs;

typedef struct
{
  Jobs *jobs;
  guint index;
} Job;

static gboolean
run_job (gpointer   data,
         GValue    *result,
         GError   **error)
{
  Job *job = data;
  Jobs *jobs = job->jobs;
  gboolean slept;

  jobs->n_entered++;
  jobs->n_running++;
  jobs->n_most = MAX (jobs->n_most, jobs->n_running);
  slept = asab_fiber_sleep (MAX (jobs->seconds - job->index, 0), error);
  if (!slept && jobs->cleans_up)
    {
      g_auto(AsabShield) shield G_GNUC_UNUSED = asab_shield_begin ();

      asab_fiber_sleep (1, NULL);
    }
  jobs->n_running--;
  jobs->n_ended++;
  if (!slept)
    {
      jobs->n_cancelled++;
      return FALSE;
    }
  if (jobs->failing == (int) job->index)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
      return FALSE;
    }

  g_value_init (result, G_TYPE_INT);
  g_value_set_int (result, (int) job->index);

  return TRUE;
}

static AsabFuture *
start_job (guint      index,
           gpointer   user_data,
           GError   **error G_GNUC_UNUSED)
{
  Job *job = g_new (Job, 1);

  *job = (Job) { user_data, index };

  return asab_spawn (run_job, job, g_free);
}

static AsabCoroutine *
new_coroutine (Jobs  *jobs,
               guint  index)
{
  Job *job = g_new (Job, 1);

  *job = (Job) { jobs, index };

  return asab_coroutine_new_for_fiber (NULL, run_job, job, g_free);
}

static void
trace_destroy_cb (gpointer data G_GNUC_UNUSED)
{
  async_trace ("D");
}

static AsabFutureSet *
dup_set (AsabFuture *future)
{
  g_autoptr(GError) error = NULL;
  AsabFutureSet *set = asab_future_dup_boxed (future, ASAB_TYPE_FUTURE_SET, &error);

  g_assert_no_error (error);

  return set;
}

/* Asserts that the jobs have given their numbers, in order. */
static void
assert_numbers (AsabFuture *future,
                guint       n_jobs)
{
  g_autoptr(AsabFutureSet) set = dup_set (future);

  g_assert_cmpuint (asab_future_set_get_n_futures (set), ==, n_jobs);
  for (guint i = 0; i < n_jobs; i++)
    async_assert_int (asab_future_set_get_future (set, i), (int) i);
}

/* Jobs that end in the opposite order. */
static void
test_order (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  Jobs jobs = { .failing = -1, .seconds = 5 };
  g_autoptr(AsabFuture) future = asab_map_limited (2, 5, ASAB_GATHER_DEFAULT, start_job, &jobs, trace_destroy_cb);

  g_assert_cmpuint (jobs.n_entered, ==, 0);
  async_run_ready (fixture);
  g_assert_cmpuint (jobs.n_entered, ==, 2);
  async_advance (fixture, 4);
  g_assert_cmpuint (jobs.n_entered, ==, 3);
  async_assert_trace (fixture, "");
  async_advance (fixture, 10);
  g_assert_false (asab_future_is_done (future));
  async_assert_trace (fixture, "D");
  async_advance (fixture, 10);
  assert_numbers (future, 5);
  g_assert_cmpuint (jobs.n_most, ==, 2);
}

static void
test_default_limit (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  Jobs jobs = { .failing = -1 };
  g_autoptr(AsabFuture) future = asab_map_limited (ASAB_GATHER_DEFAULT_LIMIT, 20, ASAB_GATHER_DEFAULT, start_job, &jobs,
                                                   NULL);

  async_run_ready (fixture);
  async_advance (fixture, 1);
  assert_numbers (future, 20);
  g_assert_cmpuint (jobs.n_most, ==, 8);
}

static void
test_none (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) mapped = asab_map_limited (1, 0, ASAB_GATHER_DEFAULT, start_job, NULL, trace_destroy_cb);
  g_autoptr(AsabFuture) gathered = asab_gather_limited (1, NULL, 0, ASAB_GATHER_RETURN_ERRORS);

  async_assert_trace (fixture, "D");
  assert_numbers (mapped, 0);
  assert_numbers (gathered, 0);
}

static void
test_return_errors (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  Jobs jobs = { .failing = 1 };
  g_autoptr(AsabFuture) future = asab_map_limited (2, 3, ASAB_GATHER_RETURN_ERRORS, start_job, &jobs, NULL);
  g_autoptr(AsabFutureSet) set = NULL;

  async_advance (fixture, 1);
  set = dup_set (future);
  async_assert_int (asab_future_set_get_future (set, 0), 0);
  async_assert_error (asab_future_set_get_future (set, 1), G_IO_ERROR, G_IO_ERROR_BUSY);
  async_assert_int (asab_future_set_get_future (set, 2), 2);
}

/* The first error decides, and the others go on. */
static void
test_error (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  Jobs jobs = { .failing = 1, .seconds = 3 };
  g_autoptr(AsabFuture) future = asab_map_limited (2, 6, ASAB_GATHER_DEFAULT, start_job, &jobs, trace_destroy_cb);

  async_advance (fixture, 2);
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_cmpuint (jobs.n_ended, <, 6);
  async_advance (fixture, 10);
  async_advance (fixture, 10);
  g_assert_cmpuint (jobs.n_ended, ==, 6);
  g_assert_cmpuint (jobs.n_cancelled, ==, 0);
  async_assert_trace (fixture, "D");
}

static void
test_cancel_on_error (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  Jobs jobs = { .failing = 1, .seconds = 3 };
  g_autoptr(AsabFuture) future = asab_map_limited (2, 6, ASAB_GATHER_CANCEL_ON_ERROR, start_job, &jobs,
                                                   trace_destroy_cb);

  async_advance (fixture, 2);
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_BUSY);
  async_assert_trace (fixture, "D");
  g_assert_cmpuint (jobs.n_entered, ==, 2);
  g_assert_cmpuint (jobs.n_cancelled, ==, 1);
}

/* All outcomes, although not all jobs were started. */
static void
test_return_and_cancel (AsyncFixture  *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  Jobs jobs = { .failing = 1, .seconds = 3 };
  g_autoptr(AsabFuture) future = asab_map_limited (2, 3, ASAB_GATHER_RETURN_ERRORS | ASAB_GATHER_CANCEL_ON_ERROR,
                                                   start_job, &jobs, NULL);
  g_autoptr(AsabFutureSet) set = NULL;

  async_advance (fixture, 2);
  set = dup_set (future);
  async_assert_error (asab_future_set_get_future (set, 0), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  async_assert_error (asab_future_set_get_future (set, 1), G_IO_ERROR, G_IO_ERROR_BUSY);
  async_assert_error (asab_future_set_get_future (set, 2), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (jobs.n_entered, ==, 2);
}

static AsabFuture *
never_called (guint      index G_GNUC_UNUSED,
              gpointer   user_data G_GNUC_UNUSED,
              GError   **error G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static void
test_bad_limit (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  Jobs jobs = { .failing = -1 };
  AsabCoroutine *coroutine = new_coroutine (&jobs, 0);
  g_autoptr(AsabFuture) zero = asab_map_limited (0, 1, ASAB_GATHER_DEFAULT, never_called, NULL, trace_destroy_cb);
  g_autoptr(AsabFuture) negative = asab_map_limited (-1, 1, ASAB_GATHER_RETURN_ERRORS, never_called, NULL, NULL);
  g_autoptr(AsabFuture) gathered = asab_gather_limited (0, &coroutine, 1, ASAB_GATHER_DEFAULT);

  async_assert_trace (fixture, "D");
  async_assert_error (zero, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  async_assert_error (negative, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  async_assert_error (gathered, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_null (asab_coroutine_get_future (coroutine));
  g_assert_finalize_object (coroutine);
}

/* It ends when those have that were started. */
static void
test_cancel (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  Jobs jobs = { .failing = -1, .seconds = 10, .cleans_up = TRUE };
  g_autoptr(AsabFuture) future = asab_map_limited (2, 6, ASAB_GATHER_DEFAULT, start_job, &jobs, trace_destroy_cb);

  async_run_ready (fixture);
  asab_future_cancel (future);
  asab_future_cancel (future);
  async_assert_trace (fixture, "");
  async_run_ready (fixture);
  async_assert_trace (fixture, "D");
  g_assert_false (asab_future_is_done (future));
  async_advance (fixture, 1);
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (jobs.n_entered, ==, 2);
  g_assert_cmpuint (jobs.n_cancelled, ==, 2);
}

static void
test_cancel_before_first_run (AsyncFixture  *fixture,
                              gconstpointer  data G_GNUC_UNUSED)
{
  Jobs jobs = { .failing = -1 };
  g_autoptr(AsabFuture) future = asab_map_limited (2, 6, ASAB_GATHER_RETURN_ERRORS, start_job, &jobs, NULL);

  asab_future_cancel (future);
  async_run_ready (fixture);
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (jobs.n_ended, ==, jobs.n_entered);
  g_assert_cmpuint (jobs.n_entered, <=, 2);
}

/* Nobody waits for it any more, and it goes on all the same. */
static void
test_dropped (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  Jobs jobs = { .failing = 3 };

  asab_future_unref (asab_map_limited (1, 5, ASAB_GATHER_RETURN_ERRORS, start_job, &jobs, trace_destroy_cb));
  async_advance (fixture, 1);
  g_assert_cmpuint (jobs.n_ended, ==, 5);
  async_assert_trace (fixture, "D");
}

static AsabFuture *
fail_at_three (guint      index,
               gpointer   user_data G_GNUC_UNUSED,
               GError   **error)
{
  if (index == 2)
    return NULL;
  if (index != 3)
    return async_new_int_future ((int) index);

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");

  return NULL;
}

/* A function that gives no future is done, or has failed. */
static void
test_function_without_future (AsyncFixture  *fixture,
                              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) future = asab_map_limited (2, 5, ASAB_GATHER_RETURN_ERRORS, fail_at_three, NULL, NULL);
  g_autoptr(AsabFutureSet) set = NULL;

  async_run_ready (fixture);
  set = dup_set (future);
  g_assert_true (asab_future_is_resolved (asab_future_set_get_future (set, 2)));
  g_assert_null (asab_future_set_get_value (set, 2, NULL));
  async_assert_error (asab_future_set_get_future (set, 3), G_IO_ERROR, G_IO_ERROR_BUSY);
  async_assert_int (asab_future_set_get_future (set, 4), 4);
}

static AsabFuture *
resolve_at_once (guint      index,
                 gpointer   lowest,
                 GError   **error G_GNUC_UNUSED)
{
  gpointer here = &index;

  *(gpointer *) lowest = MIN (*(gpointer *) lowest, here);

  return async_new_int_future ((int) index);
}

/* Jobs that end at once do not pile up on the stack. */
static void
test_many_at_once (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  guint8 here;
  gpointer lowest = &here;
  g_autoptr(AsabFuture) future = asab_map_limited (3, 10000, ASAB_GATHER_DEFAULT, resolve_at_once, &lowest, NULL);

  async_run_ready (fixture);
  assert_numbers (future, 10000);
  g_assert_cmpint (&here - (guint8 *) lowest, <, 65536);
}

static void
test_coroutines (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  Jobs jobs = { .failing = -1, .seconds = 2 };
  AsabCoroutine *coroutines[5];
  g_autoptr(AsabFuture) future = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (coroutines); i++)
    coroutines[i] = new_coroutine (&jobs, i);
  future = asab_gather_limited (2, coroutines, G_N_ELEMENTS (coroutines), ASAB_GATHER_DEFAULT);
  for (guint i = 0; i < G_N_ELEMENTS (coroutines); i++)
    g_object_unref (coroutines[i]);

  async_advance (fixture, 2);
  async_advance (fixture, 2);
  assert_numbers (future, G_N_ELEMENTS (coroutines));
  g_assert_cmpuint (jobs.n_most, ==, 2);
}

static void
test_same_coroutine (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  Jobs jobs = { .failing = -1 };
  g_autoptr(AsabCoroutine) coroutine = new_coroutine (&jobs, 0);
  AsabCoroutine *coroutines[] = { coroutine, coroutine };
  g_autoptr(AsabFuture) future = asab_gather_limited (2, coroutines, 2, ASAB_GATHER_RETURN_ERRORS);
  g_autoptr(AsabFutureSet) set = NULL;

  async_advance (fixture, 1);
  set = dup_set (future);
  async_assert_int (asab_future_set_get_future (set, 0), 0);
  async_assert_error (asab_future_set_get_future (set, 1), ASAB_ERROR, ASAB_ERROR_ALREADY_STARTED);
}

/* A coroutine that was closed is a failure, and those that are not started any more are dropped. */
static void
test_closed_coroutine (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  Jobs jobs = { .failing = -1 };
  AsabCoroutine *coroutines[] = { new_coroutine (&jobs, 0), new_coroutine (&jobs, 1) };
  g_autoptr(AsabFuture) closed G_GNUC_UNUSED = asab_coroutine_close (coroutines[0]);
  g_autoptr(AsabFuture) future = asab_gather_limited (1, coroutines, 2, ASAB_GATHER_CANCEL_ON_ERROR);

  async_run_ready (fixture);
  async_assert_error (future, ASAB_ERROR, ASAB_ERROR_CLOSED);
  g_assert_cmpuint (jobs.n_entered, ==, 0);
  g_assert_finalize_object (coroutines[0]);
  g_assert_finalize_object (coroutines[1]);
}

/* A job that was cancelled by somebody else has failed. */
static void
test_cancelled_job (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  Jobs jobs = { .failing = -1, .seconds = 1 };
  g_autoptr(AsabCoroutine) coroutine = new_coroutine (&jobs, 0);
  g_autoptr(AsabFuture) future = asab_gather_limited (1, &coroutine, 1, ASAB_GATHER_DEFAULT);

  asab_future_cancel (asab_coroutine_get_future (coroutine));
  async_run_ready (fixture);
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* The function runs a main loop in which the first job ends and the gather is cancelled. */
typedef struct
{
  AsyncFixture *fixture;
  AsabFuture *future; /* (nullable) */
  guint n_calls;
} Nesting;

static AsabFuture *
run_main_loop (guint      index,
               gpointer   user_data,
               GError   **error G_GNUC_UNUSED)
{
  Nesting *nesting = user_data;

  nesting->n_calls++;
  if (nesting->future != NULL)
    asab_future_cancel (nesting->future);
  async_run_ready (nesting->fixture);
  async_assert_trace (nesting->fixture, "");

  return async_new_int_future ((int) index);
}

static void
test_nested_loop (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  Nesting nesting = { fixture, NULL, 0 };
  g_autoptr(AsabFuture) future = asab_map_limited (2, 4, ASAB_GATHER_DEFAULT, run_main_loop, &nesting,
                                                   trace_destroy_cb);

  async_run_ready (fixture);
  async_assert_trace (fixture, "D");
  assert_numbers (future, 4);
}

static void
test_nested_cancel (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  Nesting nesting = { fixture, NULL, 0 };
  g_autoptr(AsabFuture) future = asab_map_limited (1, 4, ASAB_GATHER_DEFAULT, run_main_loop, &nesting,
                                                   trace_destroy_cb);

  nesting.future = future;
  async_run_ready (fixture);
  async_assert_trace (fixture, "D");
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (nesting.n_calls, ==, 2);
}

static void
add_tests (void)
{
  async_test_add ("/asab/gather/order", test_order);
  async_test_add ("/asab/gather/default-limit", test_default_limit);
  async_test_add ("/asab/gather/none", test_none);
  async_test_add ("/asab/gather/return-errors", test_return_errors);
  async_test_add ("/asab/gather/error", test_error);
  async_test_add ("/asab/gather/cancel-on-error", test_cancel_on_error);
  async_test_add ("/asab/gather/return-and-cancel", test_return_and_cancel);
  async_test_add ("/asab/gather/bad-limit", test_bad_limit);
  async_test_add ("/asab/gather/cancel", test_cancel);
  async_test_add ("/asab/gather/cancel-before-first-run", test_cancel_before_first_run);
  async_test_add ("/asab/gather/dropped", test_dropped);
  async_test_add ("/asab/gather/function-without-future", test_function_without_future);
  async_test_add ("/asab/gather/many-at-once", test_many_at_once);
  async_test_add ("/asab/gather/coroutines", test_coroutines);
  async_test_add ("/asab/gather/same-coroutine", test_same_coroutine);
  async_test_add ("/asab/gather/closed-coroutine", test_closed_coroutine);
  async_test_add ("/asab/gather/cancelled-job", test_cancelled_job);
  async_test_add ("/asab/gather/nested-loop", test_nested_loop);
  async_test_add ("/asab/gather/nested-cancel", test_nested_cancel);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
