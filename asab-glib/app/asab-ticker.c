/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Publishes Application.tick! and, every so many ticks, the nine divided ones.
 *
 * Ticks are due on a grid: the start plus a whole number of periods. The time that subscribers take therefore does not
 * add up. A tick that could not be published in its period, because the machine was suspended or a subscriber took
 * long, is left out and not counted: nothing comes in a burst.
 */

#include "config.h"

#include "asab-ticker-private.h"

#include <asab-glib/async/asab-timer.h>
#include <asab-glib/core/asab-clock.h>

struct _AsabTicker
{
  AsabPubSub *bus;  /* (owned) */
  AsabTimer *timer; /* (owned): armed while the ticker is started */
  gint64 period;    /* microseconds */
  gint64 due;       /* when the next tick is to be published */
  guint64 n_ticks;
};

/* Each divides the last one, so that all counts fall together in the end. */
static const struct
{
  guint divisor;
  const char *message_type;
} divided_ticks[] = {
  { 1, "Application.tick!" },         { 10, "Application.tick/10!" },       { 60, "Application.tick/60!" },
  { 300, "Application.tick/300!" },   { 600, "Application.tick/600!" },     { 1800, "Application.tick/1800!" },
  { 3600, "Application.tick/3600!" }, { 43200, "Application.tick/43200!" }, { 86400, "Application.tick/86400!" },
};

static void
arm_timer (AsabTicker *self)
{
  gint64 now = asab_get_time ();

  if (self->due <= now)
    self->due += ((now - self->due) / self->period + 1) * self->period;

  asab_timer_restart (self->timer, (double) (self->due - now) / G_USEC_PER_SEC, NULL);
}

static AsabFuture *
tick_cb (AsabTimer *timer G_GNUC_UNUSED,
         gpointer   user_data)
{
  AsabTicker *self = user_data;

  self->due += self->period;
  self->n_ticks++;

  /* Armed first: a subscriber may stop the ticker. */
  arm_timer (self);
  for (gsize i = 0; i < G_N_ELEMENTS (divided_ticks) && asab_timer_is_started (self->timer); i++)
    {
      if (self->n_ticks % divided_ticks[i].divisor == 0)
        asab_pubsub_publish (self->bus, divided_ticks[i].message_type);
    }

  return NULL;
}

AsabTicker *
asab_ticker_new (AsabPubSub *bus)
{
  AsabTicker *self = g_new0 (AsabTicker, 1);

  self->bus = g_object_ref (bus);
  self->timer = asab_timer_new (tick_cb, self, NULL, FALSE);

  return self;
}

void
asab_ticker_free (AsabTicker *self)
{
  asab_timer_stop (self->timer);
  g_object_unref (self->timer);
  g_object_unref (self->bus);
  g_free (self);
}

/*
 * asab_ticker_start:
 * @self: a ticker
 * @period: the time between ticks, in seconds
 *
 * Starts the ticker, or goes on with another period. The first tick comes after a whole period.
 */
void
asab_ticker_start (AsabTicker *self,
                   double      period)
{
  self->period = MAX (1, (gint64) (period * G_USEC_PER_SEC));
  self->due = asab_get_time () + self->period;
  arm_timer (self);
}

void
asab_ticker_stop (AsabTicker *self)
{
  asab_timer_stop (self->timer);
}
