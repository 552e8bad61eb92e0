/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the benchmarks in C share. A case measures ours and the peer's turn by turn and takes the median of each, so
 * that a machine that changes its pace changes it for both. One JSON object a line goes to standard output.
 *
 * With --count, under callgrind, a case runs each side once and dumps the instructions: first ours, then the peer's,
 * if there is one.
 */

#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <valgrind/callgrind.h>

#define N_ROUNDS 51

static const char *bench_suite;
static gboolean is_counting;

void
bench_init (const char  *suite,
            int          argc,
            char       **argv)
{
  bench_suite = suite;
  is_counting = argc == 2 && g_str_equal (argv[1], "--count");
}

static void
prepare (const BenchSide *self)
{
  if (self->before != NULL)
    self->before (self->data, self->n_calls);
}

double
bench_get_nanoseconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);

  return (double) now.tv_sec * 1e9 + (double) now.tv_nsec;
}

/* Returns: nanoseconds a call */
static double
time_side (const BenchSide *self)
{
  double start;

  prepare (self);
  start = bench_get_nanoseconds ();
  self->work (self->data, self->n_calls);

  return (bench_get_nanoseconds () - start) / self->n_calls;
}

static void
count_side (const BenchSide *self)
{
  prepare (self);
  CALLGRIND_START_INSTRUMENTATION;
  CALLGRIND_ZERO_STATS;
  self->work (self->data, self->n_calls);
  CALLGRIND_DUMP_STATS;
  CALLGRIND_STOP_INSTRUMENTATION;
}

static int
compare_doubles (gconstpointer a,
                 gconstpointer b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;

  return (x > y) - (x < y);
}

/* Sorts @values. */
double
bench_median (double *values,
              guint   n_values)
{
  qsort (values, n_values, sizeof *values, compare_doubles);

  return values[n_values / 2];
}

static void
count_case (const BenchCase *self)
{
  count_side (&self->ours);
  printf ("{\"suite\":\"%s\",\"case\":\"%s\",\"unit\":\"instructions\",\"our_calls\":%u",
          bench_suite, self->name, self->ours.n_calls);
  if (self->peer_name != NULL)
    {
      count_side (&self->peer);
      printf (",\"peer_name\":\"%s\",\"peer_calls\":%u", self->peer_name, self->peer.n_calls);
    }
  printf ("}\n");
}

static void
time_case (const BenchCase *self)
{
  double ours[N_ROUNDS];
  double peers[N_ROUNDS];

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      ours[i] = time_side (&self->ours);
      if (self->peer_name != NULL)
        peers[i] = time_side (&self->peer);
    }

  printf ("{\"suite\":\"%s\",\"case\":\"%s\",\"ours\":%.2f,\"unit\":\"ns\",\"target\":%g",
          bench_suite, self->name, bench_median (ours, N_ROUNDS), self->target);
  if (self->peer_name != NULL)
    printf (",\"peer_name\":\"%s\",\"peer\":%.2f,\"sense\":\"%s\"}\n",
            self->peer_name, bench_median (peers, N_ROUNDS),
            self->sense == BENCH_AT_MOST ? "ours/peer <=" : "peer/ours >=");
  else
    printf (",\"sense\":\"ours <=\"}\n");
}

void
bench_run (const BenchCase *self)
{
  time_side (&self->ours); /* warms up */
  if (self->peer_name != NULL)
    time_side (&self->peer);

  if (is_counting)
    count_case (self);
  else
    time_case (self);
  fflush (stdout);
}

/* Tells what was measured in another way, maybe without a peer; a @target of 0 is none, and without a peer it bounds
 * @ours. */
void
bench_report (const char *name,
              const char *unit,
              double      ours,
              const char *peer_name,
              double      peer,
              double      target)
{
  printf ("{\"suite\":\"%s\",\"case\":\"%s\",\"ours\":%.2f,\"unit\":\"%s\"", bench_suite, name, ours, unit);
  if (peer_name != NULL)
    printf (",\"peer_name\":\"%s\",\"peer\":%.2f", peer_name, peer);
  if (target > 0)
    printf (",\"sense\":\"%s\",\"target\":%g", peer_name != NULL ? "ours/peer <=" : "ours <=", target);
  printf ("}\n");
  fflush (stdout);
}
