/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>

#include <math.h>

static int value;

static gboolean
value_is_zero (gpointer   user_data,
               GError   **error)
{
  return value == 0;
}

static gboolean
set_value (AsabAwaitablePredicate  *is_zero,
           int                      number,
           GError                 **error)
{
  AsabCondition *condition = asab_awaitable_predicate_get_condition (is_zero);
  g_auto(AsabLockGuard) guard = asab_lock_guard (asab_condition_get_lock (condition), error);

  if (guard.lock == NULL)
    return FALSE;

  value = number;

  return asab_condition_notify (condition, 1, error);
}

static gboolean
wait_for_zero (gpointer   user_data,
               GValue    *result,
               GError   **error)
{
  g_autoptr(AsabFuture) wait = asab_awaitable_predicate_wait (user_data);

  if (!asab_await (wait, error))
    return FALSE;

  g_print ("Finally! value: %d\n", value);

  return TRUE;
}

static gboolean
count_down (gpointer   user_data,
            GValue    *result,
            GError   **error)
{
  AsabAwaitablePredicate *is_zero = user_data;
  g_autoptr(AsabFuture) waiting = NULL;

  g_print ("%s\n", asab_awaitable_predicate_is_true (is_zero, NULL) ? "zero" : "not zero");
  value = 1;
  g_print ("%s\n", asab_awaitable_predicate_is_true (is_zero, NULL) ? "zero" : "not zero");

  waiting = asab_spawn (wait_for_zero, is_zero, NULL);
  for (int number = 2; number >= 0; number--)
    if (!set_value (is_zero, number, error))
      return FALSE;

  return asab_await (waiting, error);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(AsabAwaitablePredicate) is_zero =
    asab_awaitable_predicate_new (value_is_zero, NULL, NULL, NULL, INFINITY, NULL);
  g_autoptr(AsabFuture) counting = asab_spawn (count_down, is_zero, NULL);

  return asab_run_until_complete (counting, NULL, NULL) ? 0 : 1;
}
