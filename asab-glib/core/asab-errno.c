/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-errno-private.h"

#include <errno.h>

/*
 * asab_set_errno_error:
 * @error: return location for a #GIOErrorEnum
 * @format: what could not be done, a format of printf ()
 * @...: its arguments
 *
 * Makes an error of `errno`, as the system call left it; the reason goes behind what could not be done.
 *
 * Returns: false, for the caller to return
 */
gboolean
asab_set_errno_error (GError     **error,
                      const char  *format,
                      ...)
{
  int saved_errno = errno;
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (saved_errno), "%s: %s", message,
               g_strerror (saved_errno));

  return FALSE;
}
