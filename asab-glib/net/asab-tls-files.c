/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Certificates, keys and authorities in files. Each error names the key of the configuration and the file. */

#include "config.h"

#include "asab-tls-files-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void
prefix_error (GError     **error,
              const char  *key,
              const char  *path)
{
  g_prefix_error (error, _("Key “%s”, file “%s”: "), key, path);
}

static gboolean
is_pkcs12 (const char *path)
{
  return g_str_has_suffix (path, ".p12") || g_str_has_suffix (path, ".pfx");
}

/* GLib decrypts only PKCS #12, and says of other keys that they cannot be parsed. */
static gboolean
refuse_encrypted (const char  *path,
                  GError     **error)
{
  g_autofree char *text = NULL;
  gsize size;
  gboolean is_encrypted;

  if (!g_file_get_contents (path, &text, &size, error))
    return FALSE;

  is_encrypted = strstr (text, "BEGIN ENCRYPTED PRIVATE KEY") != NULL ||
                 strstr (text, "Proc-Type: 4,ENCRYPTED") != NULL;
  explicit_bzero (text, size);
  if (!is_encrypted)
    return TRUE;

  g_set_error_literal (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE_PASSWORD,
                       _("The key is encrypted; that is only possible in a PKCS #12 file, with the suffix “.p12”"));

  return FALSE;
}

static GTlsCertificate *
read_certificate (const char  *cert,
                  const char  *key_password,
                  GError     **error)
{
  if (is_pkcs12 (cert))
    return g_tls_certificate_new_from_file_with_password (cert, key_password != NULL ? key_password : "", error);

  return refuse_encrypted (cert, error) ? g_tls_certificate_new_from_file (cert, error) : NULL;
}

static gboolean
has_key (GTlsCertificate *certificate)
{
  g_autoptr(GByteArray) key = NULL;

  g_object_get (certificate, "private-key", &key, NULL);
  if (key != NULL)
    explicit_bzero (key->data, key->len);

  return key != NULL;
}

/*
 * asab_tls_read_certificate:
 * @cert: a PEM file with a certificate, those of its issuers, and perhaps its key; or a PKCS #12 file
 * @key: (nullable): a PEM file with its key, if that is not in @cert
 * @key_password: (nullable): of the PKCS #12 file
 * @error: return location for an error
 *
 * Reads a certificate and its key, and sees to it that they belong together.
 *
 * Returns: (transfer full): the certificate, or %NULL on error
 */
GTlsCertificate *
asab_tls_read_certificate (const char  *cert,
                           const char  *key,
                           const char  *key_password,
                           GError     **error)
{
  const char *key_file = key != NULL ? key : cert;
  g_autoptr(GTlsCertificate) certificate = read_certificate (cert, key_password, error);

  if (certificate == NULL)
    {
      prefix_error (error, "cert", cert);
      return NULL;
    }

  if (key != NULL)
    {
      g_clear_object (&certificate);
      if (refuse_encrypted (key, error))
        certificate = g_tls_certificate_new_from_files (cert, key, error);
    }
  else if (!has_key (certificate))
    {
      g_clear_object (&certificate);
      g_set_error_literal (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE, _("There is no key in it"));
    }

  if (certificate != NULL && asab_tls_prove_key (certificate, error))
    return g_steal_pointer (&certificate);

  prefix_error (error, "key", key_file);

  return NULL;
}

/* Appends a file with certificates. */
static gboolean
append_file (GString     *all,
             const char  *path,
             GError     **error)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;
  if (strstr (text, "-----BEGIN CERTIFICATE-----") == NULL)
    {
      g_set_error_literal (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE, _("There is no certificate in it"));
      return FALSE;
    }

  g_string_append (all, text);
  g_string_append_c (all, '\n');

  return TRUE;
}

/* Appends the files of a folder; those without certificates are passed over, as OpenSSL does. */
static gboolean
append_folder (GString     *all,
               const char  *path,
               GError     **error)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, error);
  gboolean is_any = FALSE;
  const char *name;

  if (dir == NULL)
    return FALSE;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      is_any |= append_file (all, file, NULL);
    }
  if (!is_any)
    g_set_error_literal (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE, _("There is no certificate in it"));

  return is_any;
}

static void
close_file (gpointer fd)
{
  close (GPOINTER_TO_INT (fd));
}

/* GIO makes a database of a single file only, which is made in memory; it is read again later, and thus kept. */
static GTlsDatabase *
make_database (const GString  *all,
               GError        **error)
{
  int fd = memfd_create ("asab-authorities", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  GTlsDatabase *database = NULL;

  if (fd >= 0 && write (fd, all->str, all->len) == (gssize) all->len)
    database = g_tls_file_database_new (path, error);
  else
    g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));

  if (database != NULL)
    g_object_set_data_full (G_OBJECT (database), "asab-authorities", GINT_TO_POINTER (fd), close_file);
  else if (fd >= 0)
    close (fd);

  return database;
}

/*
 * asab_tls_read_authorities:
 * @cafile: (nullable): a PEM file with certificates
 * @capath: (nullable): a folder with such files
 * @error: return location for an error
 *
 * Reads the certificates of those who are believed.
 *
 * Returns: (transfer full): the authorities, or %NULL on error
 */
GTlsDatabase *
asab_tls_read_authorities (const char  *cafile,
                           const char  *capath,
                           GError     **error)
{
  g_autoptr(GString) all = g_string_new (NULL);
  GTlsDatabase *database;

  if (cafile != NULL && !append_file (all, cafile, error))
    {
      prefix_error (error, "cafile", cafile);
      return NULL;
    }
  if (capath != NULL && !append_folder (all, capath, error))
    {
      prefix_error (error, "capath", capath);
      return NULL;
    }

  database = make_database (all, error);
  if (database == NULL)
    prefix_error (error, cafile != NULL ? "cafile" : "capath", cafile != NULL ? cafile : capath);

  return database;
}
