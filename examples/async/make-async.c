/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A function that keeps the processor busy, called where nothing may block. */

#include <asab-glib/asab.h>

static int
count_primes (int       below,
              GError  **error)
{
  int n_primes = 0;

  if (below < 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "no numbers below zero");
      return 0;
    }

  for (int n = 2, divisor; n < below; n++)
    {
      for (divisor = 2; divisor * divisor <= n && n % divisor != 0; divisor++)
        ;
      if (divisor * divisor > n)
        n_primes++;
    }

  return n_primes;
}

static gboolean
count_many (gpointer   data,
            GValue    *result,
            GError   **error)
{
  g_autoptr(AsabAsyncFunction) count = asab_make_async (G_CALLBACK (count_primes), G_TYPE_INT, NULL, NULL);
  g_autoptr(AsabFuture) few = asab_async_function_call (count, NULL, G_TYPE_INT, 100, G_TYPE_INVALID);
  g_autoptr(AsabFuture) many = asab_async_function_call (count, NULL, G_TYPE_INT, 100000, G_TYPE_INVALID);
  g_autoptr(AsabFuture) none = asab_async_function_call (count, NULL, G_TYPE_INT, -1, G_TYPE_INVALID);
  g_autoptr(GError) failure = NULL;

  g_print ("%d\n", (int) asab_await_int64 (few, error));
  g_print ("%d\n", (int) asab_await_int64 (many, error));
  if (!asab_await (none, &failure))
    g_print ("%s\n", failure->message);

  return TRUE;
}

int
main (void)
{
  g_autoptr(AsabFuture) future = asab_spawn (count_many, NULL, NULL);
  g_autoptr(GError) error = NULL;

  if (!asab_run_until_complete (future, NULL, &error))
    g_error ("%s", error->message);

  return 0;
}
