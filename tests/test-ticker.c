/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>

#include "asab-ticker-private.h"

#include <string.h>

typedef struct
{
  AsabClock *clock;
  AsabPubSub *bus;
  AsabTicker *ticker;
  GString *log;       /* what was published, in order, and when */
  double work;        /* how long each subscriber takes */
  gboolean stop;
} Fixture;

static AsabFuture *
tick_cb (AsabPubSub   *bus,
         AsabMessage  *message,
         gpointer      user_data,
         GError      **error)
{
  Fixture *fixture = user_data;
  const char *type = asab_message_get_message_type (message) + strlen ("Application.tick");

  g_string_append_printf (fixture->log, "%g%s ", (double) asab_get_time () / G_USEC_PER_SEC, type);
  asab_clock_advance (fixture->clock, fixture->work);
  if (fixture->stop)
    asab_ticker_stop (fixture->ticker);

  return NULL;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  const char *const *types;
  static const char *const all[] = { "", "/10", "/60", "/300", "/600", "/1800", "/3600", "/43200", "/86400", NULL };

  fixture->clock = asab_clock_new ();
  asab_clock_install (fixture->clock, NULL);
  fixture->bus = asab_pubsub_new ();
  fixture->ticker = asab_ticker_new (fixture->bus);
  fixture->log = g_string_new (NULL);

  for (types = data != NULL ? data : all; *types != NULL; types++)
    {
      g_autofree char *type = g_strdup_printf ("Application.tick%s!", *types);

      asab_pubsub_subscribe (fixture->bus, type, tick_cb, fixture, NULL);
    }
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  asab_ticker_free (fixture->ticker);
  g_assert_finalize_object (fixture->bus);
  g_string_free (fixture->log, TRUE);
  asab_clock_uninstall (fixture->clock, NULL);
  g_assert_finalize_object (fixture->clock);
}

static void
advance (Fixture *fixture,
         double   seconds)
{
  asab_clock_advance (fixture->clock, seconds);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
test_period (Fixture       *fixture,
             gconstpointer  data)
{
  asab_ticker_start (fixture->ticker, 2);
  for (int i = 0; i < 5; i++)
    advance (fixture, 1);
  g_assert_cmpstr (fixture->log->str, ==, "2! 4! ");

  /* Another period begins at once. */
  asab_ticker_start (fixture->ticker, 0.5);
  advance (fixture, 0.5);
  advance (fixture, 0.5);
  g_assert_cmpstr (fixture->log->str, ==, "2! 4! 5.5! 6! ");

  asab_ticker_stop (fixture->ticker);
  advance (fixture, 10);
  g_assert_cmpstr (fixture->log->str, ==, "2! 4! 5.5! 6! ");
}

static void
test_no_drift (Fixture       *fixture,
               gconstpointer  data)
{
  fixture->work = 0.25;
  asab_ticker_start (fixture->ticker, 1);
  for (int i = 0; i < 12; i++)
    advance (fixture, 0.25);
  g_assert_cmpstr (fixture->log->str, ==, "1! 2! 3! ");
}

/* What was missed is left out, and the grid stays. */
static void
test_no_storm (Fixture       *fixture,
               gconstpointer  data)
{
  asab_ticker_start (fixture->ticker, 1);
  advance (fixture, 1);
  advance (fixture, 1000.5);
  advance (fixture, 0.5);
  advance (fixture, 1);
  g_assert_cmpstr (fixture->log->str, ==, "1! 1001.5! 1002! 1003! ");
}

static void
test_divided (Fixture       *fixture,
              gconstpointer  data)
{
  asab_ticker_start (fixture->ticker, 1);
  for (int i = 1; i < 86400; i++)
    advance (fixture, 1);
  g_string_truncate (fixture->log, 0);
  advance (fixture, 1);
  g_assert_cmpstr (fixture->log->str, ==,
                   "86400! 86400/10! 86400/60! 86400/300! 86400/600! 86400/1800! 86400/3600! "
                   "86400/43200! 86400/86400! ");
}

static void
test_divided_counts (Fixture       *fixture,
                     gconstpointer  data)
{
  asab_ticker_start (fixture->ticker, 1);
  for (int i = 0; i < 125; i++)
    advance (fixture, 1);
  g_assert_cmpstr (fixture->log->str, ==,
                   "10/10! 20/10! 30/10! 40/10! 50/10! 60/10! 60/60! 70/10! 80/10! 90/10! 100/10! 110/10! 120/10! "
                   "120/60! ");
}

/* A subscriber that stops the ticker ends the tick, too. */
static void
test_stop_inside (Fixture       *fixture,
                  gconstpointer  data)
{
  asab_ticker_start (fixture->ticker, 1);
  for (int i = 0; i < 9; i++)
    advance (fixture, 1);
  g_string_truncate (fixture->log, 0);
  fixture->stop = TRUE;
  advance (fixture, 1);
  advance (fixture, 1);
  g_assert_cmpstr (fixture->log->str, ==, "10! ");
}

int
main (int    argc,
      char **argv)
{
  static const char *const plain[] = { "", NULL };
  static const char *const divided[] = { "/10", "/60", "/300", NULL };

  g_test_init (&argc, &argv, NULL);

#define ADD(path, data, test) g_test_add ("/asab/ticker/" path, Fixture, data, set_up, test, tear_down)
  ADD ("period", plain, test_period);
  ADD ("no-drift", plain, test_no_drift);
  ADD ("no-storm", plain, test_no_storm);
  ADD ("divided", NULL, test_divided);
  ADD ("divided-counts", divided, test_divided_counts);
  ADD ("stop-inside", NULL, test_stop_inside);
#undef ADD

  return g_test_run ();
}
