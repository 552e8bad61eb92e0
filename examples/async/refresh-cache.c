/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A cache of user accounts, whose entries age by a clock that is moved by hand. */

#include <asab-glib/asab.h>

static AsabFuture *
load_user (const char  *name,
           gpointer     user_data G_GNUC_UNUSED,
           GError     **error G_GNUC_UNUSED)
{
  static guint version;
  g_autoptr(AsabPromise) promise = asab_promise_new ();
  g_autofree char *user = g_strdup_printf ("%s, version %u", name, ++version);

  g_print ("  loading %s\n", name);
  asab_promise_resolve_string (promise, user);

  return asab_future_ref (asab_promise_get_future (promise));
}

static AsabFuture *
load_guest (const char  *name,
            gpointer     user_data G_GNUC_UNUSED,
            GError     **error G_GNUC_UNUSED)
{
  g_autoptr(AsabPromise) promise = asab_promise_new ();

  g_print ("  loading the guest %s\n", name);
  asab_promise_resolve_string (promise, "a guest");

  return asab_future_ref (asab_promise_get_future (promise));
}

static AsabFuture *
fail_to_load (const char  *name G_GNUC_UNUSED,
              gpointer     user_data G_GNUC_UNUSED,
              GError     **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, "the database is down");

  return NULL;
}

static AsabFuture *
complain (const GError *error,
          gboolean      was_batched,
          gpointer      user_data G_GNUC_UNUSED)
{
  g_print ("  %s: %s\n", was_batched ? "in a batch" : "refreshing one", error->message);

  return NULL;
}

static gboolean
print_user (AsabRefreshCache  *cache,
            AsabFuture        *user,
            GError           **error)
{
  double now = (double) asab_clock_get_time (asab_refresh_cache_get_clock (cache)) / G_USEC_PER_SEC;
  g_autofree char *text = asab_await_string (ASAB_TEMP (user), error);

  if (text == NULL)
    return FALSE;
  g_print ("%3.0f s: %s\n", now, text);

  return asab_fiber_sleep (0, error); /* lets happen what is going on in the background */
}

static gboolean
show_users (AsabRefreshCache  *cache,
            AsabClock         *clock,
            GError           **error)
{
  const double pauses[] = { 0, 30, 20, 1, 100 }; /* missed, hit, hit and refreshed, hit, expired */

  for (guint i = 0; i < G_N_ELEMENTS (pauses); i++)
    {
      asab_clock_advance (clock, pauses[i]);
      if (!print_user (cache, asab_refresh_cache_get (cache, "ada"), error))
        return FALSE;
    }

  if (!print_user (cache, asab_refresh_cache_get_with_loader (cache, "bob", load_guest, NULL, NULL), error))
    return FALSE;

  /* The value that is there lives on when it cannot be refreshed. */
  asab_refresh_cache_register_loader (cache, "ada", fail_to_load, NULL, NULL);
  asab_clock_advance (clock, 50);

  return print_user (cache, asab_refresh_cache_get (cache, "ada"), error) &&
         print_user (cache, asab_refresh_cache_invalidate (cache, "ada"), error);
}

static gboolean
use_cache (gpointer   data,
           GValue    *result G_GNUC_UNUSED,
           GError   **error)
{
  AsabClock *clock = data;
  g_autoptr(AsabRefreshCache) cache = g_object_new (ASAB_TYPE_REFRESH_CACHE, "clock", clock, NULL);

  if (!asab_refresh_cache_configure (cache, 60, 15, complain, NULL, NULL, error))
    return FALSE;
  asab_refresh_cache_set_default_loader (cache, load_user, NULL, NULL);
  asab_refresh_cache_start (cache);

  if (!show_users (cache, clock, error))
    return FALSE;
  g_print ("ada is %s\n", asab_refresh_cache_contains (cache, "ada") ? "there" : "gone");

  return asab_await (ASAB_TEMP (asab_refresh_cache_stop (cache)), error);
}

int
main (void)
{
  g_autoptr(AsabClock) clock = asab_clock_new ();
  g_autoptr(AsabFuture) done = asab_spawn (use_cache, clock, NULL);
  g_autoptr(GError) error = NULL;

  if (!asab_run_until_complete (done, NULL, &error))
    g_printerr ("%s\n", error->message);

  return error != NULL;
}
