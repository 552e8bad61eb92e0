/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-tls-context-private.h"

#include "asab-tls-files-private.h"

#include <asab-glib/asab-enum-types.h>

#include <glib/gi18n-lib.h>
#include <string.h>

#define DEFAULT_HANDSHAKE_TIMEOUT 10

/**
 * AsabTlsContext:
 *
 * Who a side of TLS connections is, and whom it believes.
 *
 * The properties name files. They are read by [method@TlsContext.load], which is called by whoever uses the context
 * first; calling it again takes over files and properties that have changed, for connections that come later. What it
 * refuses leaves all as it was.
 *
 * A server needs [property@TlsContext:cert]. A server that verifies its clients needs
 * [property@TlsContext:cafile] or [property@TlsContext:capath]; a client without them believes those whom the system
 * believes.
 *
 * In a configuration the keys are the names of the properties: `cert`, `key`, `key_password`, `cafile`, `capath`,
 * `verify_mode`, `check_hostname` and `handshake_timeout`.
 */
struct _AsabTlsContext
{
  GObject parent_instance;

  char *section;               /* (owned) (nullable): of the configuration, for messages */
  char *cert;                  /* (owned) (nullable), as are the next four */
  char *key;
  char *key_password;
  char *cafile;
  char *capath;
  AsabTlsVerifyMode verify_mode;
  gboolean is_hostname_checked;
  double handshake_timeout;    /* seconds */
  AsabTlsSettings *settings;   /* (owned) (nullable): what was loaded */
};

G_DEFINE_FINAL_TYPE (AsabTlsContext, asab_tls_context, G_TYPE_OBJECT)

typedef enum
{
  PROP_CERT = 1,
  PROP_KEY,
  PROP_KEY_PASSWORD,
  PROP_CAFILE,
  PROP_CAPATH,
  PROP_VERIFY_MODE,
  PROP_CHECK_HOSTNAME,
  PROP_HANDSHAKE_TIMEOUT,
} AsabTlsContextProperty;

static GParamSpec *props[PROP_HANDSHAKE_TIMEOUT + 1];

/* Settings */

static void
clear_settings (gpointer data)
{
  AsabTlsSettings *self = data;

  g_clear_object (&self->certificate);
  g_clear_object (&self->authorities);
}

void
asab_tls_settings_unref (AsabTlsSettings *self)
{
  g_atomic_rc_box_release_full (self, clear_settings);
}

/* Those of a client that nobody has told anything. */
AsabTlsSettings *
asab_tls_settings_new_default (void)
{
  AsabTlsSettings *self = g_atomic_rc_box_new0 (AsabTlsSettings);

  self->is_hostname_checked = TRUE;
  self->handshake_timeout = DEFAULT_HANDSHAKE_TIMEOUT;

  return self;
}

/* Tells whether a server can work with them. */
gboolean
asab_tls_settings_check_server (AsabTlsSettings  *self,
                                GError          **error)
{
  if (self->certificate == NULL)
    {
      g_set_error_literal (error, G_TLS_ERROR, G_TLS_ERROR_CERTIFICATE_REQUIRED,
                           _("A TLS server needs a certificate: the key “cert”"));
      return FALSE;
    }

  /* The system's authorities give certificates to everybody. */
  if (self->verify_mode >= ASAB_TLS_VERIFY_OPTIONAL && self->authorities == NULL)
    {
      g_set_error_literal (error, G_TLS_ERROR, G_TLS_ERROR_CERTIFICATE_REQUIRED,
                           _("A TLS server that verifies its clients needs authorities: the key “cafile” or “capath”"));
      return FALSE;
    }

  return TRUE;
}

/* A path that is empty is none. */
static void
set_text (char         **text,
          const GValue  *value)
{
  const char *new_text = g_value_get_string (value);

  g_free (*text);
  *text = new_text != NULL && *new_text != '\0' ? g_strdup (new_text) : NULL;
}

static void
clear_password (AsabTlsContext *self)
{
  if (self->key_password != NULL)
    explicit_bzero (self->key_password, strlen (self->key_password));
  g_clear_pointer (&self->key_password, g_free);
}

/* Life */

static void
asab_tls_context_finalize (GObject *object)
{
  AsabTlsContext *self = ASAB_TLS_CONTEXT (object);

  g_free (self->section);
  g_free (self->cert);
  g_free (self->key);
  clear_password (self);
  g_free (self->cafile);
  g_free (self->capath);
  g_clear_pointer (&self->settings, asab_tls_settings_unref);

  G_OBJECT_CLASS (asab_tls_context_parent_class)->finalize (object);
}

static void
asab_tls_context_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  AsabTlsContext *self = ASAB_TLS_CONTEXT (object);

  switch ((AsabTlsContextProperty) prop_id)
    {
    case PROP_CERT:
      g_value_set_string (value, self->cert);
      break;
    case PROP_KEY:
      g_value_set_string (value, self->key);
      break;
    case PROP_CAFILE:
      g_value_set_string (value, self->cafile);
      break;
    case PROP_CAPATH:
      g_value_set_string (value, self->capath);
      break;
    case PROP_VERIFY_MODE:
      g_value_set_enum (value, self->verify_mode);
      break;
    case PROP_CHECK_HOSTNAME:
      g_value_set_boolean (value, self->is_hostname_checked);
      break;
    case PROP_HANDSHAKE_TIMEOUT:
      g_value_set_double (value, self->handshake_timeout);
      break;
    case PROP_KEY_PASSWORD:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
asab_tls_context_set_property (GObject      *object,
                               guint         prop_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  AsabTlsContext *self = ASAB_TLS_CONTEXT (object);

  switch ((AsabTlsContextProperty) prop_id)
    {
    case PROP_CERT:
      set_text (&self->cert, value);
      break;
    case PROP_KEY:
      set_text (&self->key, value);
      break;
    case PROP_KEY_PASSWORD:
      clear_password (self);
      self->key_password = g_value_dup_string (value);
      break;
    case PROP_CAFILE:
      set_text (&self->cafile, value);
      break;
    case PROP_CAPATH:
      set_text (&self->capath, value);
      break;
    case PROP_VERIFY_MODE:
      self->verify_mode = g_value_get_enum (value);
      break;
    case PROP_CHECK_HOSTNAME:
      self->is_hostname_checked = g_value_get_boolean (value);
      break;
    case PROP_HANDSHAKE_TIMEOUT:
      self->handshake_timeout = g_value_get_double (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_file_properties (void)
{
  /**
   * AsabTlsContext:cert:
   *
   * The file with the certificate and those of its issuers: PEM, or PKCS #12 with the suffix `.p12` or `.pfx`.
   */
  props[PROP_CERT] = g_param_spec_string ("cert", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabTlsContext:key:
   *
   * The PEM file with the key of the certificate, if it is not in that file.
   */
  props[PROP_KEY] = g_param_spec_string ("key", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabTlsContext:key-password:
   *
   * The password of a PKCS #12 file; encrypted keys in PEM files cannot be read.
   */
  props[PROP_KEY_PASSWORD] =
    g_param_spec_string ("key-password", NULL, NULL, NULL, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabTlsContext:cafile:
   *
   * The PEM file with the certificates of those who are believed.
   */
  props[PROP_CAFILE] = g_param_spec_string ("cafile", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabTlsContext:capath:
   *
   * A folder with such files; all of them are read when the context is loaded.
   */
  props[PROP_CAPATH] = g_param_spec_string ("capath", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
}

static void
asab_tls_context_class_init (AsabTlsContextClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = asab_tls_context_finalize;
  object_class->get_property = asab_tls_context_get_property;
  object_class->set_property = asab_tls_context_set_property;

  install_file_properties ();

  /**
   * AsabTlsContext:verify-mode:
   *
   * What is asked of the certificate of the peer.
   */
  props[PROP_VERIFY_MODE] =
    g_param_spec_enum ("verify-mode", NULL, NULL, ASAB_TYPE_TLS_VERIFY_MODE, ASAB_TLS_VERIFY_DEFAULT,
                       G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabTlsContext:check-hostname:
   *
   * Whether a client that verifies the server also checks that the certificate is for the name of that server.
   */
  props[PROP_CHECK_HOSTNAME] =
    g_param_spec_boolean ("check-hostname", NULL, NULL, TRUE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * AsabTlsContext:handshake-timeout:
   *
   * How many seconds a handshake may take.
   */
  props[PROP_HANDSHAKE_TIMEOUT] =
    g_param_spec_double ("handshake-timeout", NULL, NULL, 0, 1e9, DEFAULT_HANDSHAKE_TIMEOUT,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
asab_tls_context_init (AsabTlsContext *self)
{
  self->is_hostname_checked = TRUE;
  self->handshake_timeout = DEFAULT_HANDSHAKE_TIMEOUT;
}

/**
 * asab_tls_context_new:
 *
 * Creates a context for a client that believes whom the system believes; set its properties for more.
 *
 * Returns: (transfer full): a new context
 */
AsabTlsContext *
asab_tls_context_new (void)
{
  return g_object_new (ASAB_TYPE_TLS_CONTEXT, NULL);
}

/**
 * asab_tls_context_new_from_config:
 * @config: a configuration
 * @section: the name of a section
 * @error: return location for an error, which names the section, the key, and the file
 *
 * Creates a context with the properties that a section has, and loads it.
 *
 * The properties follow the configuration, but what they mean counts only from when the context is loaded again.
 *
 * Returns: (transfer full): a new context, or %NULL on error
 */
AsabTlsContext *
asab_tls_context_new_from_config (AsabConfig  *config,
                                  const char  *section,
                                  GError     **error)
{
  g_autoptr(AsabTlsContext) self = NULL;

  g_return_val_if_fail (ASAB_IS_CONFIG (config), NULL);
  g_return_val_if_fail (section != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = asab_tls_context_new ();
  self->section = g_strdup (section);
  if (!asab_config_bind (config, section, G_OBJECT (self), error) || !asab_tls_context_load (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

static gboolean
read_files (AsabTlsContext   *self,
            AsabTlsSettings  *settings,
            GError          **error)
{
  if (self->cert != NULL)
    settings->certificate = asab_tls_read_certificate (self->cert, self->key, self->key_password, error);
  else if (self->key != NULL)
    g_set_error_literal (error, G_TLS_ERROR, G_TLS_ERROR_CERTIFICATE_REQUIRED,
                         _("There is a key “key”, but no certificate: the key “cert”"));
  if (settings->certificate == NULL && (self->cert != NULL || self->key != NULL))
    return FALSE;

  if (self->cafile != NULL || self->capath != NULL)
    settings->authorities = asab_tls_read_authorities (self->cafile, self->capath, error);

  return settings->authorities != NULL || (self->cafile == NULL && self->capath == NULL);
}

/**
 * asab_tls_context_load:
 * @self: a context
 * @error: return location for an error, which names the key and the file
 *
 * Reads the files that the properties name, and tries the key with its certificate.
 *
 * Connections that are there keep what they have. On error so does everybody.
 *
 * Returns: true if all is well
 */
gboolean
asab_tls_context_load (AsabTlsContext  *self,
                       GError         **error)
{
  g_autoptr(AsabTlsSettings) settings = NULL;

  g_return_val_if_fail (ASAB_IS_TLS_CONTEXT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  settings = asab_tls_settings_new_default ();
  settings->verify_mode = self->verify_mode;
  settings->is_hostname_checked = self->is_hostname_checked;
  settings->handshake_timeout = self->handshake_timeout;
  if (!read_files (self, settings, error))
    {
      if (self->section != NULL)
        g_prefix_error (error, _("Section “%s”: "), self->section);
      return FALSE;
    }

  g_clear_pointer (&self->settings, asab_tls_settings_unref);
  self->settings = g_steal_pointer (&settings);

  return TRUE;
}

/* Returns: (transfer full): what was loaded, or NULL if that cannot be done */
AsabTlsSettings *
asab_tls_context_ref_settings (AsabTlsContext  *self,
                               GError         **error)
{
  if (self->settings == NULL && !asab_tls_context_load (self, error))
    return NULL;

  return g_atomic_rc_box_acquire (self->settings);
}
