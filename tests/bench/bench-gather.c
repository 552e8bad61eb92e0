/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Many fibers, a few at a time, each of which lets the others go first once: once for each line that it is sent, to
 * which it answers with the nanoseconds that it took. */

#include "bench.h"

#include <asab-glib/asab.h>

#include <stdio.h>

#define N_JOBS 10000
#define LIMIT 100

static gboolean
job_fiber (gpointer   data,
           GValue    *result,
           GError   **error)
{
  if (!asab_fiber_yield (error))
    return FALSE;

  g_value_init (result, G_TYPE_INT64);
  g_value_set_int64 (result, GPOINTER_TO_INT (data));

  return TRUE;
}

static AsabFuture *
start_job (guint      index,
           gpointer   user_data G_GNUC_UNUSED,
           GError   **error G_GNUC_UNUSED)
{
  return asab_spawn (job_fiber, GUINT_TO_POINTER (index), NULL);
}

static gint64
sum_results (AsabFuture *future)
{
  g_autoptr(AsabFutureSet) set = asab_future_dup_boxed (future, ASAB_TYPE_FUTURE_SET, NULL);
  gint64 sum = 0;

  for (guint i = 0; i < asab_future_set_get_n_futures (set); i++)
    sum += asab_future_get_int64 (asab_future_set_get_future (set, i), NULL);

  return sum;
}

static void
gather (void)
{
  g_autoptr(AsabFuture) future = asab_map_limited (LIMIT, N_JOBS, ASAB_GATHER_DEFAULT, start_job, NULL, NULL);
  g_autoptr(GError) error = NULL;

  asab_run_until_complete (future, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sum_results (future), ==, (gint64) N_JOBS * (N_JOBS - 1) / 2);
}

int
main (void)
{
  char line[8];

  while (fgets (line, sizeof line, stdin) != NULL)
    {
      double start = bench_get_nanoseconds ();

      gather ();
      printf ("%.0f\n", bench_get_nanoseconds () - start);
      fflush (stdout);
    }

  return 0;
}
