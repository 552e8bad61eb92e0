/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * As many fibers as the system bears, and what happens beyond. The system's functions are replaced here, so that the
 * library finds an older kernel or another limit.
 */

#include "config.h"

#include "async-fixture.h"

#include <asab-glib/core/asab-sanitizers-private.h>

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GUARD_INSTALL 102

static gboolean marks_are_known;
static gboolean splits_are_refused;
static const char *limit; /* what the system's file says; it is read again only when it is reached */

/* The definitions that the library finds first. */
#pragma GCC visibility push(default)

/* A page is marked as a guard by Linux 6.13 and later. */
int
madvise (void   *address,
         size_t  length,
         int     advice)
{
  if (advice == GUARD_INSTALL && !marks_are_known)
    {
      errno = EINVAL;
      return -1;
    }

  return (int) syscall (SYS_madvise, address, length, advice);
}

int
mprotect (void   *address,
          size_t  length,
          int     protection)
{
  if (splits_are_refused)
    {
      errno = ENOMEM;
      return -1;
    }

  return (int) syscall (SYS_mprotect, address, length, protection);
}

gboolean
g_file_get_contents (const char  *path,
                     char       **contents,
                     gsize       *length,
                     GError     **error G_GNUC_UNUSED)
{
  g_assert_cmpstr (path, ==, "/proc/sys/vm/max_map_count");
  g_assert_null (length);
  *contents = g_strdup (limit);

  return TRUE;
}

#pragma GCC visibility pop

static gboolean
sleep_long (gpointer   data G_GNUC_UNUSED,
            GValue    *result G_GNUC_UNUSED,
            GError   **error)
{
  return asab_fiber_sleep (3600, error);
}

/* Starts fibers until one is refused, but no more than @n. Returns: (transfer full): the futures */
static GPtrArray *
spawn_sleepers (AsyncFixture *fixture,
                guint         n)
{
  GPtrArray *futures = g_ptr_array_new_with_free_func ((GDestroyNotify) asab_future_unref);

  for (guint i = 0; i < n; i++)
    {
      g_ptr_array_add (futures, asab_spawn (sleep_long, NULL, NULL));
      async_run_ready (fixture);
      if (asab_future_is_done (g_ptr_array_index (futures, i)))
        break;
    }

  return futures;
}

static void
assert_refused (AsabFuture *future,
                const char *message)
{
  g_autoptr(GError) error = asab_future_dup_error (future);

  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NO_RESOURCES);
  g_assert_cmpstr (error->message, ==, message);
}

/* Lets the fibers end and asserts that each has slept well. */
static void
wake_sleepers (AsyncFixture *fixture,
               GPtrArray    *futures)
{
  async_advance (fixture, 3600);
  for (guint i = 0; i < futures->len; i++)
    g_assert_true (asab_future_is_resolved (g_ptr_array_index (futures, i)));
}

/* The rest of the process has used up the mappings. */
static void
test_no_mapping_left (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GPtrArray) futures = NULL;
  g_autoptr(GPtrArray) again = NULL;

  marks_are_known = FALSE;
  limit = "100\n";
  splits_are_refused = TRUE;
  futures = spawn_sleepers (fixture, 2);
  splits_are_refused = FALSE;
  g_assert_cmpuint (futures->len, ==, 1);
  assert_refused (g_ptr_array_index (futures, 0),
                  "No stack for a fiber: the process has too many memory mappings, vm.max_map_count is 100");

  again = spawn_sleepers (fixture, 2);
  wake_sleepers (fixture, again);
}

static void
test_raised (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GPtrArray) futures = NULL;
  g_autoptr(GPtrArray) more = NULL;
  g_autoptr(AsabFuture) refused = NULL;

  marks_are_known = FALSE;
  limit = "320\n";
  futures = spawn_sleepers (fixture, 1600);
  refused = g_ptr_array_steal_index (futures, futures->len - 1);
  g_assert_cmpuint (futures->len, ==, 150);
  assert_refused (refused,
                  "No stack for a fiber: the process has too many memory mappings, vm.max_map_count is 320");

  limit = "640\n";
  more = spawn_sleepers (fixture, 150);
  g_assert_cmpuint (more->len, ==, 150);
  wake_sleepers (fixture, futures);
  wake_sleepers (fixture, more);
}

/* What is refused tells why, and harms nobody; what has ended makes room. */
static void
test_limit (AsyncFixture  *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GPtrArray) futures = NULL;
  g_autoptr(GPtrArray) again = NULL;
  g_autoptr(AsabFuture) refused = NULL;

  marks_are_known = FALSE;
  limit = "1600\n";
  futures = spawn_sleepers (fixture, 1600);
  g_assert_cmpuint (futures->len, ==, 751); /* two mappings each, and a sixteenth of all for others */

  refused = g_ptr_array_steal_index (futures, futures->len - 1);
  assert_refused (refused,
                  "No stack for a fiber: the process has too many memory mappings, vm.max_map_count is 1600");
  wake_sleepers (fixture, futures);

  again = spawn_sleepers (fixture, 750);
  g_assert_cmpuint (again->len, ==, 750);
  wake_sleepers (fixture, again);
}

/* Fewer where stacks need much more memory, and under valgrind, which has a lower limit of mappings itself. */
static guint
get_many (void)
{
#ifdef HAVE_VALGRIND
  if (RUNNING_ON_VALGRIND)
    return 1000;
#endif

  return ASAB_SANITIZER_STACK_FACTOR > 1 ? 3000 : 30000;
}

static void
run_many (AsyncFixture *fixture)
{
  guint n = get_many ();
  g_autoptr(GPtrArray) futures = spawn_sleepers (fixture, n);

  g_assert_cmpuint (futures->len, ==, n);
  g_assert_false (asab_future_is_done (g_ptr_array_index (futures, n - 1)));
  wake_sleepers (fixture, futures);
}

/* Each guard page is a mapping: 30,000 fibers are just below the limit as it is out of the box. */
static void
test_many_mappings (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  marks_are_known = FALSE;
  limit = "65530\n";
  run_many (fixture);
}

static void
test_many (AsyncFixture  *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  marks_are_known = TRUE;
  run_many (fixture);
}

/* Writes to every page on the way down. */
static gboolean
recurse (gpointer   data,
         GValue    *result,
         GError   **error)
{
  volatile char frame[1024];

  frame[0] = 1;

  return data == NULL || (recurse (data, result, error) && frame[0] == 1);
}

/* A guard page that is a mapping ends the process as one that is a mark does. */
static void
test_guard_mapping (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  if (g_test_subprocess ())
    {
      const struct rlimit no_core = { 0, 0 };
      g_autoptr(AsabFuture) future G_GNUC_UNUSED = NULL;

      setrlimit (RLIMIT_CORE, &no_core);
      marks_are_known = FALSE;
      limit = "65530\n";
      future = asab_spawn (recurse, fixture, NULL);
      async_run_ready (fixture);
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
}

static void
add_tests (void)
{
  async_test_add ("/asab/fiber-limit/no-mapping-left", test_no_mapping_left);
  async_test_add ("/asab/fiber-limit/raised", test_raised);
  async_test_add ("/asab/fiber-limit/limit", test_limit);
  async_test_add ("/asab/fiber-limit/many-mappings", test_many_mappings);
  async_test_add ("/asab/fiber-limit/many", test_many);
  async_test_add ("/asab/fiber-limit/guard-mapping", test_guard_mapping);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
