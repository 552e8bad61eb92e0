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
 * the next turn that has something to do: a loop that rests is left alone.
 *
 * The thread that stands still cannot say so itself before it is over, which may be never. So the handler wakes another
 * thread, which otherwise sleeps. It reports a turn that takes twice the threshold, then at twice that time, and so on.
 *
 * The signal is SIGURG: ignored by default, passed over by debuggers, and hardly used by anybody else.
 */

#include "config.h"

#include "asab-stall-detector-private.h"

#include <asab-glib/async/asab-fiber.h>

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static struct
{
  /* Shared with the signal handler, which runs in the thread of the main loop: it only has to be seen in order. */
  volatile gint64 threshold;    /* microseconds, 0 if nobody wants to know */
  volatile gint64 start;        /* of the turn */
  volatile gboolean is_in_turn; /* not in poll() */
  volatile gboolean is_armed;   /* whether the timer runs */

  /* Written by the handler, for the watcher too. */
  gint is_stalled;    /* (atomic): whether the turn has reached the threshold, and what follows tells who runs */
  gint64 stall_start; /* of that turn */
  char source[64];    /* empty if it has no name */
  char fiber[64];     /* empty if none runs */

  AsabConfig *config; /* (owned) (nullable): while it watches */
  gulong config_id;
  timer_t timer;
  GThread *watcher;   /* (owned) (nullable): once there was a threshold */
  int wake_fd;        /* of the watcher */
  gint is_watching;   /* (atomic): cleared to end the watcher */
  GPollFunc poll;     /* GLib's */
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

static void
wake_watcher (void)
{
  guint64 one = 1;

  if (write (detector.wake_fd, &one, sizeof one) < 0)
    {
      /* The eventfd is at its limit, so it is awake already. */
    }
}

/* Nothing in here takes a lock or memory: all it reads belongs to this thread. */
static void
note_culprit (void)
{
  GSource *source = g_main_current_source ();
  AsabFiber *fiber = asab_fiber_get_current ();

  copy_name (detector.source, sizeof detector.source, source != NULL ? g_source_get_name (source) : NULL);
  copy_name (detector.fiber, sizeof detector.fiber, fiber != NULL ? asab_fiber_get_name (fiber) : NULL);
  detector.stall_start = detector.start;
  g_atomic_int_set (&detector.is_stalled, TRUE);
  wake_watcher ();
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
report (const char *what)
{
  double seconds = (double) (get_time () - detector.stall_start) / G_USEC_PER_SEC;
  const char *name = *detector.source != '\0' ? detector.source : "without a name";

  if (*detector.fiber != '\0')
    g_warning ("The main loop %s for %.3f s in the source “%s”, in the fiber “%s”", what, seconds, name,
               detector.fiber);
  else
    g_warning ("The main loop %s for %.3f s in the source “%s”", what, seconds, name);
}

/* Waits until it is woken, or until a time; 0 is never. */
static void
wait_for_stall (gint64 end)
{
  GPollFD fd = { .fd = detector.wake_fd, .events = G_IO_IN };
  int timeout = end > 0 ? (int) CLAMP ((end - get_time ()) / 1000 + 1, 0, G_MAXINT) : -1;
  guint64 n_wakes;

  if (g_poll (&fd, 1, timeout) > 0 && read (detector.wake_fd, &n_wakes, sizeof n_wakes) < 0)
    g_debug ("Cannot read an eventfd: %s", g_strerror (errno));
}

/* The watcher: looks after stalls that last. */
static gpointer
watch_stalls (gpointer data G_GNUC_UNUSED)
{
  gint64 start = 0; /* of the stall that it looks after */
  gint64 next = 0;  /* when to report it; 0 if there is none */

  while (g_atomic_int_get (&detector.is_watching))
    {
      wait_for_stall (next);

      if (!g_atomic_int_get (&detector.is_stalled))
        {
          next = 0;
        }
      else if (next == 0 || start != detector.stall_start)
        {
          start = detector.stall_start;
          next = start + 2 * detector.threshold;
        }
      else if (get_time () >= next)
        {
          report ("has stood still");
          next += next - start;
        }
    }

  return NULL;
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
  if (g_atomic_int_compare_and_exchange (&detector.is_stalled, TRUE, FALSE))
    report ("stood still");
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

static void
start_watcher (void)
{
  detector.wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (detector.wake_fd < 0)
    g_error ("Cannot make an eventfd: %s", g_strerror (errno));

  g_atomic_int_set (&detector.is_watching, TRUE);
  detector.watcher = g_thread_new ("asab-stall", watch_stalls, NULL);
}

static void
stop_watcher (void)
{
  if (detector.watcher == NULL)
    return;

  g_atomic_int_set (&detector.is_watching, FALSE);
  wake_watcher ();
  g_thread_join (g_steal_pointer (&detector.watcher));
  close (detector.wake_fd);
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
  if (detector.threshold > 0 && detector.watcher == NULL)
    start_watcher ();
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
  stop_watcher ();
  if (g_main_context_get_poll_func (NULL) == watched_poll)
    g_main_context_set_poll_func (NULL, detector.poll);
  g_signal_handler_disconnect (detector.config, detector.config_id);
  g_clear_object (&detector.config);
}
