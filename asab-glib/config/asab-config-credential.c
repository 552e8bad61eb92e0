/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Secrets that a service manager hands over as files, in a folder that CREDENTIALS_DIRECTORY names. */

#include "config.h"

#include "asab-config-expand-private.h"

#include <string.h>

#define PREFIX "credential:"

/* Whether a name in ${…} is that of a credential. */
gboolean
asab_config_is_credential (const char *name)
{
  return g_str_has_prefix (name, PREFIX);
}

/* Returns the text of the credential that @name is, without the newline that editors leave, or NULL. */
char *
asab_config_dup_credential (const char *name)
{
  const char *folder = g_getenv ("CREDENTIALS_DIRECTORY");
  const char *file = name + strlen (PREFIX);
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  gsize length;

  if (folder == NULL || strchr (file, '/') != NULL)
    return NULL;

  path = g_build_filename (folder, file, NULL);
  if (!g_file_get_contents (path, &text, &length, NULL) || !g_utf8_validate_len (text, length, NULL))
    return NULL;

  if (length > 0 && text[length - 1] == '\n')
    text[length - 1] = '\0';

  return g_steal_pointer (&text);
}
