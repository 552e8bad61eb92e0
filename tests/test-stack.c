/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The stacks below the fibers, without fibers. */

#include "config.h"

#include <asab-glib/core/asab-stack-private.h>

#include <asab-glib/asab.h>
#include <sys/resource.h>

static void
count_cb (gpointer data)
{
  ++*(int *) data;
}

static void
count_and_wait_cb (gpointer data)
{
  g_assert_true (asab_stack_is_current ());
  count_cb (data);
  asab_stack_suspend ();
  count_cb (data);
}

static AsabStack *
acquire (AsabStackPool *pool)
{
  g_autoptr(GError) error = NULL;
  AsabStack *stack = asab_stack_pool_acquire (pool, 0, &error);

  g_assert_no_error (error);
  g_assert_nonnull (stack);

  return stack;
}

static void
test_resume (void)
{
  AsabStackPool pool;
  AsabStack *stack;
  int n = 0;

  asab_stack_pool_init (&pool);
  stack = acquire (&pool);
  g_assert_true (asab_stack_resume (stack, count_cb, &n, "a"));
  g_assert_cmpint (n, ==, 1);
  g_assert_false (asab_stack_resume (stack, count_and_wait_cb, &n, "b"));
  g_assert_cmpint (n, ==, 2);
  g_assert_false (asab_stack_is_current ());
  g_assert_true (asab_stack_resume (stack, NULL, NULL, NULL));
  g_assert_cmpint (n, ==, 3);
  asab_stack_pool_release (&pool, stack);
  asab_stack_pool_clear (&pool);
}

typedef struct
{
  AsabStackPool *pool;
  int n;
} Nested;

static void
resume_another_cb (gpointer data)
{
  Nested *nested = data;
  AsabStack *stack = acquire (nested->pool);

  g_assert_false (asab_stack_resume (stack, count_and_wait_cb, &nested->n, "inner"));
  g_assert_true (asab_stack_is_current ());
  asab_stack_suspend ();
  g_assert_true (asab_stack_resume (stack, NULL, NULL, NULL));
  asab_stack_pool_release (nested->pool, stack);
}

/* Each stack returns to the one that has resumed it. */
static void
test_nested (void)
{
  AsabStackPool pool;
  Nested nested = { &pool, 0 };
  AsabStack *stack;

  asab_stack_pool_init (&pool);
  stack = acquire (&pool);
  g_assert_false (asab_stack_resume (stack, resume_another_cb, &nested, "outer"));
  g_assert_cmpint (nested.n, ==, 1);
  g_assert_true (asab_stack_resume (stack, NULL, NULL, NULL));
  g_assert_cmpint (nested.n, ==, 2);
  asab_stack_pool_release (&pool, stack);
  asab_stack_pool_clear (&pool);
}

static void
test_pool (void)
{
  AsabStackPool pool;
  AsabStack *stacks[300];
  AsabStack *again;

  asab_stack_pool_init (&pool);
  for (gsize i = 0; i < G_N_ELEMENTS (stacks); i++)
    stacks[i] = acquire (&pool);
  g_assert_cmpuint (pool.n_used, ==, 300);
  g_assert_cmpuint (pool.n_free, ==, 0);

  asab_stack_pool_release (&pool, stacks[0]);
  asab_stack_pool_release (&pool, stacks[1]);
  g_assert_cmpuint (pool.n_used, ==, 298);
  g_assert_cmpuint (pool.n_free, ==, 2);

  /* The one that was used last has the warmest pages. */
  again = acquire (&pool);
  g_assert_true (again == stacks[1]);
  asab_stack_pool_release (&pool, again);

  for (gsize i = 2; i < G_N_ELEMENTS (stacks); i++)
    asab_stack_pool_release (&pool, stacks[i]);
  g_assert_cmpuint (pool.n_used, ==, 0);
  g_assert_cmpuint (pool.n_free, >=, 100);
  g_assert_cmpuint (pool.n_free, <, 300);

  asab_stack_pool_clear (&pool);
  g_assert_cmpuint (pool.n_free, ==, 0);
}

static void
touch_cb (gpointer data G_GNUC_UNUSED)
{
  volatile char deep[100 * 1024];

  for (gsize i = 0; i < sizeof deep; i += 1024)
    deep[i] = 1;
  asab_stack_suspend ();
  g_assert_cmpint (deep[0], ==, 1);
}

/* The deep pages of a few free stacks stay, those of the others go back to the system. */
static void
test_deep_pages (void)
{
  AsabStackPool pool;
  AsabStack *stacks[8];

  asab_stack_pool_init (&pool);
  for (gsize i = 0; i < G_N_ELEMENTS (stacks); i++)
    {
      stacks[i] = acquire (&pool);
      g_assert_cmpuint (asab_stack_get_used (stacks[i]), <, 64 * 1024);
      g_assert_false (asab_stack_resume (stacks[i], touch_cb, NULL, "touch"));
      g_assert_cmpuint (asab_stack_get_used (stacks[i]), >=, 100 * 1024);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (stacks); i++)
    {
      g_assert_true (asab_stack_resume (stacks[i], NULL, NULL, NULL));
      asab_stack_pool_release (&pool, stacks[i]);
    }

  g_assert_cmpuint (asab_stack_get_used (stacks[0]), >=, 100 * 1024);
  g_assert_cmpuint (asab_stack_get_used (stacks[7]), <, 64 * 1024);
  asab_stack_pool_clear (&pool);
}

static void
test_size (void)
{
  AsabStackPool pool;
  AsabStack *odd;
  AsabStack *own;

  asab_stack_pool_init (&pool);
  asab_stack_pool_set_size (&pool, 100001);
  odd = acquire (&pool);
  asab_stack_pool_release (&pool, odd);
  g_assert_cmpuint (pool.n_free, ==, 1);

  own = asab_stack_pool_acquire (&pool, 1024 * 1024, NULL);
  g_assert_true (own != odd);
  asab_stack_pool_release (&pool, own);
  g_assert_cmpuint (pool.n_free, ==, 1);
  own = asab_stack_pool_acquire (&pool, 100002, NULL);
  g_assert_true (own == odd);
  asab_stack_pool_release (&pool, own);
  asab_stack_pool_clear (&pool);
}

static void
test_no_resources (void)
{
  AsabStackPool pool;
  g_autoptr(GError) error = NULL;

  asab_stack_pool_init (&pool);
  g_assert_null (asab_stack_pool_acquire (&pool, G_MAXSIZE / 4, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NO_RESOURCES);
  g_clear_error (&error);
  g_assert_null (asab_stack_pool_acquire (&pool, G_MAXSIZE, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NO_RESOURCES);
  g_assert_cmpuint (pool.n_used, ==, 0);
}

static void
test_many (void)
{
  AsabStackPool pool;
  AsabStack *stacks[2000];
  int n = 0;

  asab_stack_pool_init (&pool);
  for (gsize i = 0; i < G_N_ELEMENTS (stacks); i++)
    {
      stacks[i] = acquire (&pool);
      asab_stack_resume (stacks[i], count_and_wait_cb, &n, "one of many");
    }
  g_assert_cmpint (n, ==, 2000);
  for (gsize i = 0; i < G_N_ELEMENTS (stacks); i++)
    {
      g_assert_true (asab_stack_resume (stacks[i], NULL, NULL, NULL));
      asab_stack_pool_release (&pool, stacks[i]);
    }
  g_assert_cmpint (n, ==, 4000);
  asab_stack_pool_clear (&pool);
}

/* Writes to every page on the way down. */
static void
recurse_cb (gpointer data)
{
  volatile char frame[1024];

  frame[0] = 1;
  if (data != NULL)
    recurse_cb (data);
  frame[1] = frame[0];
}

static void
test_guard_page (void)
{
  if (g_test_subprocess ())
    {
      const struct rlimit no_core = { 0, 0 };
      AsabStackPool pool;

      setrlimit (RLIMIT_CORE, &no_core);
      asab_stack_pool_init (&pool);
      asab_stack_resume (acquire (&pool), recurse_cb, &pool, "endless");
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/stack/resume", test_resume);
  g_test_add_func ("/asab/stack/nested", test_nested);
  g_test_add_func ("/asab/stack/pool", test_pool);
  g_test_add_func ("/asab/stack/deep-pages", test_deep_pages);
  g_test_add_func ("/asab/stack/size", test_size);
  g_test_add_func ("/asab/stack/no-resources", test_no_resources);
  g_test_add_func ("/asab/stack/many", test_many);
  g_test_add_func ("/asab/stack/guard-page", test_guard_page);

  return g_test_run ();
}
