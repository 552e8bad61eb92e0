/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-version-macros.h>
#include <gio/gio.h>

G_BEGIN_DECLS

#define ASAB_CONFIG_ERROR (asab_config_error_quark ())
#define ASAB_TYPE_CONFIG (asab_config_get_type ())

/**
 * AsabConfigError:
 * @ASAB_CONFIG_ERROR_NOT_FOUND: there is no such section or key
 * @ASAB_CONFIG_ERROR_UNREADABLE: a file is missing or cannot be read
 * @ASAB_CONFIG_ERROR_PARSE: a line of a file makes no sense
 * @ASAB_CONFIG_ERROR_DUPLICATE: a file gives a section or a key twice
 * @ASAB_CONFIG_ERROR_INVALID_VALUE: a value is not what its key needs
 * @ASAB_CONFIG_ERROR_UNKNOWN_KEY: nobody knows the key
 *
 * Errors of [class@Config].
 */
typedef enum
{
  ASAB_CONFIG_ERROR_NOT_FOUND,
  ASAB_CONFIG_ERROR_UNREADABLE,
  ASAB_CONFIG_ERROR_PARSE,
  ASAB_CONFIG_ERROR_DUPLICATE,
  ASAB_CONFIG_ERROR_INVALID_VALUE,
  ASAB_CONFIG_ERROR_UNKNOWN_KEY,
} AsabConfigError;

/**
 * AsabConfigKind:
 * @ASAB_CONFIG_KIND_STRING: any text
 * @ASAB_CONFIG_KIND_BOOLEAN: see [method@Config.get_boolean]
 * @ASAB_CONFIG_KIND_INT64: see [method@Config.get_int64]
 * @ASAB_CONFIG_KIND_DOUBLE: see [method@Config.get_double]
 * @ASAB_CONFIG_KIND_SECONDS: see [method@Config.get_seconds]
 * @ASAB_CONFIG_KIND_SIZE: see [method@Config.get_size]
 * @ASAB_CONFIG_KIND_URI: see [method@Config.get_uri]
 *
 * What the text of a value has to be, see [method@Config.declare].
 */
typedef enum
{
  ASAB_CONFIG_KIND_STRING,
  ASAB_CONFIG_KIND_BOOLEAN,
  ASAB_CONFIG_KIND_INT64,
  ASAB_CONFIG_KIND_DOUBLE,
  ASAB_CONFIG_KIND_SECONDS,
  ASAB_CONFIG_KIND_SIZE,
  ASAB_CONFIG_KIND_URI,
} AsabConfigKind;

ASAB_AVAILABLE_IN_ALL
GQuark asab_config_error_quark (void);
ASAB_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (AsabConfig, asab_config, ASAB, CONFIG, GObject)

ASAB_AVAILABLE_IN_ALL
AsabConfig *asab_config_new                  (void) G_GNUC_WARN_UNUSED_RESULT;
ASAB_AVAILABLE_IN_ALL
AsabConfig *asab_config_get_default          (void);

ASAB_AVAILABLE_IN_ALL
gboolean    asab_config_load                 (AsabConfig          *self,
                                              const char          *path,
                                              GError             **error);
ASAB_AVAILABLE_IN_ALL
gboolean    asab_config_reload               (AsabConfig          *self,
                                              GError             **error);
ASAB_AVAILABLE_IN_ALL
gboolean    asab_config_check                (AsabConfig          *self,
                                              GError             **error);
ASAB_AVAILABLE_IN_ALL
char       *asab_config_dump                 (AsabConfig          *self);

ASAB_AVAILABLE_IN_ALL
void        asab_config_add_default          (AsabConfig          *self,
                                              const char          *section,
                                              const char          *key,
                                              const char          *value);
ASAB_AVAILABLE_IN_ALL
void        asab_config_add_defaults         (AsabConfig          *self,
                                              const char          *section,
                                              const char          *first_key,
                                              ...) G_GNUC_NULL_TERMINATED;
ASAB_AVAILABLE_IN_ALL
void        asab_config_add_defaults_variant (AsabConfig          *self,
                                              const char          *section,
                                              GVariant            *defaults);
ASAB_AVAILABLE_IN_ALL
void        asab_config_add_environment      (AsabConfig          *self,
                                              const char          *section,
                                              const char          *key,
                                              const char          *variable);
ASAB_AVAILABLE_IN_ALL
void        asab_config_set_override         (AsabConfig          *self,
                                              const char          *section,
                                              const char          *key,
                                              const char          *value,
                                              const char          *origin);
ASAB_AVAILABLE_IN_ALL
gboolean    asab_config_set_string           (AsabConfig          *self,
                                              const char          *section,
                                              const char          *key,
                                              const char          *value,
                                              GError             **error);
ASAB_AVAILABLE_IN_ALL
void        asab_config_declare              (AsabConfig          *self,
                                              const char          *section,
                                              const char          *key,
                                              AsabConfigKind       kind);
ASAB_AVAILABLE_IN_ALL
void        asab_config_declare_properties   (AsabConfig          *self,
                                              const char          *section,
                                              GType                type);

ASAB_AVAILABLE_IN_ALL
gboolean    asab_config_bind                 (AsabConfig          *self,
                                              const char          *section,
                                              GObject             *object,
                                              GError             **error);

ASAB_AVAILABLE_IN_ALL
gboolean    asab_config_has_section          (AsabConfig          *self,
                                              const char          *section);
ASAB_AVAILABLE_IN_ALL
gboolean    asab_config_has_key              (AsabConfig          *self,
                                              const char          *section,
                                              const char          *key);
ASAB_AVAILABLE_IN_ALL
char      **asab_config_get_sections         (AsabConfig          *self);
ASAB_AVAILABLE_IN_ALL
char      **asab_config_get_keys             (AsabConfig          *self,
                                              const char          *section);
ASAB_AVAILABLE_IN_ALL
char       *asab_config_get_origin           (AsabConfig          *self,
                                              const char          *section,
                                              const char          *key);

ASAB_AVAILABLE_IN_ALL
char       *asab_config_get_string           (AsabConfig          *self,
                                              const char          *section,
                                              const char          *key,
                                              GError             **error);
ASAB_AVAILABLE_IN_ALL
gboolean    asab_config_get_boolean          (AsabConfig          *self,
                                              const char          *section,
                                              const char          *key,
                                              GError             **error);
ASAB_AVAILABLE_IN_ALL
gint64      asab_config_get_int64            (AsabConfig          *self,
                                              const char          *section,
                                              const char          *key,
                                              GError             **error);
ASAB_AVAILABLE_IN_ALL
double      asab_config_get_double           (AsabConfig          *self,
                                              const char          *section,
                                              const char          *key,
                                              GError             **error);
ASAB_AVAILABLE_IN_ALL
double      asab_config_get_seconds          (AsabConfig          *self,
                                              const char          *section,
                                              const char          *key,
                                              GError             **error);
ASAB_AVAILABLE_IN_ALL
guint64     asab_config_get_size             (AsabConfig          *self,
                                              const char          *section,
                                              const char          *key,
                                              GError             **error);
ASAB_AVAILABLE_IN_ALL
char      **asab_config_get_list             (AsabConfig          *self,
                                              const char          *section,
                                              const char          *key,
                                              GError             **error);
ASAB_AVAILABLE_IN_ALL
char      **asab_config_get_lines            (AsabConfig          *self,
                                              const char          *section,
                                              const char          *key,
                                              GError             **error);
ASAB_AVAILABLE_IN_ALL
GUri       *asab_config_get_uri              (AsabConfig          *self,
                                              const char          *section,
                                              const char          *key,
                                              const char * const  *schemes,
                                              GError             **error);

G_END_DECLS
