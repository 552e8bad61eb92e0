/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A main context of its own with a clock that is moved by hand. What is still there afterwards fails the test. */

#pragma once

#include <asab-glib/asab.h>

typedef struct
{
  GMainContext *context;   /* thread-default during the test */
  AsabClock *clock;
  GString *log;            /* a line for each warning and critical message */
  GString *trace;          /* what async_trace() was told */
  gboolean context_freed;
} AsyncFixture;

typedef void (*AsyncTestFunc) (AsyncFixture *fixture, gconstpointer data);

void        async_test_add      (const char        *path,
                                 AsyncTestFunc      func);
int         async_test_run      (int                argc,
                                 char             **argv,
                                 void             (*add_tests) (void));

void        async_run_ready     (AsyncFixture      *fixture);
void        async_advance       (AsyncFixture      *fixture,
                                 double             seconds);
void        async_assert_log    (AsyncFixture      *fixture,
                                 const char        *pattern);

void        async_trace         (const char        *what);
guint       async_trace_done    (AsabFuture        *future,
                                 const char        *what);
gboolean    async_trace_source_cb (gpointer         what);
void        async_assert_trace  (AsyncFixture      *fixture,
                                 const char        *expected);

AsabFuture *async_new_int_future (int               value);
void        async_assert_int    (AsabFuture        *future,
                                 int                value);
void        async_assert_error  (AsabFuture        *future,
                                 GQuark             domain,
                                 int                code);
