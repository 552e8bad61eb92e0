/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the text of one file: the INI dialect of Python's configparser, because that is what the files are written in.
 *
 * GKeyFile knows neither “;” nor “:” nor continuation lines, and forgets where a value stood, so this reader takes
 * its place; it fills a table whose entries know their lines. A line belongs to the value above it if it is
 * indented deeper than that value's key; blank lines inside a value are part of it, comment lines are not.
 */

#include "config.h"

#include "asab-config-reader-private.h"

#include <asab-glib/config/asab-config.h>
#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct
{
  const char        *name;     /* of the file, for messages */
  AsabConfigTable   *table;
  GPtrArray         *warnings; /* (element-type utf8) */
  guint              line;     /* the one being read, from 1 */
  gsize              indent;   /* of the last key or section */
  AsabConfigSection *section;  /* (nullable): NULL before the first one */
  AsabConfigEntry   *entry;    /* (nullable): the one that further lines may continue */
  GString           *value;    /* what was read of it */
} Reader;

static gboolean G_GNUC_PRINTF (4, 5)
fail (const Reader     *self,
      AsabConfigError   code,
      GError          **error,
      const char       *format,
      ...)
{
  g_autofree char *reason = NULL;
  va_list args;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);

  g_set_error (error, ASAB_CONFIG_ERROR, code, "%s:%u: %s", self->name, self->line, reason);

  return FALSE;
}

static void G_GNUC_PRINTF (2, 3)
warn (const Reader *self,
      const char   *format,
      ...)
{
  g_autofree char *reason = NULL;
  va_list args;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);

  g_ptr_array_add (self->warnings, g_strdup_printf ("%s:%u: %s", self->name, self->line, reason));
}

static void
end_value (Reader *self)
{
  if (self->entry == NULL)
    return;

  g_free (self->entry->value);
  self->entry->value = g_strchomp (g_strdup (self->value->str));
  self->entry = NULL;
}

static gboolean
is_comment (const char *text)
{
  return *text == '#' || *text == ';';
}

static gboolean
begin_section (Reader  *self,
               char    *text,
               GError **error)
{
  char *name = text + 1;
  char *end = strchr (name, ']');
  char *rest;

  if (end == NULL)
    return fail (self, ASAB_CONFIG_ERROR_PARSE, error, _("“]” is missing after the name of the section"));

  rest = end + 1;
  *end = '\0';
  if (*name == '[')
    {
      warn (self, _("A section is written with single brackets, [%s]"), ++name);
      rest += (*rest == ']');
    }

  g_strstrip (name);
  g_strchug (rest);
  if (*name == '\0')
    return fail (self, ASAB_CONFIG_ERROR_PARSE, error, _("The section has no name; write [name]"));
  if (*rest != '\0' && !is_comment (rest))
    warn (self, _("“%s” after the section “%s” is ignored"), rest, name);

  self->section = asab_config_table_ensure_section (self->table, name);
  if (self->section->line != 0 && strcmp (name, ASAB_CONFIG_INHERITED) != 0)
    return fail (self, ASAB_CONFIG_ERROR_DUPLICATE, error,
                 _("The section “%s” was already begun in line %u; put its keys there"), name, self->section->line);
  self->section->line = self->line;

  return TRUE;
}

static gboolean
begin_value (Reader  *self,
             char    *text,
             GError **error)
{
  char *delimiter = strpbrk (text, "=:");
  g_autofree char *key = NULL;
  g_autofree char *origin = NULL;
  const AsabConfigEntry *first;

  if (self->section == NULL)
    return fail (self, ASAB_CONFIG_ERROR_PARSE, error,
                 _("“%s” stands before the first section; write a section such as [general] above it"), text);
  if (delimiter == NULL)
    return fail (self, ASAB_CONFIG_ERROR_PARSE, error, _("“%s” is neither “key = value” nor “[section]”"), text);
  if (delimiter == text)
    return fail (self, ASAB_CONFIG_ERROR_PARSE, error, _("The key is missing before “%c”"), *delimiter);

  *delimiter = '\0';
  key = asab_config_fold_key (g_strchomp (text));

  first = asab_config_table_lookup (self->table, self->section->name, key);
  if (first != NULL)
    return fail (self, ASAB_CONFIG_ERROR_DUPLICATE, error,
                 _("The key “%s” of section “%s” was already given in line %u; keep one of them"),
                 key, self->section->name, first->line);

  origin = g_strdup_printf ("%s:%u", self->name, self->line);
  self->entry = asab_config_table_set (self->table, self->section->name, key, "", origin);
  self->entry->line = self->line;
  g_string_assign (self->value, g_strchug (delimiter + 1));

  return TRUE;
}

static gboolean
read_line (Reader      *self,
           const char  *line,
           gsize        length,
           GError     **error)
{
  g_autofree char *text = NULL;
  gsize indent;

  if (!g_utf8_validate (line, length, NULL))
    return fail (self, ASAB_CONFIG_ERROR_PARSE, error, _("The line is not valid UTF-8; save the file as UTF-8"));

  text = g_strchomp (g_strndup (line, length));
  indent = strspn (text, " \t\f");
  memmove (text, text + indent, strlen (text + indent) + 1);

  if (is_comment (text))
    return TRUE;

  if (self->entry != NULL && (*text == '\0' || indent > self->indent))
    {
      g_string_append_printf (self->value, "\n%s", text);
      return TRUE;
    }

  if (*text == '\0')
    return TRUE;

  end_value (self);
  self->indent = indent;

  return *text == '[' ? begin_section (self, text, error) : begin_value (self, text, error);
}

static gboolean
read_lines (Reader      *self,
            const char  *data,
            gsize        length,
            GError     **error)
{
  const char *end = data + length;

  if (length >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0)
    data += 3;

  while (data < end)
    {
      const char *line = data;

      self->line++;
      while (data < end && *data != '\n' && *data != '\r')
        data++;
      if (!read_line (self, line, data - line, error))
        return FALSE;

      if (end - data >= 2 && data[0] == '\r' && data[1] == '\n')
        data++;
      if (data < end)
        data++;
    }

  end_value (self);

  return TRUE;
}

/* Reads the @length bytes of the file called @name. What was let pass but should be looked at is added to @warnings.
 *
 * Returns: (transfer full) (nullable): a table, or NULL with @error set to one that names the line
 */
AsabConfigTable *
asab_config_read (const char  *name,
                  const char  *data,
                  gsize        length,
                  GPtrArray   *warnings,
                  GError     **error)
{
  g_autoptr(AsabConfigTable) table = asab_config_table_new ();
  g_autoptr(GString) value = g_string_new (NULL);
  Reader reader = { .name = name, .table = table, .warnings = warnings, .value = value };

  if (!read_lines (&reader, data, length, error))
    return NULL;

  return g_steal_pointer (&table);
}
