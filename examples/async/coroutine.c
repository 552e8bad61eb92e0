/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A coroutine with helpers of its own: it processes those numbers of many ranges that are even. */

#include <asab-glib/asab.h>

/* Yields the lengths of the ranges, one after the other. */

#define EXAMPLE_TYPE_RANGES (example_ranges_get_type ())
G_DECLARE_FINAL_TYPE (ExampleRanges, example_ranges, EXAMPLE, RANGES, AsabCoroutine)

struct _ExampleRanges
{
  AsabCoroutine parent_instance;

  int up_to;
};

G_DEFINE_FINAL_TYPE (ExampleRanges, example_ranges, ASAB_TYPE_COROUTINE)

static gboolean
example_ranges_run (AsabCoroutine  *coroutine,
                    GValue         *result,
                    GError        **error)
{
  g_auto(GValue) length = G_VALUE_INIT;

  g_value_init (&length, G_TYPE_INT);
  for (int n = 0; n < EXAMPLE_RANGES (coroutine)->up_to; n++)
    {
      g_value_set_int (&length, n);
      if (!asab_coroutine_yield (coroutine, &length, NULL, error))
        return FALSE;
    }

  return TRUE;
}

static void
example_ranges_class_init (ExampleRangesClass *klass)
{
  ASAB_COROUTINE_CLASS (klass)->run = example_ranges_run;
}

static void
example_ranges_init (ExampleRanges *self)
{
  self->up_to = 5;
}

/* Processes what the filter lets through. */

#define EXAMPLE_TYPE_FILTER (example_filter_get_type ())
G_DECLARE_FINAL_TYPE (ExampleFilter, example_filter, EXAMPLE, FILTER, AsabCoroutine)

struct _ExampleFilter
{
  AsabCoroutine parent_instance;

  AsabCoroutine *ranges;
};

G_DEFINE_FINAL_TYPE (ExampleFilter, example_filter, ASAB_TYPE_COROUTINE)

static gboolean
example_filter_accepts (int number)
{
  return number % 2 == 0;
}

static void
example_filter_process (int number)
{
  g_print ("%d\n", number);
}

/* Returns false at the end, which is an error only if @error is set. */
static gboolean
example_filter_next_range (ExampleFilter  *self,
                           int            *length,
                           GError        **error)
{
  g_autoptr(AsabFuture) next = asab_coroutine_send (self->ranges, NULL);
  g_autoptr(GError) local_error = NULL;

  *length = (int) asab_await_int64 (next, &local_error);
  if (local_error == NULL)
    return TRUE;
  if (!g_error_matches (local_error, ASAB_ERROR, ASAB_ERROR_CLOSED))
    g_propagate_error (error, g_steal_pointer (&local_error));

  return FALSE;
}

static gboolean
example_filter_run (AsabCoroutine  *coroutine,
                    GValue         *result,
                    GError        **error)
{
  ExampleFilter *self = EXAMPLE_FILTER (coroutine);
  GError *local_error = NULL;
  int length;

  while (example_filter_next_range (self, &length, &local_error))
    for (int n = 0; n < length; n++)
      if (example_filter_accepts (n))
        example_filter_process (n);

  if (local_error != NULL)
    g_propagate_error (error, local_error);

  return local_error == NULL;
}

static void
example_filter_finalize (GObject *object)
{
  g_object_unref (EXAMPLE_FILTER (object)->ranges);

  G_OBJECT_CLASS (example_filter_parent_class)->finalize (object);
}

static void
example_filter_class_init (ExampleFilterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = example_filter_finalize;
  ASAB_COROUTINE_CLASS (klass)->run = example_filter_run;
}

static void
example_filter_init (ExampleFilter *self)
{
  self->ranges = g_object_new (EXAMPLE_TYPE_RANGES, NULL);
}

int
main (void)
{
  g_autoptr(AsabCoroutine) filter = g_object_new (EXAMPLE_TYPE_FILTER, NULL);
  g_autoptr(AsabFuture) future = asab_coroutine_start (filter);
  g_autoptr(GError) error = NULL;

  if (!asab_run_until_complete (future, NULL, &error))
    g_error ("%s", error->message);

  return 0;
}
