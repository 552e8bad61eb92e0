/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * How a record becomes a line: a format of Python's logging module, such as
 *
 *   %(asctime)s %(levelname)s %(name)s %(struct_data)s%(message)s
 *
 * which is compiled into the pieces that it consists of. Each attribute may have a width, as in `%(levelname)-8s`.
 */

#include "config.h"

#include "asab-log-layout-private.h"

#include "asab-log-text-private.h"
#include "asab-log-time-private.h"

#include <asab-glib/config/asab-config.h>

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <unistd.h>

typedef enum
{
  ATTRIBUTE_LITERAL,
  ATTRIBUTE_ASCTIME,
  ATTRIBUTE_CREATED,
  ATTRIBUTE_FILENAME,
  ATTRIBUTE_FUNCNAME,
  ATTRIBUTE_LEVELNAME,
  ATTRIBUTE_LEVELNO,
  ATTRIBUTE_LINENO,
  ATTRIBUTE_MESSAGE,
  ATTRIBUTE_MSECS,
  ATTRIBUTE_NAME,
  ATTRIBUTE_PATHNAME,
  ATTRIBUTE_PROCESS,
  ATTRIBUTE_STRUCT_DATA,
} Attribute;

static const char *const attribute_names[] = {
  "",        "asctime", "created", "filename", "funcName", "levelname", "levelno",
  "lineno",  "message", "msecs",   "name",     "pathname", "process",   "struct_data",
};

typedef struct
{
  Attribute attribute;
  char *literal; /* (owned) (nullable) */
  gsize width;
  gboolean is_left;
  char padding;
} Piece;

struct _AsabLogLayout
{
  GArray *pieces; /* (owned) (nullable) (element-type Piece): NULL for JSON */
  AsabLogTimeFormat time_format;
  char *sd_id; /* (owned) */
  gboolean use_colour;
};

static void
clear_piece (gpointer data)
{
  Piece *piece = data;

  g_free (piece->literal);
}

/* Parsing */

static void
add_literal (AsabLogLayout *self,
             const char    *text,
             gsize          length)
{
  Piece piece = { .attribute = ATTRIBUTE_LITERAL, .literal = g_strndup (text, length) };

  g_array_append_val (self->pieces, piece);
}

static gboolean
lookup_attribute (const char *name,
                  gsize       length,
                  Attribute  *attribute)
{
  for (gsize i = 1; i < G_N_ELEMENTS (attribute_names); i++)
    {
      if (strlen (attribute_names[i]) == length && strncmp (attribute_names[i], name, length) == 0)
        {
          *attribute = (Attribute) i;
          return TRUE;
        }
    }

  return FALSE;
}

/* Returns: (nullable): the end of the attribute that begins at @start with “%(” */
static const char *
add_attribute (AsabLogLayout *self,
               const char    *start)
{
  const char *name = start + 2;
  const char *p = strchr (name, ')');
  Piece piece = { .padding = ' ' };

  if (p == NULL || !lookup_attribute (name, (gsize) (p - name), &piece.attribute))
    return NULL;

  for (p++; *p == '-' || *p == '0'; p++)
    {
      if (*p == '-')
        piece.is_left = TRUE;
      else
        piece.padding = '0';
    }
  for (; g_ascii_isdigit (*p) && piece.width < 1000; p++)
    piece.width = piece.width * 10 + (gsize) (*p - '0');
  if (*p != 's' && *p != 'd' && *p != 'i' && *p != 'f')
    return NULL;

  piece.padding = piece.is_left ? ' ' : piece.padding;
  g_array_append_val (self->pieces, piece);

  return p + 1;
}

static gboolean
parse_format (AsabLogLayout  *self,
              const char     *format,
              GError        **error)
{
  for (const char *p = format; *p != '\0';)
    {
      gsize n = strcspn (p, "%");

      if (n > 0)
        add_literal (self, p, n);
      p += n;
      if (*p == '\0')
        break;

      if (p[1] == '(')
        {
          p = add_attribute (self, p);
        }
      else if (p[1] == '%')
        {
          add_literal (self, "%", 1);
          p += 2;
        }
      else
        {
          p = NULL;
        }
      if (p == NULL)
        {
          g_set_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE,
                       _("“%s” is no format of log lines"), format);
          return FALSE;
        }
    }

  return TRUE;
}

/*
 * asab_log_layout_new:
 * @format: a format, or %ASAB_LOG_LAYOUT_JSON
 * @date_format: how times look in it
 * @sd_id: the name of structured data
 * @error: return location for a [error@ConfigError]
 *
 * Creates a layout.
 *
 * Returns: (transfer full): a layout, or %NULL with @error set
 */
AsabLogLayout *
asab_log_layout_new (const char  *format,
                     const char  *date_format,
                     const char  *sd_id,
                     GError     **error)
{
  g_autoptr(AsabLogLayout) self = g_new0 (AsabLogLayout, 1);

  self->sd_id = g_strdup (sd_id);
  if (strcmp (format, ASAB_LOG_LAYOUT_JSON) == 0)
    return g_steal_pointer (&self);

  self->pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  g_array_set_clear_func (self->pieces, clear_piece);
  if (!parse_format (self, format, error))
    return NULL;

  if (strcmp (date_format, ASAB_LOG_DATE_DEFAULT) == 0)
    {
      self->time_format = (AsabLogTimeFormat) ASAB_LOG_TIME_FORMAT_INIT;
    }
  else if (!asab_log_time_format_init (&self->time_format, date_format, FALSE))
    {
      g_set_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE, _("“%s” is no format of times"),
                   date_format);
      return NULL;
    }

  return g_steal_pointer (&self);
}

AsabLogLayout *
asab_log_layout_new_default (const char *sd_id)
{
  return asab_log_layout_new (ASAB_LOG_LAYOUT_DEFAULT, ASAB_LOG_DATE_DEFAULT, sd_id, NULL);
}

void
asab_log_layout_free (AsabLogLayout *self)
{
  g_clear_pointer (&self->pieces, g_array_unref);
  asab_log_time_format_clear (&self->time_format);
  g_free (self->sd_id);
  g_free (self);
}

/* Levels in colours are for terminals. */
void
asab_log_layout_set_colour (AsabLogLayout *self,
                            gboolean       use_colour)
{
  self->use_colour = use_colour;
}

/* Returns: whether it shows more than the message and its structured data */
gboolean
asab_log_layout_wants_fields (AsabLogLayout *self)
{
  if (self->pieces == NULL)
    return TRUE;

  for (guint i = 0; i < self->pieces->len; i++)
    {
      switch (g_array_index (self->pieces, Piece, i).attribute)
        {
        case ATTRIBUTE_FILENAME:
        case ATTRIBUTE_FUNCNAME:
        case ATTRIBUTE_LINENO:
        case ATTRIBUTE_PATHNAME:
          return TRUE;
        default:
          break;
        }
    }

  return FALSE;
}

/* Formatting */

static void
append_level (AsabLogBuffer       *buffer,
              const AsabLogRecord *record,
              gboolean             use_colour)
{
  static const char colours[] = "77513624"; /* of terminals, by severity */

  if (use_colour)
    {
      asab_log_buffer_append (buffer, "\033[1;3", 5);
      asab_log_buffer_append_c (buffer, colours[record->severity & 7]);
      asab_log_buffer_append_c (buffer, 'm');
    }
  asab_log_buffer_append_string (buffer, asab_log_record_get_level_name (record));
  if (use_colour)
    asab_log_buffer_append (buffer, "\033[0m", 4);
}

static void
append_number (AsabLogBuffer *buffer,
               gint64         number)
{
  char text[24];

  asab_log_buffer_append (buffer, text, (gsize) snprintf (text, sizeof text, "%" G_GINT64_FORMAT, number));
}

static void
append_created (AsabLogBuffer       *buffer,
                const AsabLogRecord *record)
{
  char text[32];

  asab_log_buffer_append (buffer, text,
                          (gsize) snprintf (text, sizeof text, "%" G_GINT64_FORMAT ".%06d",
                                            record->time / G_USEC_PER_SEC, (int) (record->time % G_USEC_PER_SEC)));
}

static void
append_field (AsabLogBuffer       *buffer,
              const AsabLogRecord *record,
              const char          *key,
              gboolean             is_base_name)
{
  gsize length;
  const char *value = asab_log_record_get_field (record, key, &length);
  const char *slash = is_base_name && value != NULL ? strrchr (value, '/') : NULL;

  if (slash != NULL)
    {
      length -= (gsize) (slash + 1 - value);
      value = slash + 1;
    }
  if (value != NULL)
    asab_log_append_text (buffer, value, length, ASAB_LOG_TEXT_LINE);
}

/* Returns: the number that Python's logging gives to a level */
static int
get_python_level (const AsabLogRecord *record)
{
  static const int levels[] = { 50, 50, 50, 40, 30, 25, 20, 10 };

  return levels[record->severity & 7];
}

static void
append_attribute (AsabLogLayout       *self,
                  AsabLogBuffer       *buffer,
                  const AsabLogRecord *record,
                  Attribute            attribute)
{
  switch (attribute)
    {
    case ATTRIBUTE_ASCTIME:
      asab_log_append_time (buffer, &self->time_format, record->time);
      break;
    case ATTRIBUTE_CREATED:
      append_created (buffer, record);
      break;
    case ATTRIBUTE_FILENAME:
      append_field (buffer, record, "CODE_FILE", TRUE);
      break;
    case ATTRIBUTE_FUNCNAME:
      append_field (buffer, record, "CODE_FUNC", FALSE);
      break;
    case ATTRIBUTE_LEVELNAME:
      append_level (buffer, record, self->use_colour);
      break;
    case ATTRIBUTE_LEVELNO:
      append_number (buffer, get_python_level (record));
      break;
    case ATTRIBUTE_LINENO:
      append_field (buffer, record, "CODE_LINE", FALSE);
      break;
    case ATTRIBUTE_MESSAGE:
      asab_log_append_text (buffer, asab_log_record_get_message (record), record->message_length,
                            ASAB_LOG_TEXT_MESSAGE);
      break;
    case ATTRIBUTE_MSECS:
      append_number (buffer, record->time % G_USEC_PER_SEC / 1000);
      break;
    case ATTRIBUTE_NAME:
      asab_log_append_text (buffer, asab_log_record_get_domain (record), record->domain_length, ASAB_LOG_TEXT_LINE);
      break;
    case ATTRIBUTE_PATHNAME:
      append_field (buffer, record, "CODE_FILE", FALSE);
      break;
    case ATTRIBUTE_PROCESS:
      append_number (buffer, getpid ());
      break;
    case ATTRIBUTE_STRUCT_DATA:
      asab_log_append_structured_data (buffer, record, self->sd_id);
      break;
    case ATTRIBUTE_LITERAL:
    default:
      g_assert_not_reached ();
    }
}

/* Fills what was appended from @start on up to the width of the piece. */
static void
pad (AsabLogBuffer *buffer,
     gsize          start,
     const Piece   *piece)
{
  gsize length = buffer->length - start;
  gsize n_characters = (gsize) g_utf8_strlen (buffer->text + start, (gssize) length);
  gsize n = piece->width - MIN (n_characters, piece->width);

  asab_log_buffer_reserve (buffer, n);
  if (!piece->is_left)
    memmove (buffer->text + start + n, buffer->text + start, length);
  memset (buffer->text + start + (piece->is_left ? length : 0), piece->padding, n);
  buffer->length += n;
}

/*
 * asab_log_layout_append:
 * @self: a layout
 * @buffer: where to append
 * @record: a record
 *
 * Appends @record as a line with its line end.
 */
void
asab_log_layout_append (AsabLogLayout       *self,
                        AsabLogBuffer       *buffer,
                        const AsabLogRecord *record)
{
  if (self->pieces == NULL)
    {
      asab_log_append_json (buffer, record);
      return;
    }

  for (guint i = 0; i < self->pieces->len; i++)
    {
      const Piece *piece = &g_array_index (self->pieces, Piece, i);
      gsize start = buffer->length;

      if (piece->literal != NULL)
        asab_log_buffer_append_string (buffer, piece->literal);
      else
        append_attribute (self, buffer, record, piece->attribute);
      if (piece->width > 0)
        pad (buffer, start, piece);
    }
  asab_log_buffer_append_c (buffer, '\n');
}
