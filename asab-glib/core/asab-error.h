/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-version-macros.h>
#include <glib-object.h>

G_BEGIN_DECLS

#define ASAB_ERROR (asab_error_quark ())

/**
 * AsabError:
 * @ASAB_ERROR_FAILED: something failed that has no code of its own
 * @ASAB_ERROR_CALLBACK_FAILED: a callback reported failure without saying why, or raised an exception
 * @ASAB_ERROR_BROKEN_PROMISE: the last promise was dropped before its future was completed
 * @ASAB_ERROR_NOT_FIBER: only a fiber may wait here
 * @ASAB_ERROR_DEADLOCK: the wait could never end
 * @ASAB_ERROR_CLOSED: the object is closed
 * @ASAB_ERROR_PENDING: the future is not completed yet
 * @ASAB_ERROR_ALREADY_STARTED: it was started before
 * @ASAB_ERROR_NOT_MANAGED: the task belongs to somebody else
 * @ASAB_ERROR_NO_LOADER: no loader is registered for the key
 * @ASAB_ERROR_NO_SUCH_KEY: there is no such key
 * @ASAB_ERROR_READ_ONLY: the property cannot be written
 * @ASAB_ERROR_UNREADABLE: the property cannot be read
 * @ASAB_ERROR_NO_SUCH_METHOD: the object has no such method
 * @ASAB_ERROR_TYPE_MISMATCH: the value has another type
 * @ASAB_ERROR_NOT_IMPLEMENTED: a virtual function that has to be overridden was not
 * @ASAB_ERROR_EXIT_NOW: leave the loop
 * @ASAB_ERROR_EXISTS: there is one already
 * @ASAB_ERROR_NO_RESOURCES: a limit of the system was reached
 * @ASAB_ERROR_MULTIPLE: several errors, see [func@Error.get_errors]
 *
 * Errors of the library that have no domain of their own.
 *
 * A time-out is %G_IO_ERROR_TIMED_OUT and a cancellation %G_IO_ERROR_CANCELLED everywhere.
 */
typedef enum
{
  ASAB_ERROR_FAILED,
  ASAB_ERROR_CALLBACK_FAILED,
  ASAB_ERROR_BROKEN_PROMISE,
  ASAB_ERROR_NOT_FIBER,
  ASAB_ERROR_DEADLOCK,
  ASAB_ERROR_CLOSED,
  ASAB_ERROR_PENDING,
  ASAB_ERROR_ALREADY_STARTED,
  ASAB_ERROR_NOT_MANAGED,
  ASAB_ERROR_NO_LOADER,
  ASAB_ERROR_NO_SUCH_KEY,
  ASAB_ERROR_READ_ONLY,
  ASAB_ERROR_UNREADABLE,
  ASAB_ERROR_NO_SUCH_METHOD,
  ASAB_ERROR_TYPE_MISMATCH,
  ASAB_ERROR_NOT_IMPLEMENTED,
  ASAB_ERROR_EXIT_NOW,
  ASAB_ERROR_EXISTS,
  ASAB_ERROR_NO_RESOURCES,
  ASAB_ERROR_MULTIPLE,
} AsabError;

ASAB_AVAILABLE_IN_ALL
GQuark     asab_error_quark        (void);

ASAB_AVAILABLE_IN_ALL
GError    *asab_error_new_multiple (const char        *message,
                                    GPtrArray         *errors);
ASAB_AVAILABLE_IN_ALL
GPtrArray *asab_error_get_errors   (const GError      *error);

G_END_DECLS
