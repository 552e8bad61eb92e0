/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a value says between the lines: $NAME and ${NAME} are variables of the environment, $$ is a dollar, %% is a
 * percent sign. THIS_DIR is the folder of the file, known here only: children of the process must not inherit it.
 * ${credential:NAME} is a secret of the service manager; a value that has one is a secret as a whole.
 */

#include "config.h"

#include "asab-config-expand-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define NAME_START "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
#define NAME_CHARS NAME_START "0123456789"

static char *
dup_variable (const char *name,
              const char *this_dir)
{
  const char *value = NULL;

  if (asab_config_is_credential (name))
    return asab_config_dup_credential (name);
  if (this_dir != NULL && strcmp (name, "THIS_DIR") == 0)
    return g_strdup (this_dir);

  value = g_getenv (name);

  return value != NULL && g_utf8_validate (value, -1, NULL) ? g_strdup (value) : NULL;
}

/* Returns the end of the variable that begins at @dollar, or NULL if none does. */
static const char *
scan_variable (const char  *dollar,
               char       **name)
{
  const char *begin = dollar + 1;
  const char *end;

  if (*begin == '{')
    {
      begin++;
      end = begin + strcspn (begin, "${} \t\n");
      if (*end != '}' || end == begin)
        return NULL;
      *name = g_strndup (begin, end - begin);
      return end + 1;
    }

  if (*begin == '\0' || strchr (NAME_START, *begin) == NULL)
    return NULL;

  end = begin + strspn (begin, NAME_CHARS);
  *name = g_strndup (begin, end - begin);

  return end;
}

static char *
complain (const char *origin,
          const char *name)
{
  if (asab_config_is_credential (name))
    return g_strdup_printf (_("%s: The service manager has passed no “%s”"), origin, name);

  return g_strdup_printf (_("%s: The environment has no variable “%s”; write $$ for a dollar"), origin, name);
}

static const char *
expand_variable (const char *dollar,
                 const char *this_dir,
                 const char *origin,
                 GPtrArray  *warnings,
                 GString    *out,
                 gboolean   *is_secret)
{
  g_autofree char *name = NULL;
  g_autofree char *value = NULL;
  const char *end = scan_variable (dollar, &name);

  if (end == NULL)
    {
      g_string_append_c (out, '$');
      return dollar + 1;
    }

  value = dup_variable (name, this_dir);
  if (value != NULL)
    {
      g_string_append (out, value);
      *is_secret |= asab_config_is_credential (name);
    }
  else
    {
      g_string_append_len (out, dollar, end - dollar);
      g_ptr_array_add (warnings, complain (origin, name));
    }

  return end;
}

/* Expands @text, which @origin gave; @this_dir is NULL if that is no file. Unknown variables stay as they are, with a
 * warning. Sets @is_secret if the text holds a credential now, else leaves it alone.
 */
char *
asab_config_expand (const char *text,
                    const char *this_dir,
                    const char *origin,
                    GPtrArray  *warnings,
                    gboolean   *is_secret)
{
  GString *out = g_string_sized_new (strlen (text));

  while (*text != '\0')
    if ((*text == '$' || *text == '%') && text[1] == *text)
      {
        g_string_append_c (out, *text);
        text += 2;
      }
    else if (*text == '$')
      text = expand_variable (text, this_dir, origin, warnings, out, is_secret);
    else
      g_string_append_c (out, *text++);

  return g_string_free (out, FALSE);
}

void
asab_config_expand_table (AsabConfigTable *table,
                          const char      *this_dir,
                          GPtrArray       *warnings)
{
  for (guint i = 0; i < table->sections->len; i++)
    {
      AsabConfigSection *section = table->sections->pdata[i];

      for (guint j = 0; j < section->entries->len; j++)
        {
          AsabConfigEntry *entry = section->entries->pdata[j];
          g_autofree char *text = g_steal_pointer (&entry->value);

          entry->value = asab_config_expand (text, this_dir, entry->origin, warnings, &entry->is_secret);
        }
    }
}

/* Writes @value so that asab_config_expand() gives it back. */
char *
asab_config_unexpand (const char *value)
{
  GString *out = g_string_sized_new (strlen (value));

  for (const char *p = value; *p != '\0'; p++)
    {
      /* A percent sign means something only beside another one. */
      if (*p == '$' || (*p == '%' && (p[1] == '%' || (p > value && p[-1] == '%'))))
        g_string_append_c (out, *p);
      g_string_append_c (out, *p);
    }

  return g_string_free (out, FALSE);
}
