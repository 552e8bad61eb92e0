/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the main file and what it includes into one table.
 *
 * An included file wins over the one that includes it, a later one over an earlier one, and what it includes itself
 * is read before its next sibling. Nothing is taken from a load of which one file is broken.
 */

#include "config.h"

#include "asab-config-loader-private.h"

#include "asab-config-expand-private.h"
#include "asab-config-reader-private.h"

#include <asab-glib/config/asab-config.h>
#include <glib/gi18n-lib.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#define INCLUDE_SECTION "general"
#define INCLUDE_KEY "include"
#define INCLUDE_SEPARATORS ": \t\r\n"

typedef struct
{
  const char      *base_dir; /* what relative paths are relative to */
  AsabConfigTable *table;
  GHashTable      *seen;     /* set of real paths */
  GPtrArray       *warnings; /* (element-type utf8) */
} Loader;

static gboolean load_includes (Loader      *self,
                               const char  *includes,
                               GError     **error);

/* Notices that the same file is meant by whatever name; false if it was read before. */
static gboolean
mark_seen (Loader     *self,
           const char *path)
{
  char *real = realpath (path, NULL);
  gboolean is_new = TRUE;

  /* What has no real path cannot be opened either, and that has its own message. */
  if (real != NULL)
    is_new = g_hash_table_add (self->seen, g_strdup (real));
  free (real);

  return is_new;
}

static AsabConfigTable *
read_file (Loader      *self,
           const char  *path,
           const char  *name,
           GError     **error)
{
  g_autoptr(GError) reason = NULL;
  g_autoptr(AsabConfigTable) table = NULL;
  g_autofree char *data = NULL;
  g_autofree char *absolute = NULL;
  g_autofree char *this_dir = NULL;
  gsize length;

  if (!g_file_get_contents (path, &data, &length, &reason))
    {
      g_set_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_UNREADABLE,
                   _("The configuration file “%s” cannot be read: %s"), name, reason->message);
      return NULL;
    }

  table = asab_config_read (name, data, length, self->warnings, error);
  if (table == NULL)
    return NULL;

  absolute = g_canonicalize_filename (path, self->base_dir);
  this_dir = g_path_get_dirname (absolute);
  asab_config_expand_table (table, this_dir, self->warnings);
  asab_config_table_merge (self->table, table);

  return g_steal_pointer (&table);
}

static gboolean
load_included (Loader      *self,
               const char  *path,
               const char  *name,
               GError     **error)
{
  g_autoptr(AsabConfigTable) table = NULL;
  const AsabConfigEntry *include;

  if (!mark_seen (self, path))
    {
      g_ptr_array_add (self->warnings, g_strdup_printf (_("%s: The file is included more than once; "
                                                          "it is read the first time only"), name));
      return TRUE;
    }

  table = read_file (self, path, name, error);
  if (table == NULL)
    return FALSE;

  include = asab_config_table_lookup (table, INCLUDE_SECTION, INCLUDE_KEY);

  return include == NULL || load_includes (self, include->value, error);
}

static char *
escape_pattern (const char *path)
{
  GString *escaped = g_string_new (NULL);

  for (const char *p = path; *p != '\0'; p++)
    {
      if (strchr ("\\*?[", *p) != NULL)
        g_string_append_c (escaped, '\\');
      g_string_append_c (escaped, *p);
    }

  return g_string_free (escaped, FALSE);
}

static int
compare_paths (const void *a,
               const void *b)
{
  return strcmp (*(char * const *) a, *(char * const *) b);
}

static gboolean
load_pattern (Loader      *self,
              const char  *pattern,
              GError     **error)
{
  g_autofree char *base = escape_pattern (self->base_dir);
  g_autofree char *absolute = NULL;
  gsize hidden = 0;
  gboolean ok = TRUE;
  glob_t found;

  /* The working directory may change, as in daemon mode, before the next reload; messages stay as people wrote it. */
  if (g_path_is_absolute (pattern))
    absolute = g_strdup (pattern);
  else
    {
      absolute = g_strdup_printf ("%s/%s", base, pattern);
      hidden = strlen (self->base_dir) + 1;
    }

  /* Not glob()'s own order, which depends on the locale. */
  if (glob (absolute, GLOB_NOSORT, NULL, &found) != 0)
    return TRUE;
  qsort (found.gl_pathv, found.gl_pathc, sizeof (char *), compare_paths);

  for (gsize i = 0; ok && i < found.gl_pathc; i++)
    ok = load_included (self, found.gl_pathv[i], found.gl_pathv[i] + hidden, error);

  globfree (&found);

  return ok;
}

static gboolean
load_includes (Loader      *self,
               const char  *includes,
               GError     **error)
{
  g_auto(GStrv) patterns = g_strsplit_set (includes, INCLUDE_SEPARATORS, -1);

  for (char **pattern = patterns; *pattern != NULL; pattern++)
    if (**pattern != '\0' && !load_pattern (self, *pattern, error))
      return FALSE;

  return TRUE;
}

static gboolean
load_all (Loader                  *self,
          const char              *path,
          const AsabConfigLayers  *layers,
          GError                 **error)
{
  AsabConfigLayers with_main = *layers;
  const AsabConfigEntry *include;
  g_autofree char *includes = NULL;

  if (path != NULL)
    {
      g_autofree char *absolute = g_canonicalize_filename (path, self->base_dir);
      g_autoptr(AsabConfigTable) main_table = NULL;

      mark_seen (self, absolute);
      main_table = read_file (self, absolute, path, error);
      if (main_table == NULL)
        return FALSE;
    }

  /* The default, or the command line, may tell what to include as well. */
  with_main.tables[ASAB_CONFIG_LAYER_FILES] = self->table;
  include = asab_config_layers_lookup (&with_main, INCLUDE_SECTION, INCLUDE_KEY);
  if (include == NULL)
    return TRUE;

  /* The entry goes when an included file has one of its own. */
  includes = g_strdup (include->value);

  return load_includes (self, includes, error);
}

/* Reads the main file @path, if it is not NULL, and all includes; @layers tells what the other layers say.
 *
 * Returns: (transfer full) (nullable): what the files say together, or NULL with @error set
 */
AsabConfigTable *
asab_config_load_files (const char              *path,
                        const char              *base_dir,
                        const AsabConfigLayers  *layers,
                        GPtrArray               *warnings,
                        GError                 **error)
{
  g_autoptr(AsabConfigTable) table = asab_config_table_new ();
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Loader loader = { .base_dir = base_dir, .table = table, .seen = seen, .warnings = warnings };

  if (!load_all (&loader, path, layers, error))
    return NULL;

  return g_steal_pointer (&table);
}
