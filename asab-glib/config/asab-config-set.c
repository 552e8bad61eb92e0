/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Values that do not come from files. */

#include "config.h"

#include <asab-glib/config/asab-config.h>

#include "asab-config-expand-private.h"
#include "asab-config-private.h"

static void
set_value (AsabConfig      *self,
           AsabConfigLayer  layer,
           const char      *section,
           const char      *key,
           const char      *value,
           const char      *origin,
           gboolean         is_secret)
{
  g_autofree char *folded = asab_config_fold_key (key);
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  asab_config_table_set (self->layers.tables[layer], section, folded, value, origin)->is_secret = is_secret;
}

/**
 * asab_config_add_default:
 * @self: a configuration
 * @section: the name of a section
 * @key: a key
 * @value: the value
 *
 * Sets the value that @key has when nothing else gives it one.
 *
 * A default that was added before stays. Variables in @value are expanded as in a file.
 */
void
asab_config_add_default (AsabConfig *self,
                         const char *section,
                         const char *key,
                         const char *value)
{
  g_autofree char *folded = NULL;
  g_autofree char *expanded = NULL;
  g_autofree char *origin = NULL;
  g_autoptr(GPtrArray) warnings = NULL;
  gboolean is_secret = FALSE;

  g_return_if_fail (ASAB_IS_CONFIG (self));
  g_return_if_fail (section != NULL);
  g_return_if_fail (key != NULL);
  g_return_if_fail (value != NULL);

  folded = asab_config_fold_key (key);
  if (asab_config_table_lookup (self->layers.tables[ASAB_CONFIG_LAYER_DEFAULTS], section, folded) != NULL)
    return;

  warnings = g_ptr_array_new_with_free_func (g_free);
  origin = g_strdup_printf ("[%s] %s", section, folded);
  expanded = asab_config_expand (value, NULL, origin, warnings, &is_secret);
  set_value (self, ASAB_CONFIG_LAYER_DEFAULTS, section, folded, expanded, "default", is_secret);
  asab_config_warn (warnings);
}

/**
 * asab_config_add_defaults: (skip)
 * @self: a configuration
 * @section: the name of a section
 * @first_key: a key
 * @...: its value, more keys and values, then %NULL
 *
 * Adds several defaults, see [method@Config.add_default].
 */
void
asab_config_add_defaults (AsabConfig *self,
                          const char *section,
                          const char *first_key,
                          ...)
{
  va_list args;

  va_start (args, first_key);
  for (const char *key = first_key; key != NULL; key = va_arg (args, const char *))
    asab_config_add_default (self, section, key, va_arg (args, const char *));
  va_end (args);
}

static char *
variant_to_text (GVariant *variant)
{
  if (g_variant_is_of_type (variant, G_VARIANT_TYPE_STRING))
    return g_variant_dup_string (variant, NULL);

  /* Text format writes booleans and numbers as we read them, if types are left out. */
  return g_variant_print (variant, FALSE);
}

/**
 * asab_config_add_defaults_variant: (rename-to asab_config_add_defaults)
 * @self: a configuration
 * @section: the name of a section
 * @defaults: keys and values, an `a{ss}`, or an `a{sv}` with texts, booleans and numbers
 *
 * Adds several defaults, see [method@Config.add_default].
 *
 * If @defaults is floating, it is consumed.
 */
void
asab_config_add_defaults_variant (AsabConfig *self,
                                  const char *section,
                                  GVariant   *defaults)
{
  g_autoptr(GVariant) owned = NULL;
  gsize n_defaults;

  g_return_if_fail (ASAB_IS_CONFIG (self));
  g_return_if_fail (section != NULL);
  g_return_if_fail (defaults != NULL);

  owned = g_variant_ref_sink (defaults);
  g_return_if_fail (g_variant_is_of_type (owned, G_VARIANT_TYPE ("a{s*}")));

  n_defaults = g_variant_n_children (owned);
  for (gsize i = 0; i < n_defaults; i++)
    {
      g_autoptr(GVariant) item = g_variant_get_child_value (owned, i);
      g_autoptr(GVariant) key = g_variant_get_child_value (item, 0);
      g_autoptr(GVariant) child = g_variant_get_child_value (item, 1);
      g_autoptr(GVariant) boxed = g_variant_is_of_type (child, G_VARIANT_TYPE_VARIANT) ? g_variant_get_variant (child)
                                                                                       : g_variant_ref (child);
      g_autofree char *value = variant_to_text (boxed);

      asab_config_add_default (self, section, g_variant_get_string (key, NULL), value);
    }
}

/**
 * asab_config_add_environment:
 * @self: a configuration
 * @section: the name of a section
 * @key: a key
 * @variable: the name of a variable of the environment
 *
 * Lets the environment set a value.
 *
 * If @variable is set now and not empty, its value wins over the files; it is taken as it is.
 */
void
asab_config_add_environment (AsabConfig *self,
                             const char *section,
                             const char *key,
                             const char *variable)
{
  g_autofree char *origin = NULL;
  const char *value;

  g_return_if_fail (ASAB_IS_CONFIG (self));
  g_return_if_fail (section != NULL);
  g_return_if_fail (key != NULL);
  g_return_if_fail (variable != NULL);

  value = g_getenv (variable);
  if (value == NULL || *value == '\0' || !g_utf8_validate (value, -1, NULL))
    return;

  origin = g_strdup_printf ("environment %s", variable);
  set_value (self, ASAB_CONFIG_LAYER_ENVIRONMENT, section, key, value, origin, FALSE);
}

/**
 * asab_config_set_override:
 * @self: a configuration
 * @section: the name of a section
 * @key: a key
 * @value: the value, which is taken as it is
 * @origin: (nullable): what set it, `command line` if %NULL
 *
 * Sets a value on behalf of the command line: it wins over the environment and the files.
 *
 * This is for the time before objects are bound: it emits no signal and updates no object.
 */
void
asab_config_set_override (AsabConfig *self,
                          const char *section,
                          const char *key,
                          const char *value,
                          const char *origin)
{
  g_return_if_fail (ASAB_IS_CONFIG (self));
  g_return_if_fail (section != NULL);
  g_return_if_fail (key != NULL);
  g_return_if_fail (value != NULL);

  set_value (self, ASAB_CONFIG_LAYER_COMMAND_LINE, section, key, value,
             origin != NULL ? origin : "command line", FALSE);
}

/**
 * asab_config_set_string:
 * @self: a configuration
 * @section: the name of a section
 * @key: a key
 * @value: the value, which is taken as it is
 * @error: return location for a [error@ConfigError]
 *
 * Sets a value at run-time: it wins over all else, also after a reload.
 *
 * Bound objects are updated. A value that one of them cannot take is refused.
 *
 * Returns: true if the value was set
 */
gboolean
asab_config_set_string (AsabConfig  *self,
                        const char  *section,
                        const char  *key,
                        const char  *value,
                        GError     **error)
{
  g_autoptr(AsabConfigTable) table = NULL;
  g_autofree char *folded = NULL;

  g_return_val_if_fail (ASAB_IS_CONFIG (self), FALSE);
  g_return_val_if_fail (section != NULL, FALSE);
  g_return_val_if_fail (key != NULL, FALSE);
  g_return_val_if_fail (value != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  folded = asab_config_fold_key (key);
  table = asab_config_table_copy (self->layers.tables[ASAB_CONFIG_LAYER_PROGRAM]);
  asab_config_table_set (table, section, folded, value, "program");

  return asab_config_replace_layer (self, ASAB_CONFIG_LAYER_PROGRAM, g_steal_pointer (&table), error);
}

/**
 * asab_config_declare:
 * @self: a configuration
 * @section: the name of a section
 * @key: a key
 * @kind: what its value has to be
 *
 * Tells what the value of a key has to be, so that [method@Config.check] finds mistakes and
 * [method@Config.reload] refuses them.
 */
void
asab_config_declare (AsabConfig     *self,
                     const char     *section,
                     const char     *key,
                     AsabConfigKind  kind)
{
  AsabConfigDeclaration declaration = { .kind = kind };

  g_return_if_fail (ASAB_IS_CONFIG (self));
  g_return_if_fail (section != NULL);
  g_return_if_fail (key != NULL);

  declaration.section = g_strdup (section);
  declaration.key = asab_config_fold_key (key);
  g_array_append_val (self->declared, declaration);
}

static AsabConfigKind
get_kind (GParamSpec *pspec)
{
  switch (pspec->value_type)
    {
    case G_TYPE_DOUBLE:
      return ASAB_CONFIG_KIND_SECONDS;
    case G_TYPE_UINT:
    case G_TYPE_UINT64:
      return ASAB_CONFIG_KIND_SIZE;
    default:
      return ASAB_CONFIG_KIND_STRING;
    }
}

/**
 * asab_config_declare_properties:
 * @self: a configuration
 * @section: the name of a section
 * @type: a type of objects
 *
 * Declares the keys that mean something to objects of a type, for when one is bound later, see [method@Config.bind].
 */
void
asab_config_declare_properties (AsabConfig *self,
                                const char *section,
                                GType       type)
{
  GObjectClass *object_class;
  g_autofree GParamSpec **properties = NULL;
  guint n_properties;

  g_return_if_fail (ASAB_IS_CONFIG (self));
  g_return_if_fail (section != NULL);
  g_return_if_fail (g_type_is_a (type, G_TYPE_OBJECT));

  object_class = g_type_class_ref (type);
  properties = g_object_class_list_properties (object_class, &n_properties);
  for (guint i = 0; i < n_properties; i++)
    {
      g_autofree char *key = g_strdelimit (g_strdup (properties[i]->name), "-", '_');

      if ((properties[i]->flags & G_PARAM_WRITABLE) != 0)
        asab_config_declare (self, section, key, get_kind (properties[i]));
    }
  g_type_class_unref (object_class);
}
