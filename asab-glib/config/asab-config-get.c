/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/config/asab-config.h>

#include "asab-config-private.h"
#include "asab-config-value-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static gboolean
fail_missing (AsabConfig  *self,
              const char  *section,
              const char  *key,
              GError     **error)
{
  if (asab_config_layers_has_section (&self->layers, section))
    g_set_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_NOT_FOUND,
                 _("The section “%s” of the configuration has no key “%s”"), section, key);
  else
    g_set_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_NOT_FOUND,
                 _("The configuration has no section “%s”, in which “%s” should be"), section, key);

  return FALSE;
}

/* Copies the entry, as the table may go as soon as the lock is released. */
static gboolean
dup_entry (AsabConfig       *self,
           const char       *section,
           const char       *key,
           AsabConfigEntry  *copy,
           GError          **error)
{
  g_autofree char *folded = asab_config_fold_key (key);
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);
  const AsabConfigEntry *entry = asab_config_layers_lookup (&self->layers, section, folded);

  if (entry == NULL)
    return fail_missing (self, section, folded, error);

  copy->key = g_steal_pointer (&folded);
  copy->value = g_strdup (entry->value);
  copy->origin = g_strdup (entry->origin);
  copy->is_secret = entry->is_secret;

  return TRUE;
}

static void
clear_entry (AsabConfigEntry *entry)
{
  g_clear_pointer (&entry->key, g_free);
  g_clear_pointer (&entry->value, g_free);
  g_clear_pointer (&entry->origin, g_free);
}

typedef AsabConfigEntry EntryCopy;

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EntryCopy, clear_entry)

static gboolean
fail_value (const char             *section,
            const AsabConfigEntry  *entry,
            const char             *expected,
            GError                **error)
{
  g_autofree char *complaint = asab_config_complain (section, entry, expected);

  g_set_error_literal (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE, complaint);

  return FALSE;
}

static gboolean
get_scalar (AsabConfig        *self,
            const char        *section,
            const char        *key,
            AsabConfigKind     kind,
            AsabConfigScalar  *value,
            GError           **error)
{
  g_auto(EntryCopy) entry = { NULL, };

  if (!dup_entry (self, section, key, &entry, error))
    return FALSE;
  if (!asab_config_parse_scalar (kind, entry.value, value))
    return fail_value (section, &entry, asab_config_kind_describe (kind), error);

  return TRUE;
}

static char **
get_items (AsabConfig  *self,
           const char  *section,
           const char  *key,
           const char  *separators,
           GError     **error)
{
  g_auto(EntryCopy) entry = { NULL, };

  if (!dup_entry (self, section, key, &entry, error))
    return NULL;

  return asab_config_parse_list (entry.value, separators);
}

/**
 * asab_config_get_origin:
 * @self: a configuration
 * @section: the name of a section
 * @key: a key
 *
 * Tells what set a value: `default`, `path:line`, `environment NAME`, `command line` or `program`.
 *
 * Returns: (transfer full) (nullable): the origin, or %NULL if there is no such value
 */
char *
asab_config_get_origin (AsabConfig *self,
                        const char *section,
                        const char *key)
{
  g_auto(EntryCopy) entry = { NULL, };

  g_return_val_if_fail (ASAB_IS_CONFIG (self), NULL);
  g_return_val_if_fail (section != NULL, NULL);
  g_return_val_if_fail (key != NULL, NULL);

  if (!dup_entry (self, section, key, &entry, NULL))
    return NULL;

  return g_steal_pointer (&entry.origin);
}

/**
 * asab_config_get_string:
 * @self: a configuration
 * @section: the name of a section
 * @key: a key
 * @error: return location for a [error@ConfigError]
 *
 * Gets a value as it is.
 *
 * Returns: (transfer full): the value, or %NULL with @error set
 */
char *
asab_config_get_string (AsabConfig  *self,
                        const char  *section,
                        const char  *key,
                        GError     **error)
{
  g_auto(EntryCopy) entry = { NULL, };

  g_return_val_if_fail (ASAB_IS_CONFIG (self), NULL);
  g_return_val_if_fail (section != NULL, NULL);
  g_return_val_if_fail (key != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!dup_entry (self, section, key, &entry, error))
    return NULL;

  return g_steal_pointer (&entry.value);
}

/**
 * asab_config_get_boolean:
 * @self: a configuration
 * @section: the name of a section
 * @key: a key
 * @error: return location for a [error@ConfigError]
 *
 * Gets a value that is `1`, `yes`, `true`, `on`, `0`, `no`, `false` or `off`, in any case.
 *
 * Returns: the value, or false with @error set
 */
gboolean
asab_config_get_boolean (AsabConfig  *self,
                         const char  *section,
                         const char  *key,
                         GError     **error)
{
  AsabConfigScalar value;

  g_return_val_if_fail (ASAB_IS_CONFIG (self), FALSE);
  g_return_val_if_fail (section != NULL, FALSE);
  g_return_val_if_fail (key != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return get_scalar (self, section, key, ASAB_CONFIG_KIND_BOOLEAN, &value, error) && value.boolean;
}

/**
 * asab_config_get_int64:
 * @self: a configuration
 * @section: the name of a section
 * @key: a key
 * @error: return location for a [error@ConfigError]
 *
 * Gets a value that is a whole, decimal number.
 *
 * Returns: the value, or 0 with @error set
 */
gint64
asab_config_get_int64 (AsabConfig  *self,
                       const char  *section,
                       const char  *key,
                       GError     **error)
{
  AsabConfigScalar value;

  g_return_val_if_fail (ASAB_IS_CONFIG (self), 0);
  g_return_val_if_fail (section != NULL, 0);
  g_return_val_if_fail (key != NULL, 0);
  g_return_val_if_fail (error == NULL || *error == NULL, 0);

  return get_scalar (self, section, key, ASAB_CONFIG_KIND_INT64, &value, error) ? value.int64 : 0;
}

/**
 * asab_config_get_double:
 * @self: a configuration
 * @section: the name of a section
 * @key: a key
 * @error: return location for a [error@ConfigError]
 *
 * Gets a value that is a number, with a point whatever the locale.
 *
 * Returns: the value, or 0 with @error set
 */
double
asab_config_get_double (AsabConfig  *self,
                        const char  *section,
                        const char  *key,
                        GError     **error)
{
  AsabConfigScalar value;

  g_return_val_if_fail (ASAB_IS_CONFIG (self), 0);
  g_return_val_if_fail (section != NULL, 0);
  g_return_val_if_fail (key != NULL, 0);
  g_return_val_if_fail (error == NULL || *error == NULL, 0);

  return get_scalar (self, section, key, ASAB_CONFIG_KIND_DOUBLE, &value, error) ? value.number : 0;
}

/**
 * asab_config_get_seconds:
 * @self: a configuration
 * @section: the name of a section
 * @key: a key
 * @error: return location for a [error@ConfigError]
 *
 * Gets a value that is a duration: a number of seconds, or numbers with units, such as `500ms`, `1.5h` or `1h30m`.
 *
 * The units are `ms`, `s`, `m` (minutes), `h`, `d`, `w`, `M` (31 days) and `y` (365 days); `D`, `W` and `Y` are the
 * same as the small ones.
 *
 * Returns: the duration in seconds, or 0 with @error set
 */
double
asab_config_get_seconds (AsabConfig  *self,
                         const char  *section,
                         const char  *key,
                         GError     **error)
{
  AsabConfigScalar value;

  g_return_val_if_fail (ASAB_IS_CONFIG (self), 0);
  g_return_val_if_fail (section != NULL, 0);
  g_return_val_if_fail (key != NULL, 0);
  g_return_val_if_fail (error == NULL || *error == NULL, 0);

  return get_scalar (self, section, key, ASAB_CONFIG_KIND_SECONDS, &value, error) ? value.number : 0;
}

/**
 * asab_config_get_size:
 * @self: a configuration
 * @section: the name of a section
 * @key: a key
 * @error: return location for a [error@ConfigError]
 *
 * Gets a value that is a number of bytes, such as `4096`, `10kB` or `64MiB`.
 *
 * `k` or `K`, `M`, `G` and `T`, with or without a `B`, are powers of 1000; `KiB`, `MiB`, `GiB` and `TiB` of 1024.
 * `KB`, which some take for the one and some for the other, is an error.
 *
 * Returns: the number of bytes, or 0 with @error set
 */
guint64
asab_config_get_size (AsabConfig  *self,
                      const char  *section,
                      const char  *key,
                      GError     **error)
{
  AsabConfigScalar value;

  g_return_val_if_fail (ASAB_IS_CONFIG (self), 0);
  g_return_val_if_fail (section != NULL, 0);
  g_return_val_if_fail (key != NULL, 0);
  g_return_val_if_fail (error == NULL || *error == NULL, 0);

  return get_scalar (self, section, key, ASAB_CONFIG_KIND_SIZE, &value, error) ? value.size : 0;
}

/**
 * asab_config_get_list:
 * @self: a configuration
 * @section: the name of a section
 * @key: a key
 * @error: return location for a [error@ConfigError]
 *
 * Gets a value that is a list of words, separated by commas, blanks or newlines.
 *
 * Returns: (transfer full) (array zero-terminated=1): the words, or %NULL with @error set
 */
char **
asab_config_get_list (AsabConfig  *self,
                      const char  *section,
                      const char  *key,
                      GError     **error)
{
  g_return_val_if_fail (ASAB_IS_CONFIG (self), NULL);
  g_return_val_if_fail (section != NULL, NULL);
  g_return_val_if_fail (key != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return get_items (self, section, key, ASAB_CONFIG_WORD_SEPARATORS, error);
}

/**
 * asab_config_get_lines:
 * @self: a configuration
 * @section: the name of a section
 * @key: a key
 * @error: return location for a [error@ConfigError]
 *
 * Gets a value that is a list with one item a line; blanks around the items and empty lines do not count.
 *
 * Returns: (transfer full) (array zero-terminated=1): the lines, or %NULL with @error set
 */
char **
asab_config_get_lines (AsabConfig  *self,
                       const char  *section,
                       const char  *key,
                       GError     **error)
{
  g_return_val_if_fail (ASAB_IS_CONFIG (self), NULL);
  g_return_val_if_fail (section != NULL, NULL);
  g_return_val_if_fail (key != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return get_items (self, section, key, "\r\n", error);
}

/**
 * asab_config_get_uri:
 * @self: a configuration
 * @section: the name of a section
 * @key: a key
 * @schemes: (nullable) (array zero-terminated=1): the schemes that are allowed, %NULL for any
 * @error: return location for a [error@ConfigError]
 *
 * Gets a value that is an absolute URI.
 *
 * One slash at the end of its path is dropped, so that paths can be appended to it.
 *
 * Returns: (transfer full): the URI, or %NULL with @error set
 */
GUri *
asab_config_get_uri (AsabConfig          *self,
                     const char          *section,
                     const char          *key,
                     const char * const  *schemes,
                     GError             **error)
{
  g_auto(EntryCopy) entry = { NULL, };
  g_autoptr(GUri) uri = NULL;

  g_return_val_if_fail (ASAB_IS_CONFIG (self), NULL);
  g_return_val_if_fail (section != NULL, NULL);
  g_return_val_if_fail (key != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!dup_entry (self, section, key, &entry, error))
    return NULL;

  uri = asab_config_parse_uri (entry.value);
  if (uri == NULL)
    {
      fail_value (section, &entry, asab_config_kind_describe (ASAB_CONFIG_KIND_URI), error);
      return NULL;
    }

  if (schemes != NULL && !g_strv_contains (schemes, g_uri_get_scheme (uri)))
    {
      g_autofree char *list = g_strjoinv (", ", (char **) schemes);
      g_autofree char *expected = g_strdup_printf (_("an address with one of the schemes %s"), list);

      fail_value (section, &entry, expected, error);
      return NULL;
    }

  return g_steal_pointer (&uri);
}
