/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

/* A class whose body has helpers: prints the even ones of the numbers in ranges that grow. */
#define EVEN_TYPE_PRINTER (even_printer_get_type ())
G_DECLARE_FINAL_TYPE (EvenPrinter, even_printer, EVEN, PRINTER, AsabCoroutine)

struct _EvenPrinter
{
  AsabCoroutine parent_instance;

  AsabCoroutine *ranges; /* (owned): yields the length of one range after the other */
};

G_DEFINE_FINAL_TYPE (EvenPrinter, even_printer, ASAB_TYPE_COROUTINE)

/* Returns: true if there is a next range; false at the end, and with @error if there will be none */
static gboolean
even_printer_next_range (EvenPrinter  *self,
                         int          *length,
                         GError      **error)
{
  g_autoptr(AsabFuture) future = asab_coroutine_send (self->ranges, NULL);
  g_autoptr(GError) local_error = NULL;

  *length = (int) asab_await_int64 (future, &local_error);
  if (g_error_matches (local_error, ASAB_ERROR, ASAB_ERROR_CLOSED))
    return FALSE;
  if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));

  return local_error == NULL;
}

static void
even_printer_process (int number)
{
  g_autofree char *text = g_strdup_printf ("%d ", number);

  async_trace (text);
}

static gboolean
even_printer_run (AsabCoroutine  *coroutine,
                  GValue         *result,
                  GError        **error)
{
  EvenPrinter *self = EVEN_PRINTER (coroutine);
  int n_printed = 0;
  int length;

  while (even_printer_next_range (self, &length, error))
    for (int i = 0; i < length; i += 2, n_printed++)
      even_printer_process (i);

  g_value_init (result, G_TYPE_INT);
  g_value_set_int (result, n_printed);

  return *error == NULL;
}

static void
even_printer_finalize (GObject *object)
{
  g_clear_object (&EVEN_PRINTER (object)->ranges);

  G_OBJECT_CLASS (even_printer_parent_class)->finalize (object);
}

static void
even_printer_class_init (EvenPrinterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = even_printer_finalize;
  ASAB_COROUTINE_CLASS (klass)->run = even_printer_run;
}

static void
even_printer_init (EvenPrinter *self G_GNUC_UNUSED)
{
}

typedef struct
{
  AsabCoroutine *self; /* (not owned) */
  AsabFuture *future;  /* (not owned) (nullable): what it waits for */
} Body;

static AsabCoroutine *
new_coroutine (AsabFiberFunc  func,
               Body          *body)
{
  body->self = asab_coroutine_new_for_fiber ("job", func, body, NULL);

  return body->self;
}

static gboolean
yield_int (AsabCoroutine  *self,
           int             number,
           GValue         *sent,
           GError        **error)
{
  g_auto(GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, number);

  return asab_coroutine_yield (self, &value, sent, error);
}

static gboolean
yield_ranges (gpointer   data,
              GValue    *result G_GNUC_UNUSED,
              GError   **error)
{
  for (int length = 0; length < 5; length++)
    if (!yield_int (((Body *) data)->self, length, NULL, error))
      return FALSE;

  return TRUE;
}

static void
test_subclass (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  EvenPrinter *printer = g_object_new (EVEN_TYPE_PRINTER, NULL);
  g_autoptr(AsabFuture) future = NULL;
  Body body;

  printer->ranges = new_coroutine (yield_ranges, &body);
  g_assert_cmpstr (asab_coroutine_get_name (ASAB_COROUTINE (printer)), ==, "EvenPrinter");
  future = asab_coroutine_start (ASAB_COROUTINE (printer));
  async_assert_trace (fixture, "");
  async_run_ready (fixture);
  async_assert_trace (fixture, "0 0 0 2 0 2 ");
  async_assert_int (future, 6);

  g_assert_finalize_object (printer);
}

static gboolean
await_it (gpointer   data,
          GValue    *result,
          GError   **error)
{
  GError *local_error = NULL;
  gint64 number;

  async_trace ("(");
  number = asab_await_int64 (((Body *) data)->future, &local_error);
  async_trace (")");
  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return FALSE;
    }

  g_value_init (result, G_TYPE_INT64);
  g_value_set_int64 (result, number);

  return TRUE;
}

static gboolean
never_entered (gpointer   data G_GNUC_UNUSED,
               GValue    *result G_GNUC_UNUSED,
               GError   **error G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

/* A coroutine keeps itself while it runs, and is gone when nobody else has it. */
static void
test_lifetime (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  Body body = { NULL, asab_promise_get_future (promise) };
  AsabCoroutine *self = new_coroutine (await_it, &body);
  g_autoptr(AsabFuture) future = NULL;
  gpointer alive = self;

  g_object_add_weak_pointer (G_OBJECT (self), &alive);
  g_assert_null (asab_coroutine_get_future (self));
  future = asab_coroutine_start (self);
  g_assert_true (asab_coroutine_get_future (self) == future);
  g_object_unref (self);
  async_run_ready (fixture);
  async_assert_trace (fixture, "(");
  g_assert_nonnull (alive);

  asab_promise_resolve_int64 (promise, 3);
  async_run_ready (fixture);
  async_assert_int (future, 3);
  g_assert_null (alive);
}

static void
test_start_twice (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) seven = async_new_int_future (7);
  Body body = { NULL, seven };
  AsabCoroutine *self = new_coroutine (await_it, &body);
  g_autoptr(AsabFuture) future = asab_coroutine_start (self);
  g_autoptr(AsabFuture) again = asab_coroutine_start (self);
  g_autoptr(AsabFuture) late = NULL;

  async_assert_error (again, ASAB_ERROR, ASAB_ERROR_ALREADY_STARTED);
  async_run_ready (fixture);
  async_assert_trace (fixture, "()");
  async_assert_int (future, 7);

  late = asab_coroutine_start (self);
  async_assert_error (late, ASAB_ERROR, ASAB_ERROR_ALREADY_STARTED);
  g_assert_finalize_object (self);
}

static void
test_close_before_start (AsyncFixture  *fixture,
                         gconstpointer  data G_GNUC_UNUSED)
{
  Body body = { NULL, NULL };
  AsabCoroutine *self = new_coroutine (never_entered, &body);
  g_autoptr(AsabFuture) closed = asab_coroutine_close (self);
  g_autoptr(AsabFuture) again = asab_coroutine_close (self);
  g_autoptr(AsabFuture) future = asab_coroutine_start (self);

  g_assert_true (asab_future_is_resolved (closed));
  g_assert_true (asab_future_is_resolved (again));
  async_assert_error (future, ASAB_ERROR, ASAB_ERROR_CLOSED);
  async_run_ready (fixture);
  g_assert_finalize_object (self);
}

static gboolean
clean_up (gpointer   data,
          GValue    *result G_GNUC_UNUSED,
          GError   **error)
{
  if (!asab_await (((Body *) data)->future, error))
    {
      g_auto(AsabShield) shield = asab_shield_begin ();

      asab_fiber_sleep (1, NULL);
      async_trace ("C");
      return FALSE;
    }

  return TRUE;
}

static void
test_close_while_running (AsyncFixture  *fixture,
                          gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  Body body = { NULL, asab_promise_get_future (promise) };
  AsabCoroutine *self = new_coroutine (clean_up, &body);
  g_autoptr(AsabFuture) future = asab_coroutine_start (self);
  g_autoptr(AsabFuture) closed = NULL;
  g_autoptr(AsabFuture) late = NULL;

  async_run_ready (fixture);
  closed = asab_coroutine_close (self);
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (closed));
  async_advance (fixture, 1);
  async_assert_trace (fixture, "C");
  g_assert_true (asab_future_is_resolved (closed));
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  late = asab_coroutine_close (self);
  g_assert_true (asab_future_is_resolved (late));
  g_assert_finalize_object (self);
}

static void
add_tests (void)
{
  async_test_add ("/asab/coroutine/subclass", test_subclass);
  async_test_add ("/asab/coroutine/lifetime", test_lifetime);
  async_test_add ("/asab/coroutine/start-twice", test_start_twice);
  async_test_add ("/asab/coroutine/close-before-start", test_close_before_start);
  async_test_add ("/asab/coroutine/close-while-running", test_close_while_running);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
