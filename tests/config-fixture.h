/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A configuration in a folder of its own, which is the working directory meanwhile. */

#pragma once

#include <asab-glib/asab.h>
#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  char       *dir;
  AsabConfig *config;
  GString    *warnings;
  GString    *changes; /* "section.key " for each */
} Fixture;

static GString *warnings_sink;

static GLogWriterOutput
write_log (GLogLevelFlags   level,
           const GLogField *fields,
           gsize            n_fields,
           gpointer         user_data G_GNUC_UNUSED)
{
  if ((level & G_LOG_LEVEL_WARNING) == 0 || warnings_sink == NULL)
    return g_log_writer_default (level, fields, n_fields, NULL);

  for (gsize i = 0; i < n_fields; i++)
    if (g_strcmp0 (fields[i].key, "MESSAGE") == 0)
      g_string_append_printf (warnings_sink, "%s\n", (const char *) fields[i].value);

  return G_LOG_WRITER_HANDLED;
}

/* Warnings are what the tests look at, so they must not be fatal. */
static inline void
collect_warnings (void)
{
  g_log_set_writer_func (write_log, NULL, NULL);
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
}

static inline void
changed_cb (AsabConfig *config,
            const char *section,
            const char *key,
            GString    *changes)
{
  g_string_append_printf (changes, "%s.%s ", section, key);
}

static inline void
set_up (Fixture       *fixture,
        gconstpointer  data G_GNUC_UNUSED)
{
  fixture->dir = g_dir_make_tmp ("asab-config-XXXXXX", NULL);
  g_assert_nonnull (fixture->dir);
  g_assert_cmpint (g_chdir (fixture->dir), ==, 0);
  fixture->warnings = warnings_sink = g_string_new (NULL);
  fixture->changes = g_string_new (NULL);
  fixture->config = asab_config_new ();
  g_signal_connect (fixture->config, "changed", G_CALLBACK (changed_cb), fixture->changes);
}

static inline void
remove_tree (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }

  g_remove (path);
}

static inline void
tear_down (Fixture       *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  warnings_sink = NULL;
  g_assert_finalize_object (fixture->config);
  g_assert_cmpint (g_chdir ("/"), ==, 0);
  remove_tree (fixture->dir);
  g_free (fixture->dir);
  g_string_free (fixture->warnings, TRUE);
  g_string_free (fixture->changes, TRUE);
}

static inline void
write_file (const char *path,
            const char *text)
{
  g_autofree char *dir = g_path_get_dirname (path);
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (dir, 0755), ==, 0);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static inline void
load (Fixture    *fixture,
      const char *text)
{
  g_autoptr(GError) error = NULL;

  write_file ("main.conf", text);
  asab_config_load (fixture->config, "main.conf", &error);
  g_assert_no_error (error);
}

static inline void
assert_value (Fixture    *fixture,
              const char *section,
              const char *key,
              const char *expected)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *value = asab_config_get_string (fixture->config, section, key, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (value, ==, expected);
}

#define ADD(path, data, func) g_test_add (path, Fixture, data, set_up, func, tear_down)
