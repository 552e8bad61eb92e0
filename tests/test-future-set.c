/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

#define N 3

typedef struct
{
  AsabPromise *promises[N];
  AsabFuture *futures[N];  /* borrowed from the promises */
} Members;

static void
members_init (Members *self)
{
  for (gsize i = 0; i < N; i++)
    {
      self->promises[i] = asab_promise_new ();
      self->futures[i] = asab_promise_get_future (self->promises[i]);
    }
}

static void
members_clear (Members *self)
{
  for (gsize i = 0; i < N; i++)
    asab_promise_unref (self->promises[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Members, members_clear)

static void
reject (AsabPromise *promise,
        int          code)
{
  asab_promise_reject_literal (promise, G_IO_ERROR, code, "rejected");
}

static AsabFutureSet *
dup_set (AsabFuture *future)
{
  g_autoptr(GError) error = NULL;
  AsabFutureSet *set = asab_future_dup_boxed (future, ASAB_TYPE_FUTURE_SET, &error);

  g_assert_no_error (error);

  return set;
}

static void
test_all (AsyncFixture  *fixture,
          gconstpointer  data G_GNUC_UNUSED)
{
  g_auto(Members) members;
  g_autoptr(AsabFuture) all = NULL;
  g_autoptr(AsabFutureSet) set = NULL;

  members_init (&members);
  all = asab_future_all (members.futures, N);
  asab_promise_resolve_int64 (members.promises[2], 2);
  asab_promise_resolve_int64 (members.promises[0], 0);
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (all));
  asab_promise_resolve_int64 (members.promises[1], 1);
  g_assert_false (asab_future_is_done (all));
  async_run_ready (fixture);

  set = dup_set (all);
  g_assert_cmpuint (asab_future_set_get_n_futures (set), ==, N);
  for (guint i = 0; i < N; i++)
    {
      g_assert_true (asab_future_set_get_future (set, i) == members.futures[i]);
      g_assert_cmpint (g_value_get_int64 (asab_future_set_get_value (set, i, NULL)), ==, i);
    }
}

/* The first rejection decides; the others go on. */
static void
test_all_rejected (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_auto(Members) members;
  g_autoptr(AsabFuture) all = NULL;

  members_init (&members);
  all = asab_future_all (members.futures, N);
  reject (members.promises[1], G_IO_ERROR_BUSY);
  async_run_ready (fixture);
  async_assert_error (all, G_IO_ERROR, G_IO_ERROR_BUSY);

  g_assert_true (asab_promise_resolve_int64 (members.promises[0], 1));
  reject (members.promises[2], G_IO_ERROR_FAILED);
  async_run_ready (fixture);
  async_assert_int (members.futures[0], 1);
}

static void
test_all_settled (AsyncFixture  *fixture,
                  gconstpointer  data G_GNUC_UNUSED)
{
  g_auto(Members) members;
  g_autoptr(AsabFuture) settled = NULL;
  g_autoptr(AsabFutureSet) set = NULL;
  g_autoptr(GError) error = NULL;

  members_init (&members);
  settled = asab_future_all_settled (members.futures, N);
  reject (members.promises[0], G_IO_ERROR_BUSY);
  asab_future_cancel (members.futures[1]);
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (settled));
  asab_promise_resolve_int64 (members.promises[2], 2);
  async_run_ready (fixture);

  set = dup_set (settled);
  g_assert_null (asab_future_set_get_value (set, 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_true (asab_future_is_cancelled (asab_future_set_get_future (set, 1)));
  g_assert_cmpint (g_value_get_int64 (asab_future_set_get_value (set, 2, NULL)), ==, 2);
}

static void
test_any (AsyncFixture  *fixture,
          gconstpointer  data G_GNUC_UNUSED)
{
  g_auto(Members) members;
  g_autoptr(AsabFuture) any = NULL;

  members_init (&members);
  any = asab_future_any (members.futures, N);
  reject (members.promises[0], G_IO_ERROR_BUSY);
  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (any));
  asab_promise_resolve_int64 (members.promises[2], 2);
  reject (members.promises[1], G_IO_ERROR_BUSY);
  async_run_ready (fixture);
  async_assert_int (any, 2);
}

static void
test_any_rejected (AsyncFixture  *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_auto(Members) members;
  g_autoptr(AsabFuture) any = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) errors = NULL;

  members_init (&members);
  any = asab_future_any (members.futures, N);
  reject (members.promises[2], G_IO_ERROR_BUSY);
  reject (members.promises[0], G_IO_ERROR_EXISTS);
  reject (members.promises[1], G_IO_ERROR_FAILED);
  async_run_ready (fixture);

  error = asab_future_dup_error (any);
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_MULTIPLE);
  errors = asab_error_get_errors (error);
  g_assert_cmpuint (errors->len, ==, N);
  g_assert_error ((GError *) errors->pdata[0], G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_error ((GError *) errors->pdata[1], G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_assert_error ((GError *) errors->pdata[2], G_IO_ERROR, G_IO_ERROR_FAILED);
}

static void
test_race (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_auto(Members) members;
  g_autoptr(AsabFuture) won = NULL;
  g_autoptr(AsabFuture) lost = NULL;

  members_init (&members);
  won = asab_future_race (members.futures, 2);
  lost = asab_future_race (members.futures + 1, 2);
  reject (members.promises[2], G_IO_ERROR_BUSY);
  asab_promise_resolve_int64 (members.promises[1], 1);
  asab_promise_resolve_int64 (members.promises[0], 0);
  async_run_ready (fixture);
  async_assert_int (won, 1);
  async_assert_error (lost, G_IO_ERROR, G_IO_ERROR_BUSY);
}

static void
test_empty (AsyncFixture  *fixture G_GNUC_UNUSED,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabFuture) all = asab_future_all (NULL, 0);
  g_autoptr(AsabFuture) settled = asab_future_all_settled (NULL, 0);
  g_autoptr(AsabFuture) any = asab_future_any (NULL, 0);
  g_autoptr(AsabFuture) race = asab_future_race (NULL, 0);
  g_autoptr(AsabFutureSet) set = dup_set (all);
  g_autoptr(GError) error = asab_future_dup_error (any);
  g_autoptr(GPtrArray) errors = asab_error_get_errors (error);

  g_assert_cmpuint (asab_future_set_get_n_futures (set), ==, 0);
  g_assert_true (asab_future_is_resolved (settled));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_MULTIPLE);
  g_assert_cmpuint (errors->len, ==, 0);
  async_assert_error (race, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

/* The same future twice, and one that is done already. */
static void
test_same (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autoptr(AsabFuture) done = async_new_int_future (1);
  AsabFuture *futures[] = { asab_promise_get_future (promise), done, asab_promise_get_future (promise) };
  g_autoptr(AsabFuture) all = asab_future_all (futures, G_N_ELEMENTS (futures));

  async_run_ready (fixture);
  g_assert_false (asab_future_is_done (all));
  reject (promise, G_IO_ERROR_BUSY);
  async_run_ready (fixture);
  async_assert_error (all, G_IO_ERROR, G_IO_ERROR_BUSY);
}

/* Who drops or cancels a combination leaves its members alone; they own what is left of it. */
static void
test_drop (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  g_auto(Members) members;
  g_autoptr(AsabFuture) cancelled = NULL;

  members_init (&members);
  asab_future_unref (asab_future_all (members.futures, N));
  asab_future_unref (asab_future_all_settled (members.futures, N));
  asab_future_unref (asab_future_any (members.futures, N));
  asab_future_unref (asab_future_race (members.futures, N));
  cancelled = asab_future_all (members.futures, N);
  asab_future_cancel (cancelled);
  async_run_ready (fixture);
  for (gsize i = 0; i < N; i++)
    g_assert_false (asab_future_is_done (members.futures[i]));

  for (gsize i = 0; i < N; i++)
    asab_promise_resolve (members.promises[i], NULL);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (cancelled));
}

static void
add_tests (void)
{
  async_test_add ("/asab/future-set/all", test_all);
  async_test_add ("/asab/future-set/all-rejected", test_all_rejected);
  async_test_add ("/asab/future-set/all-settled", test_all_settled);
  async_test_add ("/asab/future-set/any", test_any);
  async_test_add ("/asab/future-set/any-rejected", test_any_rejected);
  async_test_add ("/asab/future-set/race", test_race);
  async_test_add ("/asab/future-set/empty", test_empty);
  async_test_add ("/asab/future-set/same", test_same);
  async_test_add ("/asab/future-set/drop", test_drop);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
