/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

static AsabFuture *
set (AsabAccessor *accessor,
     int           number)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT64);
  g_value_set_int64 (&value, number);

  return asab_accessor_set (accessor, &value);
}

static AsabFuture *
set_when_read (AsabAccessor *accessor,
               int           number)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT64);
  g_value_set_int64 (&value, number);

  return asab_accessor_set_when_read (accessor, &value);
}

/* Writes and is done. */
static void
set_now (AsabAccessor *accessor,
         int           number)
{
  g_autoptr(AsabFuture) future = set (accessor, number);

  g_assert_true (asab_future_is_resolved (future));
}

static void
assert_value (AsabAccessor *accessor,
              int           number)
{
  g_autoptr(GError) error = NULL;
  const GValue *value = asab_accessor_get_value (accessor, &error);

  g_assert_no_error (error);
  g_assert_nonnull (value);
  g_assert_cmpint (g_value_get_int64 (value), ==, number);
}

static gboolean
is_waited_for (AsabAccessor *accessor)
{
  return asab_awaitable_predicate_is_true (asab_accessor_get_has_waiting_read (accessor), NULL);
}

static AsabLock *
get_lock (AsabAccessor *accessor)
{
  return asab_condition_get_lock (asab_accessor_get_condition (accessor));
}

static void
acquire (AsabAccessor *accessor)
{
  g_autoptr(AsabFuture) future = asab_lock_acquire (get_lock (accessor));

  g_assert_true (asab_future_is_resolved (future));
}

/* The object whose value an accessor gives access to. */
typedef struct
{
  gint64 value;
  int n_read;
  int n_freed;
  gboolean unreadable;
  gboolean fails_without_error;
  AsabAccessor *to_drop;   /* (nullable): by the setter */
  AsabAccessor *to_start;  /* (nullable): a read and a write by the setter */
  AsabFuture *started[2];
} Thing;

static gboolean
get_thing (GValue    *value,
           gpointer   user_data,
           GError   **error)
{
  Thing *thing = user_data;

  g_assert_null (asab_fiber_get_current ());
  thing->n_read++;
  if (thing->fails_without_error)
    return FALSE;
  if (thing->unreadable)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "Ask later");
      return FALSE;
    }
  g_value_init (value, G_TYPE_INT64);
  g_value_set_int64 (value, thing->value);

  return TRUE;
}

static gboolean
set_thing (const GValue  *value,
           gpointer       user_data,
           GError       **error)
{
  Thing *thing = user_data;

  g_assert_null (asab_fiber_get_current ());
  if (thing->to_start != NULL)
    {
      AsabAccessor *accessor = g_steal_pointer (&thing->to_start);

      thing->started[0] = asab_accessor_get (accessor);
      thing->started[1] = set (accessor, 100);
    }
  g_clear_object (&thing->to_drop);
  if (thing->fails_without_error)
    return FALSE;
  if (value == NULL || g_value_get_int64 (value) == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Illegal value 0");
      return FALSE;
    }
  thing->value = g_value_get_int64 (value);

  return TRUE;
}

static void
count_free_cb (gpointer user_data)
{
  ((Thing *) user_data)->n_freed++;
}

static AsabAccessor *
new_for_thing (Thing *thing)
{
  g_autoptr(GError) error = NULL;
  AsabAccessor *accessor;

  accessor = asab_accessor_new_with_funcs ("thing", NULL, get_thing, thing, count_free_cb,
                                           set_thing, thing, count_free_cb, &error);
  g_assert_no_error (error);

  return accessor;
}

/* A write before the read is none that it waits for. */
static void
test_new (AsyncFixture  *fixture,
          gconstpointer  data G_GNUC_UNUSED)
{
  AsabAccessor *accessor = asab_accessor_new ("foo", NULL);
  g_autoptr(AsabFuture) read = NULL;
  g_autoptr(AsabCondition) condition = NULL;
  g_autoptr(AsabAwaitablePredicate) waiting = NULL;
  g_autofree char *name = NULL;
  GValue *value = NULL;

  g_object_get (accessor, "name", &name, "condition", &condition, "has-waiting-read", &waiting, "value", &value, NULL);
  g_assert_cmpstr (name, ==, "foo");
  g_assert_cmpstr (asab_accessor_get_name (accessor), ==, "foo");
  g_assert_true (condition == asab_accessor_get_condition (accessor));
  g_assert_true (waiting == asab_accessor_get_has_waiting_read (accessor));
  g_assert_null (value);
  g_assert_null (asab_accessor_get_value (accessor, NULL));
  g_assert_false (asab_accessor_has_custom_funcs (accessor));

  set_now (accessor, 1);
  read = asab_accessor_get (accessor);
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (read));
  assert_value (accessor, 1);
  g_object_get (accessor, "value", &value, NULL);
  g_assert_cmpint (g_value_get_int64 (value), ==, 1);
  g_boxed_free (G_TYPE_VALUE, value);

  asab_future_cancel (read);
  async_run_ready (fixture);
  g_assert_finalize_object (accessor);
}

static void
test_waiting_read (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabAccessor) accessor = asab_accessor_new (NULL, NULL);
  g_autoptr(AsabFuture) read = asab_accessor_get (accessor);
  g_autoptr(AsabFuture) write = NULL;
  g_autoptr(AsabFuture) read_nothing = NULL;
  g_autoptr(AsabFuture) write_nothing = NULL;
  g_autofree char *text = NULL;
  g_auto(GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, "Bar");
  write = asab_accessor_set (accessor, &value);
  g_assert_false (asab_future_is_done (read));
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (write));
  text = asab_future_dup_string (read, NULL);
  g_assert_cmpstr (text, ==, "Bar");

  /* Nothing is a value, too. */
  read_nothing = asab_accessor_get (accessor);
  write_nothing = asab_accessor_set (accessor, NULL);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (read_nothing));
  g_assert_null (asab_future_get_value (read_nothing, NULL));
  g_assert_null (asab_accessor_get_value (accessor, NULL));
}

/* It is a variable, not a queue. */
static void
test_conflation (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabAccessor) accessor = asab_accessor_new (NULL, NULL);
  g_autoptr(AsabFuture) read = asab_accessor_get (accessor);

  set_now (accessor, 3);
  set_now (accessor, 4);
  async_run_ready (fixture);
  async_assert_int (read, 4);
}

static gboolean
is_four (const GValue  *value,
         gpointer       user_data,
         GError       **error G_GNUC_UNUSED)
{
  g_assert_null (asab_fiber_get_current ());
  if (user_data != NULL)
    ((Thing *) user_data)->n_read++;

  return value != NULL && g_value_get_int64 (value) == 4;
}

static gboolean
is_four_or_more (const GValue  *value,
                 gpointer       user_data G_GNUC_UNUSED,
                 GError       **error G_GNUC_UNUSED)
{
  return value != NULL && g_value_get_int64 (value) >= 4;
}

static void
test_predicate (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabAccessor) accessor = asab_accessor_new (NULL, NULL);
  Thing counts = { 0 };
  g_autoptr(AsabFuture) before =
    asab_accessor_get_matching (accessor, is_four, &counts, count_free_cb, ASAB_WAIT_FOR_WRITE_NO);
  g_autoptr(AsabFuture) at_once = NULL;
  g_autoptr(AsabFuture) later = NULL;

  set_now (accessor, 4);
  async_run_ready (fixture);
  async_assert_int (before, 4);
  g_assert_cmpint (counts.n_read, ==, 2);
  g_assert_cmpint (counts.n_freed, ==, 1);

  at_once = asab_accessor_get_matching (accessor, is_four, NULL, NULL, ASAB_WAIT_FOR_WRITE_DEFAULT);
  later = asab_accessor_get_matching (accessor, is_four_or_more, NULL, NULL, ASAB_WAIT_FOR_WRITE_YES);
  async_run_ready (fixture);
  async_assert_int (at_once, 4);
  g_assert_false (asab_future_is_done (later));
  set_now (accessor, 3);
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (later));
  set_now (accessor, 9);
  async_run_ready (fixture);
  async_assert_int (later, 9);
}

static void
test_without_waiting (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabAccessor) accessor = asab_accessor_new (NULL, NULL);
  g_autoptr(AsabFuture) nothing = asab_accessor_get_matching (accessor, NULL, NULL, NULL, ASAB_WAIT_FOR_WRITE_NO);
  g_autoptr(AsabFuture) read = NULL;
  g_autoptr(AsabFuture) waits = NULL;

  set_now (accessor, 5);
  read = asab_accessor_get_matching (accessor, NULL, NULL, NULL, ASAB_WAIT_FOR_WRITE_NO);
  waits = asab_accessor_get_matching (accessor, NULL, NULL, NULL, ASAB_WAIT_FOR_WRITE_YES);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (nothing));
  g_assert_null (asab_future_get_value (nothing, NULL));
  async_assert_int (read, 5);
  g_assert_false (asab_future_is_done (waits));
}

static void
test_funcs (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  Thing thing = { .value = 1 };
  AsabAccessor *accessor = new_for_thing (&thing);
  g_autoptr(AsabFuture) read = asab_accessor_get (accessor);
  g_autoptr(AsabFuture) illegal = set (accessor, 0);

  g_assert_true (asab_accessor_has_custom_funcs (accessor));
  assert_value (accessor, 1);
  async_run_ready (fixture);
  async_assert_error (illegal, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_false (asab_future_is_done (read));
  g_assert_false (asab_lock_is_locked (get_lock (accessor)));
  set_now (accessor, 3);
  async_run_ready (fixture);
  async_assert_int (read, 3);
  g_assert_cmpint (thing.value, ==, 3);
  assert_value (accessor, 3);

  g_assert_finalize_object (accessor);
  g_assert_cmpint (thing.n_freed, ==, 2);
}

static void
test_waiting_write (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabAccessor) accessor = asab_accessor_new (NULL, NULL);
  g_autoptr(AsabFuture) write = set_when_read (accessor, 77);
  g_autoptr(AsabFuture) read = NULL;
  g_autoptr(AsabFuture) next_write = NULL;
  g_autoptr(AsabFuture) next_read = NULL;

  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (write));
  g_assert_null (asab_accessor_get_value (accessor, NULL));
  read = asab_accessor_get (accessor);
  async_run_ready (fixture);
  async_assert_int (read, 77);
  g_assert_true (asab_future_is_resolved (write));

  next_write = set_when_read (accessor, 78);
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (next_write));
  assert_value (accessor, 77);
  next_read = asab_accessor_get (accessor);
  async_run_ready (fixture);
  async_assert_int (next_read, 78);
}

/* Each write that waits has a read of its own, first come, first served. */
static void
test_waiting_writes (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabAccessor) accessor = asab_accessor_new (NULL, NULL);
  AsabFuture *writes[5];

  for (int i = 0; i < 4; i++)
    writes[i] = set_when_read (accessor, i);
  asab_future_cancel (writes[2]);
  for (int i = 0; i < 5; i++)
    {
      g_autoptr(AsabFuture) read = NULL;

      if (i == 2)
        continue;
      read = asab_accessor_get (accessor);
      if (i == 0)
        writes[4] = set_when_read (accessor, 4);
      async_run_ready (fixture);
      async_assert_int (read, i);
      g_assert_true (asab_future_is_resolved (writes[i]));
      g_assert_true (i == 4 || !asab_future_is_done (writes[4]));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (writes); i++)
    asab_future_unref (writes[i]);
}

static void
test_many_reads (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabAccessor) accessor = asab_accessor_new (NULL, NULL);
  g_autoptr(AsabFuture) first = asab_accessor_get (accessor);
  g_autoptr(AsabFuture) second = asab_accessor_get (accessor);
  g_autoptr(AsabFuture) write = NULL;

  async_trace_done (first, "1");
  async_trace_done (second, "2");
  write = set_when_read (accessor, 5);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (write));
  async_assert_int (first, 5);
  async_assert_int (second, 5);
  async_assert_trace (fixture, "12");
}

static void
test_cancel_read (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabAccessor) accessor = asab_accessor_new (NULL, NULL);
  g_autoptr(AsabFuture) read = asab_accessor_get (accessor);
  g_autoptr(AsabFuture) write = NULL;

  g_assert_true (is_waited_for (accessor));
  asab_future_cancel (read);
  g_assert_false (is_waited_for (accessor));
  write = set_when_read (accessor, 1);
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (write));
  g_assert_false (asab_lock_is_locked (get_lock (accessor)));
}

/* A read that does not get as far as to wait for a write leaves the write waiting. */
static void
test_cancel_in_vain (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabAccessor) accessor = asab_accessor_new (NULL, NULL);
  g_autoptr(AsabFuture) write = set_when_read (accessor, 1);
  g_autoptr(AsabFuture) read = NULL;
  g_autoptr(AsabFuture) next_read = NULL;

  acquire (accessor);
  read = asab_accessor_get (accessor);
  asab_lock_release (get_lock (accessor));
  asab_future_cancel (read);
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (write));
  next_read = asab_accessor_get (accessor);
  async_run_ready (fixture);
  async_assert_int (next_read, 1);
}

/* A write that waits for a read and fails lets the next one go ahead. */
static void
test_failing_writes (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  Thing thing = { 0 };
  g_autoptr(AsabAccessor) accessor = new_for_thing (&thing);
  g_autoptr(AsabFuture) illegal = set_when_read (accessor, 0);
  g_autoptr(AsabFuture) cancelled = set_when_read (accessor, 1);
  g_autoptr(AsabFuture) good = set_when_read (accessor, 2);
  g_autoptr(AsabFuture) next = set_when_read (accessor, 3);
  g_autoptr(AsabFuture) read = NULL;

  asab_future_cancel (cancelled);
  read = asab_accessor_get (accessor);
  async_run_ready (fixture);
  async_assert_error (illegal, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_true (asab_future_is_resolved (good));
  async_assert_int (read, 2);
  g_assert_false (asab_future_is_done (next));
}

/* One write for one read, also if it has to wait for the lock; cancelled there, the next one has its turn. */
static void
test_let_write_locking (AsyncFixture  *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabAccessor) accessor = asab_accessor_new (NULL, NULL);
  g_autoptr(AsabFuture) read = asab_accessor_get (accessor);
  g_autoptr(AsabFuture) first = NULL;
  g_autoptr(AsabFuture) second = NULL;
  g_autoptr(AsabFuture) third = NULL;

  acquire (accessor);
  first = set_when_read (accessor, 1);
  second = set_when_read (accessor, 2);
  third = set_when_read (accessor, 3);
  asab_future_cancel (first);
  async_run_ready (fixture);
  asab_lock_release (get_lock (accessor));
  async_run_ready (fixture);
  async_assert_int (read, 2);
  g_assert_true (asab_future_is_resolved (second));
  g_assert_false (asab_future_is_done (third));
}

/* Cancelled in front of the lock, with the lock, when it was notified, and while it is held back. */
static void
test_cancel_points (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabAccessor) accessor = asab_accessor_new (NULL, NULL);
  g_autoptr(AsabFuture) held_back = set_when_read (accessor, 9);
  g_autoptr(AsabFuture) read = NULL;
  g_autoptr(AsabFuture) write = NULL;
  g_autoptr(AsabFuture) granted = NULL;
  g_autoptr(AsabFuture) last = NULL;

  asab_future_cancel (held_back);
  async_run_ready (fixture);

  acquire (accessor);
  read = asab_accessor_get (accessor);
  write = set (accessor, 1);
  granted = set (accessor, 2);
  last = set (accessor, 3);
  asab_future_cancel (read);
  asab_future_cancel (write);
  async_run_ready (fixture);
  asab_lock_release (get_lock (accessor));
  asab_future_cancel (granted);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (last));
  assert_value (accessor, 3);
  g_assert_false (asab_lock_is_locked (get_lock (accessor)));

  g_clear_pointer (&read, asab_future_unref);
  read = asab_accessor_get (accessor);
  set_now (accessor, 4);
  asab_future_cancel (read);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (read));
  g_assert_false (asab_lock_is_locked (get_lock (accessor)));
}

static void
test_one_function (AsyncFixture  *fixture G_GNUC_UNUSED,
                   gconstpointer  data G_GNUC_UNUSED)
{
  Thing thing = { 0 };
  g_autoptr(GError) no_setter = NULL;
  g_autoptr(GError) no_getter = NULL;
  g_autoptr(AsabAccessor) neither = NULL;

  g_assert_null (asab_accessor_new_with_funcs ("thing", NULL, get_thing, &thing, count_free_cb, NULL, NULL, NULL,
                                               &no_setter));
  g_assert_error (no_setter, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (g_strstr_len (no_setter->message, -1, "no setter"));
  g_assert_null (asab_accessor_new_with_funcs (NULL, NULL, NULL, NULL, NULL, set_thing, &thing, count_free_cb,
                                               &no_getter));
  g_assert_error (no_getter, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (g_strstr_len (no_getter->message, -1, "no getter"));
  g_assert_cmpint (thing.n_freed, ==, 2);

  neither = asab_accessor_new_with_funcs (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
  g_assert_false (asab_accessor_has_custom_funcs (neither));
}

static void
test_finalize (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  Thing thing = { 0 };
  AsabAccessor *accessor = asab_accessor_new (NULL, NULL);
  g_autoptr(AsabLock) lock = g_object_ref (get_lock (accessor));
  g_autoptr(AsabFuture) write = set_when_read (accessor, 1);
  g_autoptr(AsabFuture) read = NULL;
  g_autoptr(AsabFuture) notified = NULL;
  g_autoptr(AsabFuture) locking = NULL;
  g_autoptr(GError) error = NULL;

  async_trace_done (write, "write ");
  g_assert_finalize_object (accessor);
  async_assert_trace (fixture, "");
  async_run_ready (fixture);
  async_assert_trace (fixture, "write ");
  g_assert_true (asab_future_is_cancelled (write));

  accessor = asab_accessor_new (NULL, NULL);
  notified = asab_accessor_get (accessor);
  set_now (accessor, 1);
  read = asab_accessor_get_matching (accessor, is_four, &thing, count_free_cb, ASAB_WAIT_FOR_WRITE_DEFAULT);
  acquire (accessor);
  locking = set (accessor, 2);
  async_trace_done (read, "read");
  g_assert_finalize_object (accessor);
  async_assert_trace (fixture, "");
  g_assert_cmpint (thing.n_freed, ==, 0);
  async_run_ready (fixture);
  async_assert_trace (fixture, "read");
  g_assert_cmpint (thing.n_freed, ==, 1);
  error = asab_future_dup_error (read);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_nonnull (g_strstr_len (error->message, -1, "AsabAccessor"));
  g_assert_true (asab_future_is_cancelled (notified));
  g_assert_true (asab_future_is_cancelled (locking));
  g_assert_false (asab_lock_is_locked (lock));
}

/* The predicate outlives its accessor. */
static void
test_finalize_waited_for (AsyncFixture  *fixture,
                          gconstpointer  data G_GNUC_UNUSED)
{
  AsabAccessor *accessor = asab_accessor_new (NULL, NULL);
  AsabAwaitablePredicate *waiting = g_object_ref (asab_accessor_get_has_waiting_read (accessor));
  g_autoptr(AsabFuture) wait = asab_awaitable_predicate_wait (waiting);
  g_autoptr(AsabFuture) too_late = NULL;

  g_assert_finalize_object (accessor);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (wait));
  g_assert_false (asab_awaitable_predicate_is_true (waiting, NULL));
  too_late = asab_awaitable_predicate_wait (waiting);
  async_assert_error (too_late, ASAB_ERROR, ASAB_ERROR_CLOSED);
  g_assert_finalize_object (waiting);
}

static void
test_shared_condition (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabCondition) condition = asab_condition_new (NULL);
  g_autoptr(AsabAccessor) first = asab_accessor_new (NULL, condition);
  g_autoptr(AsabAccessor) second = asab_accessor_new (NULL, condition);
  g_autoptr(AsabFuture) read = NULL;

  set_now (second, 2);
  read = asab_accessor_get (second);
  set_now (first, 1);
  async_run_ready (fixture);
  async_assert_int (read, 2);
}

static void
test_has_waiting_read (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabAccessor) accessor = asab_accessor_new (NULL, NULL);
  g_autoptr(AsabFuture) wait = asab_awaitable_predicate_wait (asab_accessor_get_has_waiting_read (accessor));
  g_autoptr(AsabFuture) at_once = NULL;
  g_autoptr(AsabFuture) read = NULL;

  at_once = asab_accessor_get_matching (accessor, NULL, NULL, NULL, ASAB_WAIT_FOR_WRITE_NO);
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (wait));
  g_assert_false (is_waited_for (accessor));
  read = asab_accessor_get (accessor);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (wait));
  g_assert_true (is_waited_for (accessor));
  set_now (accessor, 1);
  g_assert_false (is_waited_for (accessor));
}

static gboolean
fail_to_compare (const GValue  *value G_GNUC_UNUSED,
                 gpointer       user_data G_GNUC_UNUSED,
                 GError       **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "Not comparable");

  return TRUE;
}

static void
test_set_value (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  Thing thing = { 0 };
  g_autoptr(AsabAccessor) own = asab_accessor_new (NULL, NULL);
  g_autoptr(AsabAccessor) accessor = new_for_thing (&thing);
  g_autoptr(AsabFuture) read = asab_accessor_get (accessor);
  g_autoptr(GError) error = NULL;
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT64);
  g_assert_false (asab_accessor_set_value (accessor, &value, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_value_set_int64 (&value, 3);
  g_assert_true (asab_accessor_set_value (accessor, &value, NULL));
  g_assert_true (asab_accessor_set_value (own, &value, NULL));
  async_run_ready (fixture);
  assert_value (accessor, 3);
  assert_value (own, 3);
  g_assert_false (asab_future_is_done (read));
}

static void
test_close (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabAccessor) accessor = asab_accessor_new ("foo", NULL);
  g_autoptr(AsabFuture) read = asab_accessor_get (accessor);
  g_autoptr(AsabFuture) late_read = NULL;
  g_autoptr(AsabFuture) late_write = NULL;
  g_autoptr(AsabFuture) late_waiting_write = NULL;
  g_autoptr(GError) error = NULL;
  Thing counts = { 0 };

  asab_accessor_close (accessor);
  asab_accessor_close (accessor);
  g_assert_true (asab_future_is_cancelled (read));
  late_read = asab_accessor_get_matching (accessor, is_four, &counts, count_free_cb, ASAB_WAIT_FOR_WRITE_DEFAULT);
  g_assert_cmpint (counts.n_freed, ==, 1);
  late_write = set (accessor, 1);
  late_waiting_write = set_when_read (accessor, 1);
  async_run_ready (fixture);
  async_assert_error (late_read, ASAB_ERROR, ASAB_ERROR_CLOSED);
  async_assert_error (late_write, ASAB_ERROR, ASAB_ERROR_CLOSED);
  async_assert_error (late_waiting_write, ASAB_ERROR, ASAB_ERROR_CLOSED);
  g_assert_null (asab_accessor_get_value (accessor, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_false (asab_accessor_set_value (accessor, NULL, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_CLOSED);
}

static void
test_errors (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  Thing thing = { .value = 1 };
  g_autoptr(AsabAccessor) accessor = new_for_thing (&thing);
  g_autoptr(AsabFuture) incomparable = NULL;
  g_autoptr(AsabFuture) unreadable = asab_accessor_get (accessor);
  g_autoptr(AsabFuture) without_error = asab_accessor_get (accessor);
  g_autoptr(AsabFuture) not_set = NULL;
  g_autoptr(GError) error = NULL;
  GValue *value;

  incomparable = asab_accessor_get_matching (accessor, fail_to_compare, &thing, count_free_cb,
                                             ASAB_WAIT_FOR_WRITE_DEFAULT);
  async_run_ready (fixture);
  async_assert_error (incomparable, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_cmpint (thing.n_freed, ==, 1);

  thing.unreadable = TRUE;
  g_assert_null (asab_accessor_get_value (accessor, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_object_get (accessor, "value", &value, NULL);
  g_assert_null (value);
  async_assert_log (fixture, "*“thing”*Ask later*");
  set_now (accessor, 2);
  async_run_ready (fixture);
  async_assert_error (unreadable, G_IO_ERROR, G_IO_ERROR_BUSY);
  async_assert_error (without_error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_false (is_waited_for (accessor));

  thing.fails_without_error = TRUE;
  not_set = set (accessor, 3);
  async_run_ready (fixture);
  async_assert_error (not_set, ASAB_ERROR, ASAB_ERROR_CALLBACK_FAILED);
  g_clear_error (&error);
  g_assert_null (asab_accessor_get_value (accessor, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_CALLBACK_FAILED);
  g_assert_false (asab_lock_is_locked (get_lock (accessor)));
}

/* What the setter starts has its turn later. */
static void
test_reentrant (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  Thing thing = { 0 };
  g_autoptr(AsabAccessor) accessor = new_for_thing (&thing);

  thing.to_start = accessor;
  set_now (accessor, 1);
  g_assert_cmpint (thing.value, ==, 1);
  g_assert_false (asab_future_is_done (thing.started[1]));
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (thing.started[1]));
  async_assert_int (thing.started[0], 100);
  asab_future_unref (thing.started[0]);
  asab_future_unref (thing.started[1]);
}

static void
test_drop_in_setter (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  Thing thing = { 0 };
  AsabAccessor *accessor = new_for_thing (&thing);
  g_autoptr(AsabFuture) read = asab_accessor_get (accessor);
  g_autoptr(AsabFuture) write = NULL;
  g_autoptr(AsabFuture) waiting_write = NULL;
  g_autoptr(AsabFuture) waited_for = NULL;

  thing.to_drop = accessor;
  write = set (accessor, 1);
  g_assert_cmpint (thing.n_freed, ==, 2);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (write));
  g_assert_true (asab_future_is_cancelled (read));

  thing.to_drop = new_for_thing (&thing);
  waiting_write = set_when_read (thing.to_drop, 2);
  waited_for = asab_accessor_get (thing.to_drop);
  g_assert_cmpint (thing.n_freed, ==, 4);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (waiting_write));
  g_assert_true (asab_future_is_cancelled (waited_for));
}

static gboolean
set_holding_lock (gpointer   data,
                  GValue    *result G_GNUC_UNUSED,
                  GError   **error)
{
  g_auto(AsabLockGuard) guard G_GNUC_UNUSED = asab_lock_guard (get_lock (data), error);
  g_autoptr(AsabFuture) write = set (data, 1);

  return asab_await (write, error);
}

static gboolean
set_and_get (gpointer   data,
             GValue    *result,
             GError   **error)
{
  g_autoptr(AsabFuture) read = asab_accessor_get (data);
  g_autoptr(AsabFuture) write = set (data, 5);

  if (!asab_await (write, error))
    return FALSE;

  g_value_init (result, G_TYPE_INT64);
  g_value_set_int64 (result, asab_await_int64 (read, error));

  return TRUE;
}

static void
test_fibers (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  Thing thing = { 0 };
  g_autoptr(AsabAccessor) accessor = new_for_thing (&thing);
  g_autoptr(AsabFuture) good = asab_spawn (set_and_get, accessor, NULL);
  g_autoptr(AsabFuture) blocked = NULL;

  async_run_ready (fixture);
  async_assert_int (good, 5);
  blocked = asab_spawn (set_holding_lock, accessor, NULL);
  async_run_ready (fixture);
  async_assert_error (blocked, ASAB_ERROR, ASAB_ERROR_DEADLOCK);
  g_assert_false (asab_lock_is_locked (get_lock (accessor)));
}

static AsabFuture *
get_by_future (Thing *thing)
{
  return async_new_int_future ((int) thing->value);
}

/* A function of another language that has an argument. */
static void
marshal_with_value (GClosure     *closure,
                    GValue       *result,
                    guint         n_params G_GNUC_UNUSED,
                    const GValue *params,
                    gpointer      hint G_GNUC_UNUSED,
                    gpointer      data G_GNUC_UNUSED)
{
  Thing *thing = closure->data;

  if (!G_VALUE_HOLDS_INT64 (&params[1]))
    {
      g_value_take_boxed (result, asab_future_new_take_error (g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                                                                                   "No number")));
      return;
    }

  thing->value = g_value_get_int64 (&params[1]);
  g_value_take_boxed (result, asab_future_new_resolved (NULL));
}

static void
marshal_predicate (GClosure     *closure G_GNUC_UNUSED,
                   GValue       *result,
                   guint         n_params G_GNUC_UNUSED,
                   const GValue *params,
                   gpointer      hint G_GNUC_UNUSED,
                   gpointer      data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();

  asab_promise_resolve_boolean (promise, g_value_get_int64 (&params[1]) == 4);
  g_value_set_boxed (result, asab_promise_get_future (promise));
}

static GClosure *
new_closure (Thing           *thing,
             GClosureMarshal  marshal)
{
  GClosure *closure = g_closure_new_simple (sizeof (GClosure), thing);

  g_closure_set_marshal (closure, marshal);

  return closure;
}

static void
test_closures (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  Thing thing = { .value = 1 };
  GClosure *getter = g_cclosure_new_swap (G_CALLBACK (get_by_future), &thing, NULL);
  g_autoptr(AsabAccessor) accessor =
    asab_accessor_new_with_closures (NULL, NULL, getter, new_closure (&thing, marshal_with_value), NULL);
  g_autoptr(AsabFuture) read = NULL;
  g_autoptr(AsabFuture) nothing = NULL;

  g_assert_true (asab_accessor_has_custom_funcs (accessor));
  assert_value (accessor, 1);
  read = asab_accessor_get_matching_closure (accessor, new_closure (&thing, marshal_predicate),
                                             ASAB_WAIT_FOR_WRITE_DEFAULT);
  set_now (accessor, 3);
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (read));
  set_now (accessor, 4);
  async_run_ready (fixture);
  async_assert_int (read, 4);

  nothing = asab_accessor_set (accessor, NULL);
  async_run_ready (fixture);
  async_assert_error (nothing, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

static void
add_tests (void)
{
  async_test_add ("/asab/accessor/new", test_new);
  async_test_add ("/asab/accessor/waiting-read", test_waiting_read);
  async_test_add ("/asab/accessor/conflation", test_conflation);
  async_test_add ("/asab/accessor/predicate", test_predicate);
  async_test_add ("/asab/accessor/without-waiting", test_without_waiting);
  async_test_add ("/asab/accessor/funcs", test_funcs);
  async_test_add ("/asab/accessor/waiting-write", test_waiting_write);
  async_test_add ("/asab/accessor/waiting-writes", test_waiting_writes);
  async_test_add ("/asab/accessor/failing-writes", test_failing_writes);
  async_test_add ("/asab/accessor/let-write-locking", test_let_write_locking);
  async_test_add ("/asab/accessor/many-reads", test_many_reads);
  async_test_add ("/asab/accessor/cancel-read", test_cancel_read);
  async_test_add ("/asab/accessor/cancel-in-vain", test_cancel_in_vain);
  async_test_add ("/asab/accessor/cancel-points", test_cancel_points);
  async_test_add ("/asab/accessor/one-function", test_one_function);
  async_test_add ("/asab/accessor/finalize", test_finalize);
  async_test_add ("/asab/accessor/finalize-waited-for", test_finalize_waited_for);
  async_test_add ("/asab/accessor/shared-condition", test_shared_condition);
  async_test_add ("/asab/accessor/has-waiting-read", test_has_waiting_read);
  async_test_add ("/asab/accessor/set-value", test_set_value);
  async_test_add ("/asab/accessor/close", test_close);
  async_test_add ("/asab/accessor/errors", test_errors);
  async_test_add ("/asab/accessor/reentrant", test_reentrant);
  async_test_add ("/asab/accessor/drop-in-setter", test_drop_in_setter);
  async_test_add ("/asab/accessor/fibers", test_fibers);
  async_test_add ("/asab/accessor/closures", test_closures);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
