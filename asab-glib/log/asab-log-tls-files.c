/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-log-tls-files-private.h"

#include <asab-glib/config/asab-config.h>

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <unistd.h>

static char *
dup_path (const char *path)
{
  return path != NULL && path[0] != '\0' ? g_strdup (path) : NULL;
}

/*
 * asab_log_tls_files_init:
 * @self: files
 * @options: which ones; an empty name is none
 */
void
asab_log_tls_files_init (AsabLogTlsFiles       *self,
                         const AsabLogTlsFiles *options)
{
  *self = (AsabLogTlsFiles) {
    .cafile = dup_path (options->cafile),
    .cert = dup_path (options->cert),
    .key = dup_path (options->key),
  };
}

void
asab_log_tls_files_clear (AsabLogTlsFiles *self)
{
  g_clear_pointer (&self->cafile, g_free);
  g_clear_pointer (&self->cert, g_free);
  g_clear_pointer (&self->key, g_free);
}

static gboolean
check_file (const char  *path,
            GError     **error)
{
  if (path == NULL || g_access (path, R_OK) == 0)
    return TRUE;

  g_set_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE, _("Cannot read “%s”: %s"),
               path, g_strerror (errno));

  return FALSE;
}

/*
 * asab_log_tls_files_check:
 * @self: files
 * @error: return location for a [error@ConfigError]
 *
 * Returns: false if one of them cannot be read, as it has to be for each connection
 */
gboolean
asab_log_tls_files_check (const AsabLogTlsFiles  *self,
                          GError                **error)
{
  return check_file (self->cafile, error) && check_file (self->cert, error) && check_file (self->key, error);
}

/*
 * asab_log_tls_files_apply:
 * @self: files
 * @connection: a connection, before it shakes hands
 * @error: return location for an error
 *
 * Returns: false if what is in the files is not for TLS
 */
gboolean
asab_log_tls_files_apply (const AsabLogTlsFiles  *self,
                          GTlsConnection         *connection,
                          GError                **error)
{
  if (self->cafile != NULL)
    {
      g_autoptr(GTlsDatabase) database = g_tls_file_database_new (self->cafile, error);

      if (database == NULL)
        return FALSE;
      g_tls_connection_set_database (connection, database);
    }

  if (self->cert != NULL)
    {
      const char *key_file = self->key != NULL ? self->key : self->cert;
      g_autoptr(GTlsCertificate) certificate = g_tls_certificate_new_from_files (self->cert, key_file, error);

      if (certificate == NULL)
        return FALSE;
      g_tls_connection_set_certificate (connection, certificate);
    }

  return TRUE;
}
