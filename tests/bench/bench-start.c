/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * From the start of a process to its end: hello world as an application of ours, and as a GApplication. The programs
 * run turn by turn; the medians of their times and of their resident sizes count.
 */

#include <glib.h>

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define N_ROUNDS 201

typedef struct
{
  double milliseconds[N_ROUNDS];
  double kibibytes[N_ROUNDS];
} Series;

static double
get_milliseconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);

  return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

static void
run_once (const char *folder,
          const char *name,
          Series     *series,
          int         round)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *arguments[] = { path, NULL };
  posix_spawn_file_actions_t actions;
  struct rusage usage;
  double start;
  int status;
  pid_t pid;

  posix_spawn_file_actions_init (&actions);
  posix_spawn_file_actions_addopen (&actions, 1, "/dev/null", 1, 0);

  start = get_milliseconds ();
  if (posix_spawn (&pid, path, &actions, NULL, arguments, environ) != 0 || wait4 (pid, &status, 0, &usage) != pid ||
      status != 0)
    g_error ("%s failed", path);
  series->milliseconds[round] = get_milliseconds () - start;
  series->kibibytes[round] = (double) usage.ru_maxrss;

  posix_spawn_file_actions_destroy (&actions);
}

static int
compare_doubles (const void *a,
                 const void *b)
{
  double difference = *(const double *) a - *(const double *) b;

  return (difference > 0) - (difference < 0);
}

static double
median (double *values)
{
  qsort (values, N_ROUNDS, sizeof *values, compare_doubles);

  return values[N_ROUNDS / 2];
}

static void
print_case (const char *name,
            const char *unit,
            double      ours,
            double      peer,
            double      target)
{
  printf ("{\"suite\":\"start\",\"case\":\"%s\",\"ours\":%.2f,\"peer\":%.2f,\"peer_name\":\"GApplication\","
          "\"unit\":\"%s\",\"target\":%g,\"better\":\"lower\"}\n",
          name, ours, peer, unit, target);
}

int
main (void)
{
  static Series ours;
  static Series peer;
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = g_path_get_dirname (self);

  for (int i = 0; i < N_ROUNDS; i++)
    {
      run_once (folder, "bench-start-asab", &ours, i);
      run_once (folder, "bench-start-gapplication", &peer, i);
    }

  print_case ("hello world, time", "ms", median (ours.milliseconds), median (peer.milliseconds), 1.6);
  print_case ("hello world, peak resident size", "KiB", median (ours.kibibytes), median (peer.kibibytes), 1.5);

  return 0;
}
