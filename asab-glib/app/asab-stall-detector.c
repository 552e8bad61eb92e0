/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Tells who holds up the main loop.
 *
 *     poll │◀──────────── a turn ────────────▶│ poll
 *          │ source A │ source B … B … B │ C  │
 *                               ▲              ▲
 *                     a signal: who runs?      how long was it?
 *
 * A turn begins when poll() returns and ends when it is called again, so a function in the place of poll() sees how
 * long each took. By then GLib has forgotten which source took so long. Therefore a timer of the kernel sends the
 * thread a signal when the turn reaches the threshold, and the handler notes which source, and which fiber, it has
 * interrupted.
 *
 * To set the timer takes a system call, too much for each turn. It is left running over turns that end in time, and
 * when it goes off in one that began later, it is set for what is left. When it goes off in poll() nothing sets it but
 * the next turn that has something to do: a loop that rests is left alone, and there is no thread to look after it.
 *
 * The signal is SIGURG: ignored by default, passed over by debuggers, and hardly used by anybody else.
 */

#include "config.h"

#include "asab-stall-detector-private.h"

#include <asab-glib/async/asab-fiber.h>

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/* Shared with the signal handler, which runs in the thread of the main loop too: it only has to be seen in order. */
static struct
{
  volatile gint64 threshold;    /* microseconds, 0 if nobody wants to know */
  volatile gint64 start;        /* of the turn */
  volatile gboolean is_in_turn; /* not in poll() */
  volatile gboolean is_armed;   /* whether the timer runs */
  volatile gboolean is_stalled; /* whether what follows tells who runs at the threshold */
  char source[64];
  char fiber[64];               /* empty if none runs */

  AsabConfig *config; /* (owned) (nullable): while it watches */
  gulong config_id;
  timer_t timer;
  GPollFunc poll; /* GLib's */
  struct sigaction former;
} detector;

/* Reading the coarse clock takes a few nanoseconds; it is some milliseconds behind. */
static gint64
get_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC_COARSE, &now);

  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static void
arm_timer (gint64 usec)
{
  const struct itimerspec spec = {
    .it_value = { .tv_sec = usec / G_USEC_PER_SEC, .tv_nsec = usec % G_USEC_PER_SEC * 1000 },
  };

  detector.is_armed = timer_settime (detector.timer, 0, &spec, NULL) == 0;
}

/* The original may be gone when the turn has ended. */
static void
copy_name (char       *target,
           gsize       size,
           const char *name)
{
  gsize i = 0;

  for (; name != NULL && name[i] != '\0' && i < size - 1; i++)
    target[i] = name[i];
  target[i] = '\0';
}

/* Nothing in here takes a lock or memory: all it reads belongs to this thread. */
static void
note_culprit (void)
{
  GSource *source = g_main_current_source ();
  AsabFiber *fiber = asab_fiber_get_current ();

  copy_name (detector.source, sizeof detector.source, source != NULL ? g_source_get_name (source) : NULL);
  copy_name (detector.fiber, sizeof detector.fiber, fiber != NULL ? asab_fiber_get_name (fiber) : NULL);
  detector.is_stalled = TRUE;
}

static void
signal_handler (int        signal_number G_GNUC_UNUSED,
                siginfo_t *info,
                void      *context G_GNUC_UNUSED)
{
  int saved_errno = errno;
  gint64 left;

  /* Somebody's out-of-band data. */
  if (info->si_code != SI_TIMER)
    return;

  detector.is_armed = FALSE;
  if (detector.is_in_turn && detector.threshold > 0)
    {
      left = detector.start + detector.threshold - get_time ();
      if (left > 0)
        arm_timer (left);
      else
        note_culprit ();
    }

  errno = saved_errno;
}

static void
report (void)
{
  double seconds = (double) (get_time () - detector.start) / G_USEC_PER_SEC;
  const char *name = *detector.source != '\0' ? detector.source : "without a name";

  detector.is_stalled = FALSE;
  if (*detector.fiber != '\0')
    g_warning ("The main loop stood still for %.3f s in the source “%s”, in the fiber “%s”", seconds, name,
               detector.fiber);
  else
    g_warning ("The main loop stood still for %.3f s in the source “%s”", seconds, name);
}

static void
begin_turn (gboolean is_interrupted)
{
  if (detector.threshold == 0)
    return;

  detector.start = get_time ();
  detector.is_in_turn = TRUE;
  if (!detector.is_armed && !is_interrupted)
    arm_timer (detector.threshold);
}

static void
end_turn (void)
{
  detector.is_in_turn = FALSE;
  if (detector.is_stalled)
    report ();
}

static int
watched_poll (GPollFD *fds,
              guint    n_fds,
              int      timeout)
{
  int saved_errno;
  int n_ready;

  end_turn ();
  n_ready = detector.poll (fds, n_fds, timeout);

  saved_errno = errno;
  begin_turn (n_ready < 0);
  errno = saved_errno;

  return n_ready;
}

static gboolean
take_signal (void)
{
  struct sigaction action = { .sa_sigaction = signal_handler, .sa_flags = SA_RESTART | SA_SIGINFO | SA_ONSTACK };

  sigemptyset (&action.sa_mask);
  sigaction (SIGURG, NULL, &detector.former);
  if ((detector.former.sa_flags & SA_SIGINFO) != 0 ||
      (detector.former.sa_handler != SIG_DFL && detector.former.sa_handler != SIG_IGN))
    return FALSE;

  return sigaction (SIGURG, &action, NULL) == 0;
}

static gboolean
make_timer (void)
{
  struct sigevent event = {
    .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGURG, .sigev_notify_thread_id = gettid (),
  };

  return timer_create (CLOCK_MONOTONIC, &event, &detector.timer) == 0;
}

/* Begins with the next turn. */
static void
set_threshold (double seconds)
{
  detector.is_in_turn = FALSE;
  detector.threshold = (gint64) (CLAMP (seconds, 0, G_MAXINT) * G_USEC_PER_SEC);
  if (detector.is_armed)
    arm_timer (0);
  detector.is_armed = FALSE;
}

static void
config_changed_cb (AsabConfig *config,
                   const char *section,
                   const char *key,
                   gpointer    user_data G_GNUC_UNUSED)
{
  if (g_str_equal (key, "stall_threshold"))
    set_threshold (asab_config_get_seconds (config, section, key, NULL));
}

/*
 * asab_stall_detector_start:
 * @config: the configuration, whose section “application” has the threshold
 *
 * Watches the default main context, which this thread is to run. Where the signal is taken there is nothing to watch
 * with, and it does not watch.
 */
void
asab_stall_detector_start (AsabConfig *config)
{
  if (!take_signal ())
    {
      g_info ("Stalls of the main loop are not detected: another library handles SIGURG");
      return;
    }
  if (!make_timer ())
    {
      g_info ("Stalls of the main loop are not detected: %s", g_strerror (errno));
      sigaction (SIGURG, &detector.former, NULL);
      return;
    }

  detector.poll = g_main_context_get_poll_func (NULL);
  g_main_context_set_poll_func (NULL, watched_poll);
  detector.config = g_object_ref (config);
  detector.config_id = g_signal_connect (config, "changed::application", G_CALLBACK (config_changed_cb), NULL);
  set_threshold (asab_config_get_seconds (config, "application", "stall_threshold", NULL));
}

/* Leaves all as it was. If others have taken the place of poll() since, they may still call ours. */
void
asab_stall_detector_stop (void)
{
  if (detector.config == NULL)
    return;

  end_turn ();
  set_threshold (0);
  timer_delete (detector.timer);
  sigaction (SIGURG, &detector.former, NULL);
  if (g_main_context_get_poll_func (NULL) == watched_poll)
    g_main_context_set_poll_func (NULL, detector.poll);
  g_signal_handler_disconnect (detector.config, detector.config_id);
  g_clear_object (&detector.config);
}
