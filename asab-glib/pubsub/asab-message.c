/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-message-private.h"

#include <gobject/gvaluecollector.h>

/**
 * AsabMessage:
 *
 * What a publisher sends to the subscribers of a bus: a message type, which is a string such as `Application.tick!`,
 * and optional positional and named arguments.
 *
 * An argument is a [struct@GObject.Value], so that it may be of any type and reaches the subscriber as the very value
 * that was published. A message never changes after it was made, and may be read from any thread.
 */
struct _AsabMessage
{
  gatomicrefcount ref_count;
  guint n_args;
  guint n_values;     /* positional arguments, then named ones */
  char *type_string;  /* (owned): a GRefString */
  char **names;       /* (nullable): of the named arguments, NULL-terminated; the array is part of this allocation */
  GValue values[];
};

G_DEFINE_BOXED_TYPE (AsabMessage, asab_message, asab_message_ref, asab_message_unref)

/* Takes over @type_string; the values are left to the caller. */
static AsabMessage *
alloc_message (char  *type_string,
               gsize  n_args,
               gsize  n_named)
{
  gsize values_end = sizeof (AsabMessage) + (n_args + n_named) * sizeof (GValue);
  gsize size = values_end + (n_named > 0 ? (n_named + 1) * sizeof (char *) : 0);
  AsabMessage *self = g_malloc0 (size);

  g_atomic_ref_count_init (&self->ref_count);
  self->n_args = n_args;
  self->n_values = n_args + n_named;
  self->type_string = type_string;
  if (n_named > 0)
    self->names = (char **) ((char *) self + values_end);

  return self;
}

static void
copy_values (GValue       *dest,
             const GValue *src,
             gsize         n_values)
{
  for (gsize i = 0; i < n_values; i++)
    {
      /* An unset value is how bindings say “nothing”. */
      if (!G_IS_VALUE (&src[i]))
        continue;

      g_value_init (&dest[i], G_VALUE_TYPE (&src[i]));
      g_value_copy (&src[i], &dest[i]);
    }
}

/* Makes a message that shares @type_string, a GRefString. */
AsabMessage *
asab_message_new_for_string (char         *type_string,
                             const GValue *args,
                             gsize         n_args)
{
  AsabMessage *self = alloc_message (g_ref_string_acquire (type_string), n_args, 0);

  copy_values (self->values, args, n_args);

  return self;
}

/* Makes a message that shares @type_string, a GRefString, from pairs of GType and value. */
AsabMessage *
asab_message_new_va (char    *type_string,
                     GType    first_type,
                     va_list  va)
{
  g_autoptr(GArray) values = g_array_new (FALSE, TRUE, sizeof (GValue));
  AsabMessage *self;

  for (GType type = first_type; type != G_TYPE_INVALID; type = va_arg (va, GType))
    {
      GValue value = G_VALUE_INIT;
      g_autofree char *problem = NULL;

      G_VALUE_COLLECT_INIT (&value, type, va, 0, &problem);
      if (problem != NULL)
        {
          /* Nothing after this one can be found in the list. */
          g_critical ("%s: %s", G_STRFUNC, problem);
          break;
        }
      g_array_append_val (values, value);
    }

  self = alloc_message (g_ref_string_acquire (type_string), values->len, 0);
  if (values->len > 0)
    memcpy (self->values, values->data, values->len * sizeof (GValue));

  return self;
}

/**
 * asab_message_new:
 * @message_type: the message type
 * @args: (array length=n_args) (nullable): the positional arguments
 * @n_args: how many arguments there are
 *
 * Creates a message with positional arguments.
 *
 * Returns: (transfer full): a new message
 */
AsabMessage *
asab_message_new (const char   *message_type,
                  const GValue *args,
                  gsize         n_args)
{
  return asab_message_new_full (message_type, args, n_args, NULL, NULL, 0);
}

/**
 * asab_message_new_full:
 * @message_type: the message type
 * @args: (array length=n_args) (nullable): the positional arguments
 * @n_args: how many positional arguments there are
 * @names: (array zero-terminated=1) (nullable): the names of the named arguments
 * @values: (array length=n_values) (nullable): the named arguments, in the order of @names
 * @n_values: how many named arguments there are
 *
 * Creates a message with positional and named arguments.
 *
 * Returns: (transfer full): a new message
 */
AsabMessage *
asab_message_new_full (const char         *message_type,
                       const GValue       *args,
                       gsize               n_args,
                       const char * const *names,
                       const GValue       *values,
                       gsize               n_values)
{
  AsabMessage *self;

  g_return_val_if_fail (message_type != NULL, NULL);
  g_return_val_if_fail (args != NULL || n_args == 0, NULL);
  g_return_val_if_fail (values != NULL || n_values == 0, NULL);
  g_return_val_if_fail ((names != NULL ? g_strv_length ((char **) names) : 0) == n_values, NULL);

  self = alloc_message (g_ref_string_new (message_type), n_args, n_values);
  copy_values (self->values, args, n_args);
  copy_values (self->values + n_args, values, n_values);
  for (gsize i = 0; i < n_values; i++)
    self->names[i] = g_strdup (names[i]);

  return self;
}

/**
 * asab_message_new_with: (skip)
 * @message_type: the message type
 * @first_type: the type of the first argument, or %G_TYPE_INVALID
 * @...: the first argument, then pairs of type and argument, then %G_TYPE_INVALID
 *
 * Creates a message from C values:
 *
 * ```c
 * message = asab_message_new_with ("Counter.changed!", G_TYPE_STRING, "errors", G_TYPE_INT, 2, G_TYPE_INVALID);
 * ```
 *
 * Returns: (transfer full): a new message
 */
AsabMessage *
asab_message_new_with (const char *message_type,
                       GType       first_type,
                       ...)
{
  AsabMessage *self;
  char *type_string;
  va_list va;

  g_return_val_if_fail (message_type != NULL, NULL);

  type_string = g_ref_string_new (message_type);
  va_start (va, first_type);
  self = asab_message_new_va (type_string, first_type, va);
  va_end (va);
  g_ref_string_release (type_string);

  return self;
}

/**
 * asab_message_ref:
 * @self: a message
 *
 * Adds a reference.
 *
 * Returns: (transfer full): @self
 */
AsabMessage *
asab_message_ref (AsabMessage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

/**
 * asab_message_unref:
 * @self: (transfer full): a message
 *
 * Drops a reference; the last one frees the message and its arguments.
 */
void
asab_message_unref (AsabMessage *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  for (guint i = 0; i < self->n_values; i++)
    g_value_unset (&self->values[i]);
  for (guint i = 0; self->names != NULL && self->names[i] != NULL; i++)
    g_free (self->names[i]);
  g_ref_string_release (self->type_string);
  g_free (self);
}

/* The message type as a GRefString, to be released by the caller. */
char *
asab_message_dup_type_string (AsabMessage *self)
{
  return g_ref_string_acquire (self->type_string);
}

/**
 * asab_message_get_message_type:
 * @self: a message
 *
 * Gets what kind of message this is.
 *
 * Returns: the message type
 */
const char *
asab_message_get_message_type (AsabMessage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->type_string;
}

/**
 * asab_message_get_n_args:
 * @self: a message
 *
 * Gets how many positional arguments there are.
 *
 * Returns: the number of positional arguments
 */
guint
asab_message_get_n_args (AsabMessage *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->n_args;
}

/**
 * asab_message_get_arg:
 * @self: a message
 * @index: the position of the argument, counted from 0
 *
 * Looks a positional argument up.
 *
 * Returns: (transfer none) (nullable): the argument, or %NULL if there is none or it was published unset
 */
const GValue *
asab_message_get_arg (AsabMessage *self,
                      guint        index)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (index >= self->n_args || !G_IS_VALUE (&self->values[index]))
    return NULL;

  return &self->values[index];
}

/**
 * asab_message_get_names:
 * @self: a message
 *
 * Gets the names of the named arguments, in the order in which they were given.
 *
 * Returns: (transfer none) (array zero-terminated=1): the names
 */
const char * const *
asab_message_get_names (AsabMessage *self)
{
  static const char * const no_names[] = { NULL };

  g_return_val_if_fail (self != NULL, no_names);

  return self->names != NULL ? (const char * const *) self->names : no_names;
}

/**
 * asab_message_get_named:
 * @self: a message
 * @name: the name of the argument
 *
 * Looks a named argument up.
 *
 * Returns: (transfer none) (nullable): the argument, or %NULL if there is none or it was published unset
 */
const GValue *
asab_message_get_named (AsabMessage *self,
                        const char  *name)
{
  const GValue *value;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  for (guint i = 0; self->names != NULL && self->names[i] != NULL; i++)
    {
      value = &self->values[self->n_args + i];
      if (g_str_equal (self->names[i], name))
        return G_IS_VALUE (value) ? value : NULL;
    }

  return NULL;
}

/* Sets @dest to what the argument says in @type; @dest is zero if there is no such argument or no such reading. */
static void
read_arg (AsabMessage *self,
          guint        index,
          GType        type,
          GValue      *dest)
{
  const GValue *arg = asab_message_get_arg (self, index);

  g_value_init (dest, type);
  if (arg != NULL)
    g_value_transform (arg, dest);
}

/**
 * asab_message_get_boolean:
 * @self: a message
 * @index: the position of the argument, counted from 0
 *
 * Reads a positional argument as a boolean.
 *
 * Returns: the argument; false if there is none, or it is no boolean and no number
 */
gboolean
asab_message_get_boolean (AsabMessage *self,
                          guint        index)
{
  GValue value = G_VALUE_INIT;

  g_return_val_if_fail (self != NULL, FALSE);

  read_arg (self, index, G_TYPE_BOOLEAN, &value);

  return g_value_get_boolean (&value);
}

/**
 * asab_message_get_int64:
 * @self: a message
 * @index: the position of the argument, counted from 0
 *
 * Reads a positional argument of any numeric type as an integer.
 *
 * Returns: the argument; 0 if there is none or it is no number
 */
gint64
asab_message_get_int64 (AsabMessage *self,
                        guint        index)
{
  GValue value = G_VALUE_INIT;

  g_return_val_if_fail (self != NULL, 0);

  read_arg (self, index, G_TYPE_INT64, &value);

  return g_value_get_int64 (&value);
}

/**
 * asab_message_get_double:
 * @self: a message
 * @index: the position of the argument, counted from 0
 *
 * Reads a positional argument of any numeric type as a floating-point number.
 *
 * Returns: the argument; 0 if there is none or it is no number
 */
double
asab_message_get_double (AsabMessage *self,
                         guint        index)
{
  GValue value = G_VALUE_INIT;

  g_return_val_if_fail (self != NULL, 0.0);

  read_arg (self, index, G_TYPE_DOUBLE, &value);

  return g_value_get_double (&value);
}

/**
 * asab_message_get_string:
 * @self: a message
 * @index: the position of the argument, counted from 0
 *
 * Gets a positional argument that is a string.
 *
 * Returns: (transfer none) (nullable): the string, or %NULL if there is none
 */
const char *
asab_message_get_string (AsabMessage *self,
                         guint        index)
{
  const GValue *arg = asab_message_get_arg (self, index);

  return arg != NULL && G_VALUE_HOLDS_STRING (arg) ? g_value_get_string (arg) : NULL;
}

/**
 * asab_message_get_object:
 * @self: a message
 * @index: the position of the argument, counted from 0
 *
 * Gets a positional argument that is an object.
 *
 * Returns: (transfer none) (nullable): the object, or %NULL if there is none
 */
GObject *
asab_message_get_object (AsabMessage *self,
                         guint        index)
{
  const GValue *arg = asab_message_get_arg (self, index);

  return arg != NULL && G_VALUE_HOLDS_OBJECT (arg) ? g_value_get_object (arg) : NULL;
}
