/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Does the same thing @n_calls times. */
typedef void (*BenchWork) (gpointer data,
                           guint    n_calls);

typedef struct
{
  BenchWork work;
  gpointer data;
  guint n_calls;
  BenchWork before; /* (nullable): makes ready for work, outside of the measurement */
} BenchSide;

/* What the target bounds. */
typedef enum
{
  BENCH_AT_MOST, /* ours divided by the peer's */
  BENCH_FASTER,  /* the peer's divided by ours, from below */
} BenchSense;

typedef struct
{
  const char *name;
  const char *peer_name; /* (nullable): without a peer the target bounds our nanoseconds */
  BenchSense sense;
  double target;
  BenchSide ours;
  BenchSide peer;
} BenchCase;

void   bench_init   (const char      *suite,
                     int              argc,
                     char           **argv);
void   bench_run    (const BenchCase *self);
void   bench_report (const char      *name,
                     const char      *unit,
                     double           ours,
                     const char      *peer_name,
                     double           peer,
                     double           target);

double bench_get_nanoseconds (void);
double bench_median          (double *values,
                              guint   n_values);

G_END_DECLS
