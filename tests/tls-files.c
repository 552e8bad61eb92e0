/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tls-files.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

#define NEW_KEY "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -batch "

static char *folder;

static void
run (const char *command)
{
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) argv = NULL;
  g_autofree char *messages = NULL;
  int status;

  g_assert_true (g_shell_parse_argv (command, NULL, &argv, NULL));
  g_spawn_sync (folder, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &messages, &status, &error);
  if (error != NULL)
    g_error ("The program “openssl” is needed, of the Debian package “openssl”: %s", error->message);
  if (!g_spawn_check_wait_status (status, NULL))
    g_error ("%s: %s", command, messages);
}

/* An authority of its own for each name, for that is the shortest way to make some that do not believe each other. */
static void
make_authority (const char *name)
{
  g_autofree char *command = g_strdup_printf ("openssl req -x509 " NEW_KEY "-keyout %s.key -out %s.crt "
                                              "-subj /CN=authority", name, name);

  run (command);
}

static void
make_certificate (const char *name,
                  const char *options)
{
  g_autofree char *command = g_strdup_printf ("openssl req -x509 -CA authority.crt -CAkey authority.key " NEW_KEY
                                              "-keyout %s.key -out %s.crt -addext basicConstraints=critical,CA:FALSE "
                                              "-subj /CN=%s %s", name, name, name, options);

  run (command);
}

void
tls_files_set_up (void)
{
  g_autoptr(GError) error = NULL;

  folder = g_dir_make_tmp ("asab-XXXXXX", &error);
  g_assert_no_error (error);

  make_authority ("authority");
  make_authority ("stranger");
  make_certificate ("server", "-addext subjectAltName=DNS:server.test");
  make_certificate ("client", "");
  run ("openssl pkcs12 -export -in server.crt -inkey server.key -passout pass:sesame -out server.p12");
  run ("openssl pkcs8 -topk8 -in server.key -passout pass:sesame -out encrypted.key");
}

void
tls_files_tear_down (void)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (folder);
}

char *
tls_files_path (const char *name)
{
  return g_build_filename (folder, name, NULL);
}
