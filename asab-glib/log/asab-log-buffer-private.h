/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/*
 * Text that grows. With a descriptor it has a fixed size instead, and writes when it is full, so that what formats into
 * it can do so in the handler of a signal. As that has to end, it gives up if nobody takes what it writes.
 */
typedef struct
{
  char *text; /* no NUL at the end */
  gsize length;
  gsize capacity;
  int fd; /* -1: grows */
  gboolean has_given_up;
} AsabLogBuffer;

#define ASAB_LOG_BUFFER_INIT { .fd = -1 }

void     asab_log_buffer_make_room (AsabLogBuffer *self,
                                    gsize          length);
void     asab_log_buffer_append    (AsabLogBuffer *self,
                                    const char    *text,
                                    gsize          length);
gboolean asab_log_write_all        (int            fd,
                                    const char    *text,
                                    gsize          length,
                                    gsize         *n_written);
void     asab_log_buffer_write_out (AsabLogBuffer *self);
void     asab_log_buffer_empty     (AsabLogBuffer *self);
void     asab_log_buffer_clear     (AsabLogBuffer *self);

/* Returns: a place for @length bytes, which become part of the text when its length is increased */
static inline char *
asab_log_buffer_reserve (AsabLogBuffer *self,
                         gsize          length)
{
  if (G_UNLIKELY (self->capacity - self->length < length))
    asab_log_buffer_make_room (self, length);

  return self->text + self->length;
}

static inline void
asab_log_buffer_append_c (AsabLogBuffer *self,
                          char           c)
{
  *asab_log_buffer_reserve (self, 1) = c;
  self->length++;
}

static inline void
asab_log_buffer_append_string (AsabLogBuffer *self,
                               const char    *text)
{
  asab_log_buffer_append (self, text, strlen (text));
}

G_END_DECLS
