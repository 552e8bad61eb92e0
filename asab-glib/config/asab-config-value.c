/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the text of a value can mean. All parsers ignore blanks around the text and leave @value alone on failure. */

#include "config.h"

#include "asab-config-value-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define DIGITS "0123456789"

typedef struct
{
  const char *name;
  double      factor;
} Unit;

/* ASAB's units: a capital M is a month, a small one a minute. */
static const Unit time_units[] = {
  { "ms", 1e-3 },
  { "s", 1 },
  { "m", 60 },
  { "h", 3600 },
  { "d", 86400 },
  { "D", 86400 },
  { "w", 7 * 86400 },
  { "W", 7 * 86400 },
  { "M", 31 * 86400 },
  { "y", 365 * 86400 },
  { "Y", 365 * 86400 },
};

/* “KB” is missing on purpose: half of those who write it mean 1000, the other half 1024. */
static const Unit size_units[] = {
  { "", 1 },
  { "B", 1 },
  { "k", 1e3 },
  { "K", 1e3 },
  { "kB", 1e3 },
  { "M", 1e6 },
  { "MB", 1e6 },
  { "G", 1e9 },
  { "GB", 1e9 },
  { "T", 1e12 },
  { "TB", 1e12 },
  { "KiB", 1024.0 },
  { "MiB", 1024.0 * 1024 },
  { "GiB", 1024.0 * 1024 * 1024 },
  { "TiB", 1024.0 * 1024 * 1024 * 1024 },
};

static gboolean
parse_boolean (const char *text,
               gboolean   *value)
{
  static const char * const words[] = { "0", "1", "no", "yes", "false", "true", "off", "on" };
  g_autofree char *word = g_strstrip (g_strdup (text));

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (word, words[i]) == 0)
      {
        *value = i % 2;
        return TRUE;
      }

  return FALSE;
}

static gboolean
parse_int64 (const char *text,
             gint64     *value)
{
  g_autofree char *number = g_strstrip (g_strdup (text));

  return g_ascii_string_to_signed (number, 10, G_MININT64, G_MAXINT64, value, NULL);
}

static gboolean
parse_double (const char *text,
              double     *value)
{
  g_autofree char *number = g_strstrip (g_strdup (text));
  double parsed;
  char *end;

  /* The C library also reads hexadecimal numbers and “nan”, which nobody writes on purpose. */
  if (*number == '\0' || strpbrk (number, "xXnN") != NULL)
    return FALSE;

  parsed = g_ascii_strtod (number, &end);
  if (*end != '\0' || isinf (parsed))
    return FALSE;

  *value = parsed;

  return TRUE;
}

/* Reads a number without sign and exponent, which would be mistaken for a unit. */
static gboolean
scan_number (const char **text,
             double      *number)
{
  gsize whole = strspn (*text, DIGITS);
  gsize length = whole;
  g_autofree char *digits = NULL;

  if ((*text)[whole] == '.')
    length += 1 + strspn (*text + whole + 1, DIGITS);
  if (length == 0 || (whole == 0 && length == 1))
    return FALSE;

  digits = g_strndup (*text, length);
  *number = g_ascii_strtod (digits, NULL);
  *text += length;

  return isfinite (*number);
}

static void
skip_blanks (const char **text)
{
  while (g_ascii_isspace (**text))
    (*text)++;
}

static gboolean
scan_unit (const char **text,
           const Unit  *units,
           gsize        n_units,
           double      *factor)
{
  const char *begin = *text;
  gsize length = 0;

  while (g_ascii_isalpha (begin[length]))
    length++;

  for (gsize i = 0; i < n_units; i++)
    if (strlen (units[i].name) == length && strncmp (units[i].name, begin, length) == 0)
      {
        *factor = units[i].factor;
        *text = begin + length;
        return TRUE;
      }

  return FALSE;
}

static gboolean
parse_seconds (const char *text,
               double     *value)
{
  double total = 0;

  skip_blanks (&text);
  for (gboolean first = TRUE; first || *text != '\0'; first = FALSE)
    {
      double number;
      double factor = 1;

      if (!scan_number (&text, &number))
        return FALSE;
      skip_blanks (&text);

      /* Only a number that stands alone may do without a unit: “1h30” does not say thirty what. */
      if (!(first && *text == '\0') && !scan_unit (&text, time_units, G_N_ELEMENTS (time_units), &factor))
        return FALSE;
      skip_blanks (&text);
      total += number * factor;
    }

  *value = total;

  return TRUE;
}

static gboolean
parse_size (const char *text,
            guint64    *value)
{
  guint64 whole;
  guint64 product;
  double number;
  double factor;

  skip_blanks (&text);
  errno = 0;
  whole = g_ascii_isdigit (*text) ? g_ascii_strtoull (text, NULL, 10) : 0;
  if (errno == ERANGE || !scan_number (&text, &number))
    return FALSE;
  skip_blanks (&text);
  if (!scan_unit (&text, size_units, G_N_ELEMENTS (size_units), &factor))
    return FALSE;
  skip_blanks (&text);
  if (*text != '\0')
    return FALSE;

  /* A double cannot tell apart what is beyond 2^53, so whole numbers stay whole. */
  if (number != (double) whole)
    {
      number = number * factor + 0.5;
      if (number >= 0x1p64)
        return FALSE;
      product = (guint64) number;
    }
  else if (!g_uint64_checked_mul (&product, whole, (guint64) factor))
    return FALSE;

  *value = product;

  return TRUE;
}

gboolean
asab_config_parse_scalar (AsabConfigKind    kind,
                          const char       *text,
                          AsabConfigScalar *value)
{
  switch (kind)
    {
    case ASAB_CONFIG_KIND_BOOLEAN:
      return parse_boolean (text, &value->boolean);
    case ASAB_CONFIG_KIND_INT64:
      return parse_int64 (text, &value->int64);
    case ASAB_CONFIG_KIND_DOUBLE:
      return parse_double (text, &value->number);
    case ASAB_CONFIG_KIND_SECONDS:
      return parse_seconds (text, &value->number);
    case ASAB_CONFIG_KIND_SIZE:
      return parse_size (text, &value->size);
    case ASAB_CONFIG_KIND_STRING:
    case ASAB_CONFIG_KIND_URI:
    default:
      g_assert_not_reached ();
    }
}

/* Splits @text at any of @separators; items are trimmed, empty ones dropped. */
char **
asab_config_parse_list (const char *text,
                        const char *separators)
{
  g_auto(GStrv) items = g_strsplit_set (text, separators, -1);
  g_autoptr(GStrvBuilder) kept = g_strv_builder_new ();

  for (char **item = items; *item != NULL; item++)
    if (*g_strstrip (*item) != '\0')
      g_strv_builder_add (kept, *item);

  return g_strv_builder_end (kept);
}

/* One slash at the end of the path is dropped, so that paths can be appended. */
GUri *
asab_config_parse_uri (const char *text)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  g_autofree char *path = NULL;
  g_autoptr(GUri) uri = NULL;
  GUriFlags flags = G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_PATH | G_URI_FLAGS_ENCODED_QUERY |
                    G_URI_FLAGS_ENCODED_FRAGMENT;

  uri = g_uri_parse (trimmed, flags, NULL);
  if (uri == NULL || !g_str_has_suffix (g_uri_get_path (uri), "/"))
    return g_steal_pointer (&uri);

  path = g_strdup (g_uri_get_path (uri));
  path[strlen (path) - 1] = '\0';

  return g_uri_build_with_user (flags, g_uri_get_scheme (uri), g_uri_get_user (uri), g_uri_get_password (uri), NULL,
                                g_uri_get_host (uri), g_uri_get_port (uri), path, g_uri_get_query (uri),
                                g_uri_get_fragment (uri));
}

/* What a value of @kind looks like, to end the sentence “is not …”. */
const char *
asab_config_kind_describe (AsabConfigKind kind)
{
  switch (kind)
    {
    case ASAB_CONFIG_KIND_BOOLEAN:
      return _("one of 1, yes, true, on, 0, no, false, off");
    case ASAB_CONFIG_KIND_INT64:
      return _("a whole number such as 8080");
    case ASAB_CONFIG_KIND_DOUBLE:
      return _("a number such as 0.5");
    case ASAB_CONFIG_KIND_SECONDS:
      return _("a duration such as 10, 500ms or 1h30m (units: ms, s, m, h, d, w, M, y)");
    case ASAB_CONFIG_KIND_SIZE:
      return _("a size such as 4096, 10kB or 64MiB (units: B, kB, MB, GB, TB, KiB, MiB, GiB, TiB)");
    case ASAB_CONFIG_KIND_URI:
      return _("an address with a scheme such as http://localhost:8080/path");
    case ASAB_CONFIG_KIND_STRING:
    default:
      return _("a text");
    }
}

gboolean
asab_config_kind_matches (AsabConfigKind  kind,
                          const char     *text)
{
  AsabConfigScalar value;
  g_autoptr(GUri) uri = NULL;

  switch (kind)
    {
    case ASAB_CONFIG_KIND_STRING:
      return TRUE;
    case ASAB_CONFIG_KIND_URI:
      uri = asab_config_parse_uri (text);
      return uri != NULL;
    default:
      return asab_config_parse_scalar (kind, text, &value);
    }
}

/* Says that a value is not @expected. */
char *
asab_config_complain (const char            *section,
                      const AsabConfigEntry *entry,
                      const char            *expected)
{
  g_autofree char *shown = asab_config_mask (section, entry);

  /* Translators: section, key, value, where the value was set, what it should be */
  return g_strdup_printf (_("[%s] %s: “%s” (%s) is not %s"), section, entry->key, shown, entry->origin, expected);
}
