/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * From the start of a process to its end: hello world as an application of ours, and as a GApplication. The programs
 * run turn by turn; the medians of their times and of their resident sizes count.
 */

#include "bench.h"

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_ROUNDS 201

typedef struct
{
  double milliseconds[N_ROUNDS];
  double kibibytes[N_ROUNDS];
} Series;

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

  start = bench_get_nanoseconds ();
  if (posix_spawn (&pid, path, &actions, NULL, arguments, environ) != 0 || wait4 (pid, &status, 0, &usage) != pid ||
      status != 0)
    g_error ("%s failed", path);
  series->milliseconds[round] = (bench_get_nanoseconds () - start) / 1e6;
  series->kibibytes[round] = (double) usage.ru_maxrss;

  posix_spawn_file_actions_destroy (&actions);
}

int
main (int   argc,
      char *argv[])
{
  static Series ours;
  static Series peer;
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = g_path_get_dirname (self);

  bench_init ("start", argc, argv);

  for (int i = 0; i < N_ROUNDS; i++)
    {
      run_once (folder, "bench-start-asab", &ours, i);
      run_once (folder, "bench-start-gapplication", &peer, i);
    }

  bench_report ("hello world, time", "ms", bench_median (ours.milliseconds, N_ROUNDS), "GApplication",
                bench_median (peer.milliseconds, N_ROUNDS), 1.6);
  bench_report ("hello world, peak resident size", "KiB", bench_median (ours.kibibytes, N_ROUNDS), "GApplication",
                bench_median (peer.kibibytes, N_ROUNDS), 1.5);

  return 0;
}
