/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

static AsabFuture *
new_boolean_future (gboolean value)
{
  g_auto(GValue) boxed = G_VALUE_INIT;

  g_value_init (&boxed, G_TYPE_BOOLEAN);
  g_value_set_boolean (&boxed, value);

  return asab_future_new_resolved (&boxed);
}

static void
assert_boolean (AsabFuture *future,
                gboolean    value)
{
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (asab_future_get_boolean (future, &error), ==, value);
  g_assert_no_error (error);
}

static AsabFuture *
trace_handler (AsabStateMachine  *machine G_GNUC_UNUSED,
               gpointer           user_data,
               GError           **error G_GNUC_UNUSED)
{
  async_trace (user_data);

  return NULL;
}

static void
trace_destroy_cb (gpointer what)
{
  async_trace (what);
}

static gboolean
trace_slowly (gpointer   data,
              GValue    *result G_GNUC_UNUSED,
              GError   **error)
{
  async_trace ("(");
  if (!asab_fiber_sleep (1, error))
    {
      async_trace ("!");
      return FALSE;
    }
  async_trace (data);
  async_trace (")");

  return TRUE;
}

/* Takes a second. */
static AsabFuture *
slow_handler (AsabStateMachine  *machine G_GNUC_UNUSED,
              gpointer           user_data,
              GError           **error G_GNUC_UNUSED)
{
  return asab_spawn (trace_slowly, user_data, NULL);
}

static AsabFuture *
allow (AsabStateMachine  *machine G_GNUC_UNUSED,
       const char        *from,
       const char        *to,
       gpointer           user_data G_GNUC_UNUSED,
       GError           **error G_GNUC_UNUSED)
{
  async_trace (from);
  async_trace (to);
  async_trace ("? ");

  return new_boolean_future (TRUE);
}

static AsabFuture *
deny (AsabStateMachine  *machine G_GNUC_UNUSED,
      const char        *from G_GNUC_UNUSED,
      const char        *to G_GNUC_UNUSED,
      gpointer           user_data G_GNUC_UNUSED,
      GError           **error G_GNUC_UNUSED)
{
  async_trace ("no ");

  return new_boolean_future (FALSE);
}

/* A machine in state "a" that traces what it leaves and enters. */
static AsabStateMachine *
new_machine (void)
{
  AsabStateMachine *machine = asab_state_machine_new ("a");

  asab_state_machine_on_exit (machine, "a", trace_handler, (gpointer) "-a ", NULL);
  asab_state_machine_on_enter (machine, "a", trace_handler, (gpointer) "+a ", NULL);
  asab_state_machine_on_exit (machine, "b", trace_handler, (gpointer) "-b ", NULL);
  asab_state_machine_on_enter (machine, "b", trace_handler, (gpointer) "+b ", NULL);
  asab_state_machine_on_enter (machine, "c", trace_handler, (gpointer) "+c ", NULL);

  return machine;
}

static void
notify_state_cb (AsabStateMachine *machine,
                 GParamSpec       *pspec G_GNUC_UNUSED,
                 gpointer          user_data G_GNUC_UNUSED)
{
  async_trace ("=");
  async_trace (asab_state_machine_get_state (machine));
  async_trace (" ");
}

static void
transitioned_cb (AsabStateMachine *machine G_GNUC_UNUSED,
                 const char       *from,
                 const char       *to,
                 gpointer          user_data G_GNUC_UNUSED)
{
  async_trace (from);
  async_trace ("->");
  async_trace (to);
}

static void
test_undeclared (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  AsabStateMachine *machine = new_machine ();
  g_autoptr(AsabFuture) future = asab_state_machine_transition (machine, "b");
  g_autoptr(AsabFuture) self = asab_state_machine_transition (machine, "a");

  async_run_ready (fixture);
  assert_boolean (future, FALSE);
  assert_boolean (self, FALSE);
  g_assert_cmpstr (asab_state_machine_get_state (machine), ==, "a");
  async_assert_trace (fixture, "");
  g_assert_finalize_object (machine);
}

static void
test_transition (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  AsabStateMachine *machine = new_machine ();
  g_autoptr(AsabFuture) future = NULL;
  g_autofree char *state = NULL;

  g_signal_connect (machine, "notify::state", G_CALLBACK (notify_state_cb), NULL);
  g_signal_connect (machine, "transitioned", G_CALLBACK (transitioned_cb), NULL);
  asab_state_machine_add (machine, "a", "b", NULL, NULL, NULL);
  future = asab_state_machine_transition (machine, "b");
  g_assert_cmpstr (asab_state_machine_get_state (machine), ==, "a");
  async_assert_trace (fixture, "");
  async_run_ready (fixture);
  assert_boolean (future, TRUE);
  async_assert_trace (fixture, "-a =b +b a->b");
  g_object_get (machine, "state", &state, NULL);
  g_assert_cmpstr (state, ==, "b");
  g_assert_finalize_object (machine);
}

static void
check_conditions (AsyncFixture      *fixture,
                  AsabEdgeCondition  first,
                  AsabEdgeCondition  second,
                  gboolean           add_second,
                  gboolean           allowed,
                  const char        *expected)
{
  g_autoptr(AsabStateMachine) machine = new_machine ();
  g_autoptr(AsabFuture) future = NULL;

  asab_state_machine_add (machine, "a", "b", first, NULL, NULL);
  if (add_second)
    asab_state_machine_add (machine, "a", "b", second, NULL, NULL);
  future = asab_state_machine_transition (machine, "b");
  async_run_ready (fixture);
  assert_boolean (future, allowed);
  g_assert_cmpstr (asab_state_machine_get_state (machine), ==, allowed ? "b" : "a");
  async_assert_trace (fixture, expected);
}

static void
test_conditions (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  check_conditions (fixture, deny, allow, TRUE, TRUE, "no ab? -a +b ");
  check_conditions (fixture, allow, deny, TRUE, TRUE, "ab? -a +b ");
  check_conditions (fixture, deny, NULL, TRUE, TRUE, "-a +b ");
  check_conditions (fixture, deny, NULL, FALSE, FALSE, "no ");
}

static void
test_condition_once (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  AsabStateMachine *machine = new_machine ();
  g_autoptr(AsabFuture) future = NULL;

  asab_state_machine_add (machine, "a", "b", deny, (gpointer) "1", trace_destroy_cb);
  asab_state_machine_add (machine, "a", "b", deny, (gpointer) "1", trace_destroy_cb);
  async_assert_trace (fixture, "1");
  asab_state_machine_add (machine, "a", "b", deny, (gpointer) "2", trace_destroy_cb);
  future = asab_state_machine_transition (machine, "b");
  async_run_ready (fixture);
  async_assert_trace (fixture, "no no ");
  g_assert_finalize_object (machine);
  async_assert_trace (fixture, "12");
}

static AsabFuture *
return_data (AsabStateMachine  *machine G_GNUC_UNUSED,
             const char        *from G_GNUC_UNUSED,
             const char        *to G_GNUC_UNUSED,
             gpointer           user_data,
             GError           **error G_GNUC_UNUSED)
{
  return user_data != NULL ? asab_future_ref (user_data) : NULL;
}

/* A condition that gives nothing does not allow anything, one that gives something strange has failed. */
static void
test_condition_values (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabStateMachine) machine = new_machine ();
  g_autoptr(AsabFuture) without_value = asab_future_new_resolved (NULL);
  g_autoptr(AsabFuture) number = async_new_int_future (1);
  g_autoptr(AsabFuture) denied = NULL;
  g_autoptr(AsabFuture) failed = NULL;

  asab_state_machine_add (machine, "a", "b", return_data, NULL, NULL);
  asab_state_machine_add (machine, "a", "b", return_data, without_value, NULL);
  denied = asab_state_machine_transition (machine, "b");
  async_run_ready (fixture);
  assert_boolean (denied, FALSE);

  asab_state_machine_add (machine, "a", "b", return_data, number, NULL);
  failed = asab_state_machine_transition (machine, "b");
  async_run_ready (fixture);
  async_assert_error (failed, ASAB_ERROR, ASAB_ERROR_TYPE_MISMATCH);
  g_assert_cmpstr (asab_state_machine_get_state (machine), ==, "a");
}

static AsabFuture *
add_another (AsabStateMachine  *machine,
             const char        *from,
             const char        *to,
             gpointer           user_data G_GNUC_UNUSED,
             GError           **error G_GNUC_UNUSED)
{
  asab_state_machine_add (machine, from, to, allow, NULL, NULL);
  asab_state_machine_on_exit (machine, "a", trace_handler, (gpointer) "new ", NULL);

  return NULL;
}

static void
test_condition_adds (AsyncFixture  *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabStateMachine) machine = new_machine ();
  g_autoptr(AsabFuture) future = NULL;

  asab_state_machine_add (machine, "a", "b", add_another, NULL, NULL);
  future = asab_state_machine_transition (machine, "b");
  async_run_ready (fixture);
  assert_boolean (future, TRUE);
  async_assert_trace (fixture, "ab? new +b ");
}

/* A machine whose handlers of "a" and "b" take a second each. */
static AsabStateMachine *
new_slow_machine (void)
{
  AsabStateMachine *machine = asab_state_machine_new ("a");

  asab_state_machine_on_exit (machine, "a", slow_handler, (gpointer) "-a", NULL);
  asab_state_machine_on_enter (machine, "b", slow_handler, (gpointer) "+b", NULL);
  asab_state_machine_on_exit (machine, "b", slow_handler, (gpointer) "-b", NULL);
  asab_state_machine_on_enter (machine, "c", slow_handler, (gpointer) "+c", NULL);
  asab_state_machine_add (machine, "a", "b", NULL, NULL, NULL);
  asab_state_machine_add (machine, "a", "c", NULL, NULL, NULL);

  return machine;
}

static void
test_queue (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabStateMachine) machine = new_slow_machine ();
  g_autoptr(AsabFuture) first = NULL;
  g_autoptr(AsabFuture) second = NULL;

  asab_state_machine_add (machine, "b", "c", NULL, NULL, NULL);
  first = asab_state_machine_transition (machine, "b");
  second = asab_state_machine_transition (machine, "c");
  async_advance (fixture, 1);
  async_advance (fixture, 1);
  assert_boolean (first, TRUE);
  g_assert_false (asab_future_is_done (second));
  async_advance (fixture, 1);
  async_advance (fixture, 1);
  assert_boolean (second, TRUE);
  async_assert_trace (fixture, "(-a)(+b)(-b)(+c)");
}

/* Where a transition starts from is known when its turn has come. */
static void
test_queue_undeclared (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabStateMachine) machine = new_slow_machine ();
  g_autoptr(AsabFuture) first = asab_state_machine_transition (machine, "b");
  g_autoptr(AsabFuture) second = asab_state_machine_transition (machine, "c");

  async_advance (fixture, 1);
  async_advance (fixture, 1);
  assert_boolean (first, TRUE);
  assert_boolean (second, FALSE);
  g_assert_cmpstr (asab_state_machine_get_state (machine), ==, "b");
  async_assert_trace (fixture, "(-a)(+b)");
}

static AsabFuture *
fail_at_once (AsabStateMachine  *machine G_GNUC_UNUSED,
              gpointer           user_data G_GNUC_UNUSED,
              GError           **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "not found");

  return NULL;
}

static AsabFuture *
fail_later (AsabStateMachine  *machine G_GNUC_UNUSED,
            gpointer           user_data G_GNUC_UNUSED,
            GError           **error G_GNUC_UNUSED)
{
  return asab_future_new_take_error (g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "not found"));
}

static AsabFuture *
break_promise (AsabStateMachine  *machine G_GNUC_UNUSED,
               gpointer           user_data G_GNUC_UNUSED,
               GError           **error G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();

  return asab_future_ref (asab_promise_get_future (promise));
}

static gboolean
fail_silently (gpointer   data G_GNUC_UNUSED,
               GValue    *result G_GNUC_UNUSED,
               GError   **error G_GNUC_UNUSED)
{
  return FALSE;
}

static AsabFuture *
fail_without_error (AsabStateMachine  *machine G_GNUC_UNUSED,
                    gpointer           user_data G_GNUC_UNUSED,
                    GError           **error G_GNUC_UNUSED)
{
  return asab_spawn (fail_silently, NULL, NULL);
}

static void
check_exit_fails (AsyncFixture     *fixture,
                  AsabStateHandler  handler,
                  GQuark            domain,
                  int               code)
{
  g_autoptr(AsabStateMachine) machine = new_machine ();
  g_autoptr(AsabFuture) future = NULL;

  asab_state_machine_add (machine, "a", "b", NULL, NULL, NULL);
  asab_state_machine_on_exit (machine, "a", handler, NULL, NULL);
  future = asab_state_machine_transition (machine, "b");
  async_run_ready (fixture);
  async_assert_error (future, domain, code);
  g_assert_cmpstr (asab_state_machine_get_state (machine), ==, "a");
  async_assert_trace (fixture, "");
}

static void
test_exit_fails (AsyncFixture  *fixture,
                 gconstpointer  data G_GNUC_UNUSED)
{
  check_exit_fails (fixture, fail_at_once, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  check_exit_fails (fixture, fail_later, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  check_exit_fails (fixture, break_promise, ASAB_ERROR, ASAB_ERROR_BROKEN_PROMISE);
  check_exit_fails (fixture, fail_without_error, ASAB_ERROR, ASAB_ERROR_FAILED);
}

static void
test_enter_fails (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabStateMachine) machine = new_machine ();
  g_autoptr(AsabFuture) future = NULL;
  g_autoptr(AsabFuture) next = NULL;

  g_signal_connect (machine, "transitioned", G_CALLBACK (transitioned_cb), NULL);
  asab_state_machine_add (machine, "a", "b", NULL, NULL, NULL);
  asab_state_machine_add (machine, "b", "c", NULL, NULL, NULL);
  asab_state_machine_on_enter (machine, "b", fail_later, NULL, NULL);
  future = asab_state_machine_transition (machine, "b");
  next = asab_state_machine_transition (machine, "c");
  async_run_ready (fixture);
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  assert_boolean (next, TRUE);
  async_assert_trace (fixture, "-a -b +c b->c");
}

static AsabFuture *
fail_to_answer (AsabStateMachine  *machine G_GNUC_UNUSED,
                const char        *from G_GNUC_UNUSED,
                const char        *to G_GNUC_UNUSED,
                gpointer           user_data G_GNUC_UNUSED,
                GError           **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "not found");

  return NULL;
}

static void
test_condition_fails (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabStateMachine) machine = new_machine ();
  g_autoptr(AsabFuture) future = NULL;

  asab_state_machine_add (machine, "a", "b", fail_to_answer, NULL, NULL);
  asab_state_machine_add (machine, "a", "b", allow, NULL, NULL);
  future = asab_state_machine_transition (machine, "b");
  async_run_ready (fixture);
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpstr (asab_state_machine_get_state (machine), ==, "a");
  async_assert_trace (fixture, "");
}

static AsabFuture *
raise_exception (AsabStateMachine  *machine G_GNUC_UNUSED,
                 gpointer           user_data G_GNUC_UNUSED,
                 GError           **error G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(GError) failure = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "raised");
  g_auto(GValue) exception = G_VALUE_INIT;

  g_value_init (&exception, G_TYPE_STRING);
  g_value_set_string (&exception, "exception");
  asab_promise_reject_with_exception (promise, failure, &exception);

  return asab_future_ref (asab_promise_get_future (promise));
}

/* What a language raised arrives with the error. */
static void
test_exception (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabStateMachine) machine = new_machine ();
  g_autoptr(AsabFuture) future = NULL;

  asab_state_machine_add (machine, "a", "b", NULL, NULL, NULL);
  asab_state_machine_on_enter (machine, "b", raise_exception, NULL, NULL);
  future = asab_state_machine_transition (machine, "b");
  async_run_ready (fixture);
  async_assert_error (future, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_cmpstr (g_value_get_string (asab_future_get_exception (future)), ==, "exception");
  async_assert_trace (fixture, "-a ");
}

/* Errors that nobody looks at are reported also when other transitions wait behind. */
static void
test_unhandled (AsyncFixture  *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabStateMachine) machine = new_machine ();

  asab_state_machine_add (machine, "a", "b", NULL, NULL, NULL);
  asab_state_machine_on_enter (machine, "b", fail_later, NULL, NULL);
  asab_future_unref (asab_state_machine_transition (machine, "b"));
  asab_future_unref (asab_state_machine_transition (machine, "c"));
  async_run_ready (fixture);
  async_assert_log (fixture, "*not found*\n");
  async_assert_trace (fixture, "-a ");
}

static void
test_self (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabStateMachine) machine = new_machine ();
  g_autoptr(AsabFuture) future = NULL;

  g_signal_connect (machine, "notify::state", G_CALLBACK (notify_state_cb), NULL);
  g_signal_connect (machine, "transitioned", G_CALLBACK (transitioned_cb), NULL);
  asab_state_machine_add (machine, "a", "a", NULL, NULL, NULL);
  future = asab_state_machine_transition (machine, "a");
  async_run_ready (fixture);
  assert_boolean (future, TRUE);
  async_assert_trace (fixture, "-a +a a->a");
}

static gboolean
await_transition (gpointer   data,
                  GValue    *result G_GNUC_UNUSED,
                  GError   **error)
{
  return asab_await (ASAB_TEMP (asab_state_machine_transition (data, "c")), error);
}

static AsabFuture *
transition_and_wait (AsabStateMachine  *machine,
                     gpointer           user_data G_GNUC_UNUSED,
                     GError           **error G_GNUC_UNUSED)
{
  return asab_spawn (await_transition, g_object_ref (machine), g_object_unref);
}

static AsabFuture *
transition_later (AsabStateMachine  *machine,
                  gpointer           user_data G_GNUC_UNUSED,
                  GError           **error G_GNUC_UNUSED)
{
  async_trace ("+b ");
  asab_future_unref (asab_state_machine_transition (machine, "c"));

  return NULL;
}

static void
test_within (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabStateMachine) machine = new_machine ();
  g_autoptr(AsabFuture) failing = NULL;
  g_autoptr(AsabFuture) future = NULL;

  asab_state_machine_add (machine, "a", "b", NULL, NULL, NULL);
  asab_state_machine_add (machine, "b", "a", NULL, NULL, NULL);
  asab_state_machine_add (machine, "b", "c", NULL, NULL, NULL);
  asab_state_machine_on_enter (machine, "b", transition_and_wait, NULL, NULL);
  failing = asab_state_machine_transition (machine, "b");
  async_run_ready (fixture);
  async_assert_error (failing, ASAB_ERROR, ASAB_ERROR_DEADLOCK);
  g_assert_cmpstr (asab_state_machine_get_state (machine), ==, "b");

  asab_future_unref (asab_state_machine_transition (machine, "a"));
  asab_state_machine_on_enter (machine, "b", transition_later, NULL, NULL);
  future = asab_state_machine_transition (machine, "b");
  async_run_ready (fixture);
  assert_boolean (future, TRUE);
  g_assert_cmpstr (asab_state_machine_get_state (machine), ==, "c");
  async_assert_trace (fixture, "-a -b +a -a +b -b +c ");
}

static void
test_cancel_queued (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabStateMachine) machine = new_slow_machine ();
  g_autoptr(AsabFuture) first = asab_state_machine_transition (machine, "b");
  g_autoptr(AsabFuture) second = NULL;
  g_autoptr(AsabFuture) third = NULL;
  g_autoptr(AsabFuture) unstarted = NULL;

  asab_state_machine_add (machine, "b", "c", NULL, NULL, NULL);
  second = asab_state_machine_transition (machine, "c");
  third = asab_state_machine_transition (machine, "c");
  async_run_ready (fixture);
  unstarted = asab_state_machine_transition (machine, "c");
  asab_future_cancel (second);
  asab_future_cancel (unstarted);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (second));
  g_assert_true (asab_future_is_cancelled (unstarted));
  g_assert_false (asab_future_is_done (third));
  async_assert_trace (fixture, "(");

  for (int i = 0; i < 4; i++)
    async_advance (fixture, 1);
  assert_boolean (first, TRUE);
  assert_boolean (third, TRUE);
  async_assert_trace (fixture, "-a)(+b)(-b)(+c)");
}

static void
test_cancel_condition (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabStateMachine) machine = new_machine ();
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) future = NULL;

  asab_state_machine_add (machine, "a", "b", return_data, asab_promise_get_future (promise), NULL);
  asab_state_machine_add (machine, "a", "b", allow, NULL, NULL);
  future = asab_state_machine_transition (machine, "b");
  async_run_ready (fixture);
  asab_future_cancel (future);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (future));
  g_assert_true (asab_future_is_cancelled (asab_promise_get_future (promise)));
  g_assert_cmpstr (asab_state_machine_get_state (machine), ==, "a");
  async_assert_trace (fixture, "");
}

static void
test_cancel_exit (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabStateMachine) machine = new_slow_machine ();
  g_autoptr(AsabFuture) future = asab_state_machine_transition (machine, "b");

  async_run_ready (fixture);
  asab_future_cancel (future);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (future));
  g_assert_cmpstr (asab_state_machine_get_state (machine), ==, "a");
  async_assert_trace (fixture, "(!");
}

static void
test_cancel_enter (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabStateMachine) machine = new_slow_machine ();
  g_autoptr(AsabFuture) future = asab_state_machine_transition (machine, "b");

  async_advance (fixture, 1);
  asab_future_cancel (future);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (future));
  g_assert_cmpstr (asab_state_machine_get_state (machine), ==, "b");
  async_assert_trace (fixture, "(-a)(!");
}

static gboolean
clean_up_slowly (gpointer   data G_GNUC_UNUSED,
                 GValue    *result G_GNUC_UNUSED,
                 GError   **error)
{
  g_auto(AsabShield) shield G_GNUC_UNUSED = asab_shield_begin ();
  gboolean slept = asab_fiber_sleep (1, error);

  async_trace ("cleaned up ");

  return slept;
}

static AsabFuture *
shielded_handler (AsabStateMachine  *machine G_GNUC_UNUSED,
                  gpointer           user_data G_GNUC_UNUSED,
                  GError           **error G_GNUC_UNUSED)
{
  return asab_spawn (clean_up_slowly, NULL, NULL);
}

/* A handler that takes its time to end has no other one running beside it. */
static void
test_cancel_waits (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabStateMachine) machine = new_machine ();
  g_autoptr(AsabFuture) future = NULL;
  g_autoptr(AsabFuture) next = NULL;

  asab_state_machine_add (machine, "a", "b", NULL, NULL, NULL);
  asab_state_machine_on_exit (machine, "a", shielded_handler, NULL, NULL);
  future = asab_state_machine_transition (machine, "b");
  async_run_ready (fixture);
  asab_state_machine_on_exit (machine, "a", trace_handler, (gpointer) "-a ", NULL);
  next = asab_state_machine_transition (machine, "b");
  asab_future_cancel (future);
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (future));
  async_advance (fixture, 1);
  g_assert_true (asab_future_is_cancelled (future));
  assert_boolean (next, TRUE);
  async_assert_trace (fixture, "cleaned up -a +b ");
}

static AsabFuture *
cancel_handler (AsabStateMachine  *machine G_GNUC_UNUSED,
                gpointer           user_data,
                GError           **error G_GNUC_UNUSED)
{
  asab_future_cancel (*(AsabFuture **) user_data);

  return NULL;
}

/* A handler that does not wait may cancel its transition too. */
static void
test_cancel_within (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabStateMachine) machine = new_machine ();
  g_autoptr(AsabFuture) future = NULL;

  asab_state_machine_add (machine, "a", "b", NULL, NULL, NULL);
  asab_state_machine_on_exit (machine, "a", cancel_handler, &future, NULL);
  future = asab_state_machine_transition (machine, "b");
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (future));
  g_assert_cmpstr (asab_state_machine_get_state (machine), ==, "a");
}

static AsabFuture *
replace_handler (AsabStateMachine  *machine,
                 gpointer           user_data,
                 GError           **error G_GNUC_UNUSED)
{
  asab_state_machine_on_enter (machine, "b", NULL, NULL, NULL);
  async_trace (user_data);

  return NULL;
}

static void
test_replace (AsyncFixture  *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  AsabStateMachine *machine = new_machine ();
  g_autoptr(AsabFuture) future = NULL;
  g_autoptr(AsabFuture) back = NULL;
  g_autoptr(AsabFuture) again = NULL;

  asab_state_machine_add (machine, "a", "b", NULL, NULL, NULL);
  asab_state_machine_add (machine, "b", "a", NULL, NULL, NULL);
  asab_state_machine_on_enter (machine, "b", trace_handler, (gpointer) "1", trace_destroy_cb);
  asab_state_machine_on_enter (machine, "b", replace_handler, (gpointer) "2", trace_destroy_cb);
  async_assert_trace (fixture, "1");
  future = asab_state_machine_transition (machine, "b");
  back = asab_state_machine_transition (machine, "a");
  again = asab_state_machine_transition (machine, "b");
  async_run_ready (fixture);
  assert_boolean (again, TRUE);
  /* The data stays as long as the handler needs it. */
  async_assert_trace (fixture, "-a 22-b +a -a ");
  g_assert_finalize_object (machine);
}

/* Transitions keep their machine. */
static void
test_finalize (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  AsabStateMachine *machine = new_slow_machine ();
  g_autoptr(AsabFuture) first = asab_state_machine_transition (machine, "b");
  g_autoptr(AsabFuture) second = asab_state_machine_transition (machine, "a");

  asab_state_machine_on_enter (machine, "never", trace_handler, (gpointer) "gone", trace_destroy_cb);
  g_object_add_weak_pointer (G_OBJECT (machine), (gpointer *) &machine);
  g_object_unref (machine);
  async_advance (fixture, 1);
  g_assert_nonnull (machine);
  async_advance (fixture, 1);
  g_assert_null (machine);
  assert_boolean (first, TRUE);
  assert_boolean (second, FALSE);
  async_assert_trace (fixture, "(-a)(+b)gone");
}

static void
add_tests (void)
{
  async_test_add ("/asab/state-machine/undeclared", test_undeclared);
  async_test_add ("/asab/state-machine/transition", test_transition);
  async_test_add ("/asab/state-machine/conditions", test_conditions);
  async_test_add ("/asab/state-machine/condition-once", test_condition_once);
  async_test_add ("/asab/state-machine/condition-values", test_condition_values);
  async_test_add ("/asab/state-machine/condition-adds", test_condition_adds);
  async_test_add ("/asab/state-machine/queue", test_queue);
  async_test_add ("/asab/state-machine/queue-undeclared", test_queue_undeclared);
  async_test_add ("/asab/state-machine/exit-fails", test_exit_fails);
  async_test_add ("/asab/state-machine/enter-fails", test_enter_fails);
  async_test_add ("/asab/state-machine/condition-fails", test_condition_fails);
  async_test_add ("/asab/state-machine/exception", test_exception);
  async_test_add ("/asab/state-machine/unhandled", test_unhandled);
  async_test_add ("/asab/state-machine/self", test_self);
  async_test_add ("/asab/state-machine/within", test_within);
  async_test_add ("/asab/state-machine/cancel-queued", test_cancel_queued);
  async_test_add ("/asab/state-machine/cancel-condition", test_cancel_condition);
  async_test_add ("/asab/state-machine/cancel-exit", test_cancel_exit);
  async_test_add ("/asab/state-machine/cancel-enter", test_cancel_enter);
  async_test_add ("/asab/state-machine/cancel-waits", test_cancel_waits);
  async_test_add ("/asab/state-machine/cancel-within", test_cancel_within);
  async_test_add ("/asab/state-machine/replace", test_replace);
  async_test_add ("/asab/state-machine/finalize", test_finalize);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
