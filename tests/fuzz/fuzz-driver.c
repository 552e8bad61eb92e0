/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs a fuzz target without a fuzzer: over each file of the folders that are named, and over each beginning of it. */

#include "fuzz.h"

#include <glib.h>

static gsize
run_folder (const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GDir) dir = g_dir_open (path, 0, &error);
  const char *name;
  gsize n_files = 0;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);
      g_autofree char *data = NULL;
      gsize length;

      g_file_get_contents (file, &data, &length, &error);
      g_assert_no_error (error);
      for (gsize i = 0; i <= length; i++)
        {
          /* A copy of its own, so that the sanitizer sees what is read beyond its end. */
          g_autofree guint8 *beginning = g_memdup2 (data, i);

          LLVMFuzzerTestOneInput (beginning, i);
        }
      n_files++;
    }

  return n_files;
}

int
main (int    argc,
      char **argv)
{
  gsize n_files = 0;

  for (int i = 1; i < argc; i++)
    n_files += run_folder (argv[i]);

  g_print ("%" G_GSIZE_FORMAT " files\n", n_files);

  return n_files > 0 ? 0 : 1;
}
