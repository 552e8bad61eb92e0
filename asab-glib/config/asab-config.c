/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/config/asab-config.h>

#include "asab-config-binding-private.h"
#include "asab-config-private.h"

/**
 * AsabConfig:
 *
 * The configuration: values in sections, from several sources.
 *
 * A value is a text. The names of sections are case-sensitive, keys are not. What the program sets at run-time wins
 * over the command line, that over the environment, that over the files, and these over the defaults. The section
 * `DEFAULT` holds what all other sections inherit. [method@Config.get_origin] tells where a value comes from.
 *
 * Files are written in the INI dialect of Python's `configparser`: `key = value` or `key: value`, comment lines
 * with `#` or `;`, values that continue on indented lines. `$NAME` and `${NAME}` in a value of a file or in a
 * default stand for variables of the environment, `${THIS_DIR}` for the folder of the file, `$$` for a dollar and
 * `%%` for a percent sign. `${credential:NAME}` is a secret that the service manager passes as the file `NAME` in the
 * folder `$CREDENTIALS_DIRECTORY`, as systemd does with `LoadCredential=`.
 *
 * `include` in the section `general` names more files, which win over the one that includes them; its paths are
 * separated by colons, blanks or newlines, may be patterns, and may match nothing.
 *
 * There is one configuration for the whole process, [func@Config.get_default], which can be used before anything is
 * loaded. Reading is safe in every thread; loading, setting and binding belong to the main thread.
 */

G_DEFINE_QUARK (asab-config-error-quark, asab_config_error)
G_DEFINE_FINAL_TYPE (AsabConfig, asab_config, G_TYPE_OBJECT)

typedef enum
{
  SIGNAL_CHANGED,
  N_SIGNALS,
} AsabConfigSignal;

static guint signals[N_SIGNALS];

static void
clear_declaration (gpointer data)
{
  AsabConfigDeclaration *declaration = data;

  g_free (declaration->section);
  g_free (declaration->key);
}

static void
asab_config_finalize (GObject *object)
{
  AsabConfig *self = ASAB_CONFIG (object);

  for (int i = 0; i < ASAB_CONFIG_N_LAYERS; i++)
    asab_config_table_free (self->layers.tables[i]);
  g_array_unref (self->declared);
  g_ptr_array_unref (self->bindings);
  g_ptr_array_unref (self->pending);
  g_free (self->path);
  g_free (self->base_dir);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (asab_config_parent_class)->finalize (object);
}

static void
asab_config_class_init (AsabConfigClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = asab_config_finalize;

  /**
   * AsabConfig::changed:
   * @self: the configuration
   * @section: the name of the section
   * @key: the key, in lower case
   *
   * Emitted after a value has become another one, has come or gone, by a load, a reload or
   * [method@Config.set_string]; once for each, when all of them are in place. The detail is the section.
   */
  signals[SIGNAL_CHANGED] =
    g_signal_new ("changed", ASAB_TYPE_CONFIG, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
asab_config_init (AsabConfig *self)
{
  g_mutex_init (&self->lock);
  for (int i = 0; i < ASAB_CONFIG_N_LAYERS; i++)
    self->layers.tables[i] = asab_config_table_new ();
  self->declared = g_array_new (FALSE, FALSE, sizeof (AsabConfigDeclaration));
  g_array_set_clear_func (self->declared, clear_declaration);
  self->bindings = g_ptr_array_new_with_free_func ((GDestroyNotify) asab_config_binding_unref);
  self->pending = g_ptr_array_new_with_free_func ((GDestroyNotify) asab_config_change_free);
}

/**
 * asab_config_new:
 *
 * Creates an empty configuration of its own, as tests and tools need it.
 *
 * Programs use [func@Config.get_default].
 *
 * Returns: (transfer full): a new configuration
 */
AsabConfig *
asab_config_new (void)
{
  return g_object_new (ASAB_TYPE_CONFIG, NULL);
}

/**
 * asab_config_get_default:
 *
 * Gets the configuration of the process.
 *
 * It can be used before anything is loaded and is never freed.
 *
 * Returns: (transfer none): the configuration
 */
AsabConfig *
asab_config_get_default (void)
{
  static AsabConfig *config;

  if (g_once_init_enter (&config))
    g_once_init_leave (&config, asab_config_new ());

  return config;
}

/**
 * asab_config_has_section:
 * @self: a configuration
 * @section: the name of a section
 *
 * Finds out whether a section exists.
 *
 * Returns: true if it does
 */
gboolean
asab_config_has_section (AsabConfig *self,
                         const char *section)
{
  g_autoptr(GMutexLocker) locker = NULL;

  g_return_val_if_fail (ASAB_IS_CONFIG (self), FALSE);
  g_return_val_if_fail (section != NULL, FALSE);

  locker = g_mutex_locker_new (&self->lock);

  return asab_config_layers_has_section (&self->layers, section);
}

/**
 * asab_config_has_key:
 * @self: a configuration
 * @section: the name of a section
 * @key: a key
 *
 * Finds out whether a key has a value, be it a default or an inherited one.
 *
 * Returns: true if it has
 */
gboolean
asab_config_has_key (AsabConfig *self,
                     const char *section,
                     const char *key)
{
  g_autoptr(GMutexLocker) locker = NULL;
  g_autofree char *folded = NULL;

  g_return_val_if_fail (ASAB_IS_CONFIG (self), FALSE);
  g_return_val_if_fail (section != NULL, FALSE);
  g_return_val_if_fail (key != NULL, FALSE);

  folded = asab_config_fold_key (key);
  locker = g_mutex_locker_new (&self->lock);

  return asab_config_layers_lookup (&self->layers, section, folded) != NULL;
}

/**
 * asab_config_get_sections:
 * @self: a configuration
 *
 * Lists the sections, in the order in which they appeared; `DEFAULT` is not among them.
 *
 * Returns: (transfer full) (array zero-terminated=1): their names
 */
char **
asab_config_get_sections (AsabConfig *self)
{
  g_autoptr(GMutexLocker) locker = NULL;

  g_return_val_if_fail (ASAB_IS_CONFIG (self), NULL);

  locker = g_mutex_locker_new (&self->lock);

  return asab_config_layers_get_sections (&self->layers);
}

/**
 * asab_config_get_keys:
 * @self: a configuration
 * @section: the name of a section
 *
 * Lists the keys of a section, those of its defaults and the inherited ones included.
 *
 * Returns: (transfer full) (array zero-terminated=1): the keys in lower case; none if there is no such section
 */
char **
asab_config_get_keys (AsabConfig *self,
                      const char *section)
{
  g_autoptr(GMutexLocker) locker = NULL;

  g_return_val_if_fail (ASAB_IS_CONFIG (self), NULL);
  g_return_val_if_fail (section != NULL, NULL);

  locker = g_mutex_locker_new (&self->lock);

  return asab_config_layers_get_keys (&self->layers, section, TRUE);
}

/* Logs what has to be looked at. */
void
asab_config_warn (GPtrArray *warnings)
{
  for (guint i = 0; i < warnings->len; i++)
    g_warning ("%s", (const char *) warnings->pdata[i]);
}

/* Tells the world about one change. A detail that nobody ever connected to has no quark and needs none. */
void
asab_config_emit_changed (AsabConfig             *self,
                          const AsabConfigChange *change)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], g_quark_try_string (change->section), change->section, change->key);
}
