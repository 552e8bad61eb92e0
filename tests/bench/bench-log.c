/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a log call costs its caller, and how many records a second reach a file.
 *
 * Peers are the synchronous logger of spdlog, which keeps a buffer, GLib's structured log with a writer that uses
 * stdio, fprintf () with a full buffer, and the least that makes such a line: a copy of its parts into a buffer. GLib
 * takes one writer in the life of a process, so its part runs in a process of its own.
 */

#define G_LOG_DOMAIN "bench.name"

#include "bench.h"

#include <asab-glib/asab.h>

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define N_CALLS 10000
#define N_SUSTAINED 1000000
#define N_ROUNDS 5
#define N_GLIB_ROUNDS 51
#define GLIB_OPTION "--glib"

void bench_spdlog_open  (const char *path);
void bench_spdlog_log   (unsigned    n_calls);
void bench_spdlog_flush (void);
void bench_spdlog_close (void);

static FILE *file; /* of the peers that use stdio */

/* Ours */

static void
macro_work (gpointer bench G_GNUC_UNUSED,
            guint    n_calls)
{
  for (guint i = 0; i < n_calls; i++)
    asab_log_info ("request %u handled for the client at address 127.0.0.1 in time", i);
}

static void
g_info_work (gpointer bench G_GNUC_UNUSED,
             guint    n_calls)
{
  for (guint i = 0; i < n_calls; i++)
    g_info ("request %u handled for the client at address 127.0.0.1 in time", i);
}

static void
disabled_work (gpointer bench G_GNUC_UNUSED,
               guint    n_calls)
{
  for (guint i = 0; i < n_calls; i++)
    asab_log_debug ("request %u handled for the client at address 127.0.0.1 in time", i);
}

static void
flush_ours (gpointer bench G_GNUC_UNUSED,
            guint    n_calls G_GNUC_UNUSED)
{
  asab_log_flush ();
}

/* The peers */

static void
spdlog_work (gpointer bench G_GNUC_UNUSED,
             guint    n_calls)
{
  bench_spdlog_log (n_calls);
}

static void
flush_spdlog (gpointer bench G_GNUC_UNUSED,
              guint    n_calls G_GNUC_UNUSED)
{
  bench_spdlog_flush ();
}

static const char *
get_stamp (long *microseconds)
{
  static time_t last_second;
  static char text[32];
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  if (now.tv_sec != last_second)
    {
      struct tm tm;

      localtime_r (&now.tv_sec, &tm);
      strftime (text, sizeof text, "%d-%b-%Y %H:%M:%S", &tm);
      last_second = now.tv_sec;
    }
  *microseconds = now.tv_nsec / 1000;

  return text;
}

static void
fprintf_work (gpointer bench G_GNUC_UNUSED,
              guint    n_calls)
{
  for (guint i = 0; i < n_calls; i++)
    {
      long microseconds;
      const char *stamp = get_stamp (&microseconds);

      fprintf (file, "%s.%06ld INFO %s request %u handled for the client at address 127.0.0.1 in time\n", stamp,
               microseconds, "bench.name", i);
    }
}

/* No formatting at all. */
static void
floor_work (gpointer bench G_GNUC_UNUSED,
            guint    n_calls)
{
  static const char before[] = " INFO bench.name request ";
  static const char after[] = " handled for the client at address 127.0.0.1 in time\n";

  for (guint i = 0; i < n_calls; i++)
    {
      char line[256];
      char digits[12];
      long microseconds;
      const char *stamp = get_stamp (&microseconds);
      char *p = line;
      gsize n_digits = 0;
      guint number = i;

      memcpy (p, stamp, 20);
      p += 20;
      *p++ = '.';
      for (int k = 5; k >= 0; k--, microseconds /= 10)
        p[k] = (char) ('0' + microseconds % 10);
      p += 6;
      memcpy (p, before, sizeof before - 1);
      p += sizeof before - 1;
      do
        digits[n_digits++] = (char) ('0' + number % 10);
      while ((number /= 10) > 0);
      while (n_digits > 0)
        *p++ = digits[--n_digits];
      memcpy (p, after, sizeof after - 1);
      p += sizeof after - 1;
      fwrite_unlocked (line, 1, (gsize) (p - line), file);
    }
}

static void
flush_file (gpointer bench G_GNUC_UNUSED,
            guint    n_calls G_GNUC_UNUSED)
{
  fflush (file);
}

/* GLib, in a process of its own */

static GLogWriterOutput
write_to_file (GLogLevelFlags   level G_GNUC_UNUSED,
               const GLogField *fields,
               gsize            n_fields,
               gpointer         user_data G_GNUC_UNUSED)
{
  const char *message = "";
  const char *domain = "";
  const char *stamp;
  long microseconds;

  for (gsize i = 0; i < n_fields; i++)
    {
      if (strcmp (fields[i].key, "MESSAGE") == 0)
        message = fields[i].value;
      else if (strcmp (fields[i].key, "GLIB_DOMAIN") == 0)
        domain = fields[i].value;
    }
  stamp = get_stamp (&microseconds);
  fprintf (file, "%s.%06ld INFO %s %s\n", stamp, microseconds, domain, message);

  return G_LOG_WRITER_HANDLED;
}

static double
time_calls (BenchWork work,
            BenchWork flush,
            guint     n_calls,
            gboolean  counts_flush)
{
  double start = bench_get_nanoseconds ();
  double end;

  work (NULL, n_calls);
  end = bench_get_nanoseconds ();
  flush (NULL, n_calls);
  if (counts_flush)
    end = bench_get_nanoseconds ();

  return (end - start) / n_calls;
}

static int
run_glib (const char *path)
{
  double times[N_GLIB_ROUNDS];

  file = fopen (path, "w");
  g_log_set_writer_func (write_to_file, NULL, NULL);
  for (int i = 0; i < N_GLIB_ROUNDS; i++)
    times[i] = time_calls (g_info_work, flush_file, N_CALLS, FALSE);
  printf ("%f\n", bench_median (times, N_GLIB_ROUNDS));
  fclose (file);

  return 0;
}

static void
bench_g_info (const char *path)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  const char *arguments[] = { self, GLIB_OPTION, path, NULL };
  g_autofree char *output = NULL;
  g_autoptr(GError) error = NULL;
  double times[N_GLIB_ROUNDS];

  if (!g_spawn_sync (NULL, (char **) arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, NULL, &error))
    g_error ("%s", error->message);

  for (int i = 0; i < N_GLIB_ROUNDS; i++)
    times[i] = time_calls (g_info_work, flush_ours, N_CALLS, FALSE);
  bench_report ("g_info ()", "ns", bench_median (times, N_GLIB_ROUNDS), "GLib and a writer with stdio",
                g_ascii_strtod (output, NULL), 1);
}

static void
bench_sustained (void)
{
  double ours[N_ROUNDS];
  double peers[N_ROUNDS];

  for (int i = 0; i < N_ROUNDS; i++)
    {
      ours[i] = time_calls (macro_work, flush_ours, N_SUSTAINED, TRUE);
      peers[i] = time_calls (fprintf_work, flush_file, N_SUSTAINED, TRUE);
    }
  bench_report ("a million records, written", "ns", bench_median (ours, N_ROUNDS), "fprintf (), full buffer",
                bench_median (peers, N_ROUNDS), 1.25);
}

static void
set_up (const char *path)
{
  g_autoptr(AsabConfig) config = asab_config_new ();
  g_autoptr(GError) error = NULL;

  asab_log_install ();
  asab_config_set_override (config, "logging", "level", "INFO", NULL);
  asab_config_set_override (config, "logging:console", "enabled", "false", NULL);
  asab_config_set_override (config, "logging:file", "path", path, NULL);
  if (!asab_log_configure (config, &error))
    g_error ("%s", error->message);
  asab_log_start_thread ();
}

static void
bench_macros (void)
{
  const BenchSide ours = { macro_work, NULL, N_CALLS, flush_ours };

  bench_run (&(BenchCase) { "macro, file", "spdlog, synchronous", BENCH_AT_MOST, 1, ours,
                            { spdlog_work, NULL, N_CALLS, flush_spdlog } });
  bench_run (&(BenchCase) { "macro, file", "line made by hand, stdio", BENCH_AT_MOST, 1.5, ours,
                            { floor_work, NULL, N_CALLS, flush_file } });
  bench_run (&(BenchCase) { "macro, file", "fprintf (), full buffer", BENCH_AT_MOST, 1, ours,
                            { fprintf_work, NULL, N_CALLS, flush_file } });
  bench_run (&(BenchCase) { "disabled macro", NULL, BENCH_AT_MOST, 5, { disabled_work, NULL, N_CALLS }, { NULL } });
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *path = NULL;
  g_autofree char *peer_path = NULL;

  if (argc == 3 && strcmp (argv[1], GLIB_OPTION) == 0)
    return run_glib (argv[2]);

  bench_init ("log", argc, argv);
  folder = g_dir_make_tmp ("asab-bench-XXXXXX", &error);
  if (folder == NULL)
    g_error ("%s", error->message);
  path = g_build_filename (folder, "ours.log", NULL);
  peer_path = g_build_filename (folder, "peer.log", NULL);

  bench_spdlog_open (peer_path);
  file = fopen (peer_path, "a");
  set_up (path);
  bench_macros ();
  bench_g_info (peer_path);
  bench_sustained ();

  bench_spdlog_close ();
  fclose (file);
  asab_log_flush ();
  g_unlink (path);
  g_unlink (peer_path);
  g_rmdir (folder);

  return 0;
}
