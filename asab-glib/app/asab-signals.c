/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SIGINT, SIGTERM and SIGHUP as callbacks in the main context.
 *
 * g_unix_signal_add() would start GLib's worker thread, which a small program otherwise never needs, and leave the
 * default action behind, after which an interpreter's own Ctrl-C is dead. Here a handler counts the signal and wakes an
 * eventfd, and the former actions come back in the end. A signal that comes twice before it is seen counts twice: the
 * third SIGINT is the one that ends a process at once.
 */

#include "config.h"

#include "asab-signals-private.h"

#include <glib-unix.h>

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const int watched[] = { SIGHUP, SIGINT, SIGTERM };

struct _AsabSignals
{
  AsabSignalFunc func;
  gpointer user_data;
  GSource *source; /* (owned): of the eventfd */
  struct sigaction former[G_N_ELEMENTS (watched)];
  struct sigaction former_pipe;
  sigset_t blocked; /* those that were blocked */
};

/* What the handler may touch: it runs in any thread at any time. */
static int pending[G_N_ELEMENTS (watched)]; /* (atomic): how often each came */
static int wake_fd = -1; /* never closed: a handler may be at its last line in some thread */

static void
signal_handler (int signal_number)
{
  int saved_errno = errno;
  guint64 one = 1;

  for (gsize i = 0; i < G_N_ELEMENTS (watched); i++)
    {
      if (watched[i] == signal_number)
        g_atomic_int_inc (&pending[i]);
    }
  if (write (wake_fd, &one, sizeof one) < 0)
    {
      /* The eventfd is at its limit, so it is awake already. */
    }

  errno = saved_errno;
}

static gboolean
signals_cb (int          fd,
            GIOCondition condition G_GNUC_UNUSED,
            gpointer     user_data)
{
  AsabSignals *self = user_data;
  guint64 n_wakes;

  if (read (fd, &n_wakes, sizeof n_wakes) < 0)
    return G_SOURCE_CONTINUE;

  for (gsize i = 0; i < G_N_ELEMENTS (watched); i++)
    {
      for (int n = g_atomic_int_exchange (&pending[i], 0); n > 0; n--)
        self->func (watched[i], self->user_data);
    }

  return G_SOURCE_CONTINUE;
}

/* Whoever starts a service may have blocked signals, but one that does not hear them could not be ended. */
static void
unblock (AsabSignals *self)
{
  sigset_t mask;

  pthread_sigmask (SIG_BLOCK, NULL, &mask);
  sigemptyset (&self->blocked);
  for (gsize i = 0; i < G_N_ELEMENTS (watched); i++)
    {
      if (sigismember (&mask, watched[i]))
        sigaddset (&self->blocked, watched[i]);
    }

  pthread_sigmask (SIG_UNBLOCK, &self->blocked, NULL);
}

/*
 * asab_signals_new:
 * @func: called for each signal
 * @user_data: data for @func
 *
 * Starts to watch. There can be one watch at a time.
 */
AsabSignals *
asab_signals_new (AsabSignalFunc func,
                  gpointer       user_data)
{
  struct sigaction action = { .sa_handler = signal_handler, .sa_flags = SA_RESTART };
  AsabSignals *self;

  self = g_new0 (AsabSignals, 1);
  self->func = func;
  self->user_data = user_data;

  if (wake_fd < 0)
    wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_fd < 0)
    g_error ("Cannot make an eventfd: %s", g_strerror (errno));

  self->source = g_unix_fd_source_new (wake_fd, G_IO_IN);
  g_source_set_static_name (self->source, "[asab] signals");
  g_source_set_callback (self->source, G_SOURCE_FUNC (signals_cb), self, NULL);
  g_source_attach (self->source, NULL);

  sigemptyset (&action.sa_mask);
  for (gsize i = 0; i < G_N_ELEMENTS (watched); i++)
    sigaction (watched[i], &action, &self->former[i]);
  unblock (self);

  /* A peer that goes away is an error of write(), not the end of a server. */
  action.sa_handler = SIG_IGN;
  sigaction (SIGPIPE, &action, &self->former_pipe);

  return self;
}

void
asab_signals_free (AsabSignals *self)
{
  pthread_sigmask (SIG_BLOCK, &self->blocked, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (watched); i++)
    sigaction (watched[i], &self->former[i], NULL);
  sigaction (SIGPIPE, &self->former_pipe, NULL);

  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_free (self);
}
