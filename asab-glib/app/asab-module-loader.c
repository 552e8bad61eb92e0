/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Modules in shared libraries: `libNAME.so` in one of the folders of ASAB_MODULE_PATH, separated by colons, or in the
 * folder where modules are installed; or any file, if the name has a slash. The library exports asab_module_entry(),
 * see ASAB_MODULE_ENTRY. It stays loaded, as its types do.
 */

#include "config.h"

#include "asab-module-loader-private.h"

#include <asab-glib/app/asab-module.h>
#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>
#include <gio/gio.h>

#define ENTRY_SYMBOL "asab_module_entry"

typedef GType (*EntryFunc) (void);

static GPtrArray *
list_candidates (const char *name)
{
  const char *path = g_getenv ("ASAB_MODULE_PATH");
  g_auto(GStrv) folders = g_strsplit (path != NULL ? path : "", G_SEARCHPATH_SEPARATOR_S, -1);
  g_autofree char *file_name = g_strdup_printf ("lib%s." G_MODULE_SUFFIX, name);
  GPtrArray *candidates = g_ptr_array_new_with_free_func (g_free);

  if (strchr (name, G_DIR_SEPARATOR) != NULL)
    {
      g_ptr_array_add (candidates, g_strdup (name));
      return candidates;
    }

  for (gsize i = 0; folders[i] != NULL; i++)
    {
      if (*folders[i] != '\0')
        g_ptr_array_add (candidates, g_build_filename (folders[i], file_name, NULL));
    }
  g_ptr_array_add (candidates, g_build_filename (ASAB_MODULE_DIR, file_name, NULL));

  return candidates;
}

static const char *
find_file (const char  *name,
           GPtrArray   *candidates,
           GError     **error)
{
  g_autoptr(GString) tried = g_string_new (NULL);

  for (guint i = 0; i < candidates->len; i++)
    {
      const char *path = g_ptr_array_index (candidates, i);

      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        return path;
      g_string_append_printf (tried, "%s%s", i > 0 ? ", " : "", path);
    }

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("There is no module “%s”, tried: %s"), name, tried->str);

  return NULL;
}

static GType
call_entry (GModule     *module,
            const char  *path,
            GError     **error)
{
  gpointer symbol;
  GType type;

  if (!g_module_symbol (module, ENTRY_SYMBOL, &symbol) || symbol == NULL)
    {
      g_set_error (error, ASAB_ERROR, ASAB_ERROR_FAILED, _("“%s” is no module: it has no %s()"), path, ENTRY_SYMBOL);
      return G_TYPE_INVALID;
    }

  /* Its types cannot be unregistered. */
  g_module_make_resident (module);
  type = ((EntryFunc) symbol) ();
  if (g_type_is_a (type, ASAB_TYPE_MODULE))
    return type;

  g_set_error (error, ASAB_ERROR, ASAB_ERROR_FAILED, _("“%s” is no module: its type is %s"), path, g_type_name (type));

  return G_TYPE_INVALID;
}

/*
 * asab_module_loader_load:
 * @name: the name of a module, or a path
 * @error: return location for an error
 *
 * Loads a module.
 *
 * Returns: the type of the module, or %G_TYPE_INVALID
 */
GType
asab_module_loader_load (const char  *name,
                         GError     **error)
{
  g_autoptr(GPtrArray) candidates = list_candidates (name);
  const char *path = find_file (name, candidates, error);
  GModule *module;
  GType type;

  if (path == NULL)
    return G_TYPE_INVALID;

  module = g_module_open (path, G_MODULE_BIND_LOCAL);
  if (module == NULL)
    {
      g_set_error (error, ASAB_ERROR, ASAB_ERROR_FAILED, _("Cannot load the module “%s”: %s"), path, g_module_error ());
      return G_TYPE_INVALID;
    }

  type = call_entry (module, path, error);
  g_module_close (module);

  return type;
}
