/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-config-value-private.h"

#include <string.h>

#define MASK "***"
#define SECRET_SECTION "passwords"

/* Where in doubt a value is hidden; “servertokens” is no secret, “token” and “access-token” are. */
gboolean
asab_config_is_secret (const char *section,
                       const char *key)
{
  static const char * const parts[] = {
    "password", "passwd", "passphrase", "pwd", "secret", "credential", "api_key", "apikey", "private_key", "access_key",
  };
  g_autofree char *name = g_strdelimit (asab_config_fold_key (key), "-. ", '_');

  if (strcmp (section, SECRET_SECTION) == 0 || g_str_has_suffix (name, "token"))
    return TRUE;

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    if (strstr (name, parts[i]) != NULL)
      return TRUE;

  return FALSE;
}

/* Hides the password of each “scheme://user:password@host” in @value. */
static char *
mask_addresses (const char *value)
{
  GString *out = g_string_new (NULL);
  const char *rest = value;
  const char *authority;

  while ((authority = strstr (rest, "://")) != NULL)
    {
      const char *user = authority + strlen ("://");
      const char *end = user + strcspn (user, "/?# \t\r\n");
      const char *at = g_strrstr_len (user, end - user, "@");
      const char *colon = at != NULL ? memchr (user, ':', at - user) : NULL;

      if (colon == NULL)
        g_string_append_len (out, rest, end - rest);
      else
        {
          g_string_append_len (out, rest, colon + 1 - rest);
          g_string_append (out, MASK);
          g_string_append_len (out, at, end - at);
        }
      rest = end;
    }

  g_string_append (out, rest);

  return g_string_free (out, FALSE);
}

/* Gives the value of @entry as it may be shown to everybody. */
char *
asab_config_mask (const char            *section,
                  const AsabConfigEntry *entry)
{
  if (entry->is_secret || (*entry->value != '\0' && asab_config_is_secret (section, entry->key)))
    return g_strdup (MASK);

  return mask_addresses (entry->value);
}
