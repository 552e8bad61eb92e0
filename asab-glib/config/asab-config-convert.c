/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Makes the text of a value into what a property takes. Each converter gives NULL, or says what the text should be. */

#include "config.h"

#include "asab-config-convert-private.h"

#include "asab-config-value-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

static void
set_number (GValue *value,
            GType   type,
            gint64  number)
{
  GValue wide = G_VALUE_INIT;

  g_value_init (&wide, type);
  if (type == G_TYPE_INT64)
    g_value_set_int64 (&wide, number);
  else
    g_value_set_uint64 (&wide, (guint64) number);
  g_value_transform (&wide, value);
  g_value_unset (&wide);
}

static void
get_signed_range (GParamSpec *pspec,
                  gint64     *minimum,
                  gint64     *maximum)
{
#define RANGE(TYPE) (*minimum = G_PARAM_SPEC_##TYPE (pspec)->minimum, *maximum = G_PARAM_SPEC_##TYPE (pspec)->maximum)
  switch (G_PARAM_SPEC_VALUE_TYPE (pspec))
    {
    case G_TYPE_CHAR:
      RANGE (CHAR);
      break;
    case G_TYPE_INT:
      RANGE (INT);
      break;
    case G_TYPE_LONG:
      RANGE (LONG);
      break;
    default:
      RANGE (INT64);
      break;
    }
}

static void
get_unsigned_range (GParamSpec *pspec,
                    guint64    *minimum,
                    guint64    *maximum)
{
  switch (G_PARAM_SPEC_VALUE_TYPE (pspec))
    {
    case G_TYPE_UCHAR:
      RANGE (UCHAR);
      break;
    case G_TYPE_UINT:
      RANGE (UINT);
      break;
    case G_TYPE_ULONG:
      RANGE (ULONG);
      break;
    default:
      RANGE (UINT64);
      break;
    }
#undef RANGE
}

static char *
convert_boolean (const char *text,
                 GValue     *value)
{
  AsabConfigScalar scalar;

  if (!asab_config_parse_scalar (ASAB_CONFIG_KIND_BOOLEAN, text, &scalar))
    return g_strdup (asab_config_kind_describe (ASAB_CONFIG_KIND_BOOLEAN));

  g_value_set_boolean (value, scalar.boolean);

  return NULL;
}

static char *
convert_signed (const char *text,
                GParamSpec *pspec,
                GValue     *value)
{
  AsabConfigScalar scalar;
  gint64 minimum, maximum;

  get_signed_range (pspec, &minimum, &maximum);
  if (!asab_config_parse_scalar (ASAB_CONFIG_KIND_INT64, text, &scalar) ||
      scalar.int64 < minimum || scalar.int64 > maximum)
    return g_strdup_printf (_("a whole number from %" PRId64 " to %" PRId64), minimum, maximum);

  set_number (value, G_TYPE_INT64, scalar.int64);

  return NULL;
}

static char *
convert_unsigned (const char *text,
                  GParamSpec *pspec,
                  GValue     *value)
{
  AsabConfigScalar scalar;
  guint64 minimum, maximum;

  get_unsigned_range (pspec, &minimum, &maximum);
  if (!asab_config_parse_scalar (ASAB_CONFIG_KIND_SIZE, text, &scalar) ||
      scalar.size < minimum || scalar.size > maximum)
    return g_strdup_printf (maximum > G_MAXUINT16 /* else it is hardly meant to be one */
                            ? _("a whole number from %" PRIu64 " to %" PRIu64
                                ", or a size such as 64MiB")
                            : _("a whole number from %" PRIu64 " to %" PRIu64),
                            minimum, maximum);

  set_number (value, G_TYPE_UINT64, (gint64) scalar.size);

  return NULL;
}

static char *
describe_range (double minimum,
                double maximum)
{
  if (maximum >= G_MAXFLOAT)
    return g_strdup (_("a number such as 0.5, or a duration such as 1h30m"));

  return g_strdup_printf (maximum > 1 /* else it is a share of something */
                          ? _("a number from %g to %g, or a duration such as 1h30m")
                          : _("a number from %g to %g"),
                          minimum, maximum);
}

static char *
convert_double (const char *text,
                GParamSpec *pspec,
                GValue     *value)
{
  gboolean is_float = G_IS_PARAM_SPEC_FLOAT (pspec);
  double minimum = is_float ? G_PARAM_SPEC_FLOAT (pspec)->minimum : G_PARAM_SPEC_DOUBLE (pspec)->minimum;
  double maximum = is_float ? G_PARAM_SPEC_FLOAT (pspec)->maximum : G_PARAM_SPEC_DOUBLE (pspec)->maximum;
  AsabConfigScalar scalar;

  if ((!asab_config_parse_scalar (ASAB_CONFIG_KIND_DOUBLE, text, &scalar) &&
       !asab_config_parse_scalar (ASAB_CONFIG_KIND_SECONDS, text, &scalar)) ||
      scalar.number < minimum || scalar.number > maximum)
    return describe_range (minimum, maximum);

  if (is_float)
    g_value_set_float (value, (float) scalar.number);
  else
    g_value_set_double (value, scalar.number);

  return NULL;
}

static char *
convert_enum (const char *text,
              GParamSpec *pspec,
              GValue     *value)
{
  GEnumClass *klass = G_PARAM_SPEC_ENUM (pspec)->enum_class;
  g_autofree char *nick = g_strdelimit (g_strstrip (g_ascii_strdown (text, -1)), "_", '-');
  GEnumValue *found = g_enum_get_value_by_nick (klass, nick);
  GString *expected;

  if (found != NULL)
    {
      g_value_set_enum (value, found->value);
      return NULL;
    }

  expected = g_string_new (_("one of "));
  for (guint i = 0; i < klass->n_values; i++)
    g_string_append_printf (expected, "%s%s", i > 0 ? ", " : "", klass->values[i].value_nick);

  return g_string_free (expected, FALSE);
}

static char *
convert_flags (const char *text,
               GParamSpec *pspec,
               GValue     *value)
{
  GFlagsClass *klass = G_PARAM_SPEC_FLAGS (pspec)->flags_class;
  g_autofree char *nicks = g_strdelimit (g_ascii_strdown (text, -1), "_", '-');
  g_auto(GStrv) words = asab_config_parse_list (nicks, "|" ASAB_CONFIG_WORD_SEPARATORS);
  guint flags = 0;

  for (char **word = words; *word != NULL; word++)
    {
      GFlagsValue *found = g_flags_get_value_by_nick (klass, *word);
      GString *expected;

      if (found != NULL)
        {
          flags |= found->value;
          continue;
        }

      expected = g_string_new (_("a list of "));
      for (guint i = 0; i < klass->n_values; i++)
        g_string_append_printf (expected, "%s%s", i > 0 ? ", " : "", klass->values[i].value_nick);
      return g_string_free (expected, FALSE);
    }

  g_value_set_flags (value, flags);

  return NULL;
}

static char *
convert (const char *text,
         GParamSpec *pspec,
         GValue     *value)
{
  switch (G_TYPE_FUNDAMENTAL (G_PARAM_SPEC_VALUE_TYPE (pspec)))
    {
    case G_TYPE_BOOLEAN:
      return convert_boolean (text, value);
    case G_TYPE_CHAR:
    case G_TYPE_INT:
    case G_TYPE_LONG:
    case G_TYPE_INT64:
      return convert_signed (text, pspec, value);
    case G_TYPE_UCHAR:
    case G_TYPE_UINT:
    case G_TYPE_ULONG:
    case G_TYPE_UINT64:
      return convert_unsigned (text, pspec, value);
    case G_TYPE_FLOAT:
    case G_TYPE_DOUBLE:
      return convert_double (text, pspec, value);
    case G_TYPE_ENUM:
      return convert_enum (text, pspec, value);
    case G_TYPE_FLAGS:
      return convert_flags (text, pspec, value);
    case G_TYPE_STRING:
      g_value_set_string (value, text);
      return NULL;
    default:
      if (G_VALUE_HOLDS (value, G_TYPE_STRV))
        {
          g_value_take_boxed (value, asab_config_parse_list (text, ASAB_CONFIG_WORD_SEPARATORS));
          return NULL;
        }
      return g_strdup_printf (_("a “%s”, which no text can stand for"), G_VALUE_TYPE_NAME (value));
    }
}

/* Initializes @value and sets it to what @entry says, if @pspec allows that; else leaves it unset and adds to
 * @complaints why not.
 */
gboolean
asab_config_convert (const char            *section,
                     const AsabConfigEntry *entry,
                     GParamSpec            *pspec,
                     GValue                *value,
                     GPtrArray             *complaints)
{
  g_autofree char *expected = NULL;

  g_value_init (value, G_PARAM_SPEC_VALUE_TYPE (pspec));
  expected = convert (entry->value, pspec, value);

  /* What a property of texts allows is known only by trying. */
  if (expected == NULL && G_VALUE_HOLDS_STRING (value) && g_param_value_validate (pspec, value))
    expected = g_strdup (_("a text that the property takes"));
  if (expected == NULL)
    return TRUE;

  g_value_unset (value);
  g_ptr_array_add (complaints, asab_config_complain (section, entry, expected));

  return FALSE;
}
