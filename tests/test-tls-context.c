/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tls-files.h"

#include <asab-glib/asab.h>

#include <glib/gstdio.h>
#include <string.h>

/* A context whose properties with the names of files get their paths. */
static AsabTlsContext *
make (const char *cert,
      const char *key,
      const char *cafile)
{
  g_autofree char *cert_path = cert != NULL ? tls_files_path (cert) : NULL;
  g_autofree char *key_path = key != NULL ? tls_files_path (key) : NULL;
  g_autofree char *cafile_path = cafile != NULL ? tls_files_path (cafile) : NULL;

  return g_object_new (ASAB_TYPE_TLS_CONTEXT, "cert", cert_path, "key", key_path, "cafile", cafile_path, NULL);
}

static void
assert_loads (AsabTlsContext *context)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (asab_tls_context_load (context, &error));
  g_assert_no_error (error);
}

static void
assert_fails (AsabTlsContext *context,
              GQuark          domain,
              int             code,
              const char     *pattern)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (asab_tls_context_load (context, &error));
  g_assert_error (error, domain, code);
  if (!g_pattern_match_simple (pattern, error->message))
    g_assert_cmpstr (error->message, ==, pattern);
  g_assert_null (strstr (error->message, "sesame"));
}

static void
test_load (void)
{
  g_autoptr(AsabTlsContext) none = asab_tls_context_new ();
  g_autoptr(AsabTlsContext) server = make ("server.crt", "server.key", NULL);
  g_autoptr(AsabTlsContext) client = make (NULL, NULL, "authority.crt");

  assert_loads (none);
  assert_loads (server);
  assert_loads (client);
}

static void
test_properties (void)
{
  g_autoptr(AsabTlsContext) context = asab_tls_context_new ();
  g_autofree char *cert = NULL;
  g_autofree char *key = NULL;
  g_autofree char *cafile = NULL;
  g_autofree char *capath = NULL;
  AsabTlsVerifyMode mode;
  gboolean is_hostname_checked;
  double timeout;

  g_object_get (context, "verify-mode", &mode, "check-hostname", &is_hostname_checked, "handshake-timeout", &timeout,
                NULL);
  g_assert_cmpint (mode, ==, ASAB_TLS_VERIFY_DEFAULT);
  g_assert_true (is_hostname_checked);
  g_assert_cmpfloat (timeout, ==, 10);

  g_object_set (context, "cert", "/cert", "key", "/key", "cafile", "", "capath", "/capath", NULL);
  g_object_get (context, "cert", &cert, "key", &key, "cafile", &cafile, "capath", &capath, NULL);
  g_assert_cmpstr (cert, ==, "/cert");
  g_assert_cmpstr (key, ==, "/key");
  g_assert_null (cafile);
  g_assert_cmpstr (capath, ==, "/capath");
}

static void
test_broken_files (void)
{
  static const struct
  {
    const char *cert, *key, *cafile, *pattern;
  } cases[] = {
    { "authority.key", NULL, NULL, "Key “cert”, file “*/authority.key”: ?*" },
    { "server.crt", "authority.crt", NULL, "Key “key”, file “*/authority.crt”: ?*" },
    { "server.crt", NULL, NULL, "Key “key”, file “*/server.crt”: There is no key in it" },
    { NULL, NULL, "server.key", "Key “cafile”, file “*/server.key”: There is no certificate in it" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(AsabTlsContext) context = make (cases[i].cert, cases[i].key, cases[i].cafile);

      assert_fails (context, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE, cases[i].pattern);
    }
}

static void
test_missing_files (void)
{
  g_autoptr(AsabTlsContext) no_cert = make ("no.crt", "server.key", NULL);
  g_autoptr(AsabTlsContext) no_key = make ("server.crt", "no.key", NULL);
  g_autoptr(AsabTlsContext) no_cafile = make (NULL, NULL, "no.crt");
  g_autoptr(AsabTlsContext) only_key = make (NULL, "server.key", NULL);

  assert_fails (no_cert, G_FILE_ERROR, G_FILE_ERROR_NOENT, "Key “cert”, file “*/no.crt”: ?*");
  assert_fails (no_key, G_FILE_ERROR, G_FILE_ERROR_NOENT, "Key “key”, file “*/no.key”: ?*");
  assert_fails (no_cafile, G_FILE_ERROR, G_FILE_ERROR_NOENT, "Key “cafile”, file “*/no.crt”: ?*");
  assert_fails (only_key, G_TLS_ERROR, G_TLS_ERROR_CERTIFICATE_REQUIRED, "*“key”*“cert”");
}

static void
test_wrong_key (void)
{
  g_autoptr(AsabTlsContext) context = make ("server.crt", "client.key", NULL);

  assert_fails (context, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE,
                "Key “key”, file “*/client.key”: The key does not belong to the certificate: ?*");
}

static void
test_key_password (void)
{
  g_autoptr(AsabTlsContext) pem = make ("server.crt", "encrypted.key", NULL);
  g_autoptr(AsabTlsContext) pkcs12 = make ("server.p12", NULL, NULL);

  g_object_set (pem, "key-password", "sesame", NULL);
  assert_fails (pem, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE_PASSWORD,
                "Key “key”, file “*/encrypted.key”: The key is encrypted*");

  assert_fails (pkcs12, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE_PASSWORD, "Key “cert”, file “*/server.p12”: ?*");
  g_object_set (pkcs12, "key-password", "sesame", NULL);
  assert_loads (pkcs12);
}

static void
test_capath (void)
{
  g_autofree char *certificate = tls_files_path ("authority.crt");
  g_autofree char *folder = g_path_get_dirname (certificate);
  g_autofree char *empty = g_dir_make_tmp ("asab-XXXXXX", NULL);
  g_autoptr(AsabTlsContext) context = asab_tls_context_new ();

  g_object_set (context, "capath", folder, NULL);
  assert_loads (context);

  g_object_set (context, "capath", empty, NULL);
  assert_fails (context, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE,
                "Key “capath”, file “*”: There is no certificate in it");
  g_assert_cmpint (g_rmdir (empty), ==, 0);
  assert_fails (context, G_FILE_ERROR, G_FILE_ERROR_NOENT, "Key “capath”, file “*”: ?*");
}

static void
test_config (void)
{
  g_autoptr(AsabConfig) config = asab_config_new ();
  g_autofree char *cert = tls_files_path ("server.crt");
  g_autofree char *key = tls_files_path ("server.key");
  g_autoptr(AsabTlsContext) context = NULL;
  g_autoptr(GError) error = NULL;
  AsabTlsVerifyMode mode;

  asab_config_set_string (config, "tls", "cert", cert, NULL);
  asab_config_set_string (config, "tls", "key", key, NULL);
  asab_config_set_string (config, "tls", "verify_mode", "optional", NULL);
  context = asab_tls_context_new_from_config (config, "tls", &error);
  g_assert_no_error (error);
  g_object_get (context, "verify-mode", &mode, NULL);
  g_assert_cmpint (mode, ==, ASAB_TLS_VERIFY_OPTIONAL);
  g_clear_object (&context);

  asab_config_set_string (config, "tls", "key", "/no/such/key", NULL);
  context = asab_tls_context_new_from_config (config, "tls", &error);
  g_assert_null (context);
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_true (g_pattern_match_simple ("Section “tls”: Key “key”, file “/no/such/key”: ?*", error->message));
}

int
main (int    argc,
      char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  tls_files_set_up ();

  g_test_add_func ("/asab/tls-context/load", test_load);
  g_test_add_func ("/asab/tls-context/properties", test_properties);
  g_test_add_func ("/asab/tls-context/broken-files", test_broken_files);
  g_test_add_func ("/asab/tls-context/missing-files", test_missing_files);
  g_test_add_func ("/asab/tls-context/wrong-key", test_wrong_key);
  g_test_add_func ("/asab/tls-context/key-password", test_key_password);
  g_test_add_func ("/asab/tls-context/capath", test_capath);
  g_test_add_func ("/asab/tls-context/config", test_config);

  status = g_test_run ();
  tls_files_tear_down ();

  return status;
}
