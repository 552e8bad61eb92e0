/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define ASTM_ERROR (astm_error_quark ())

/**
 * AstmError:
 * @ASTM_ERROR_CHECKSUM: the checksum of a frame is not that of its bytes
 * @ASTM_ERROR_CHARACTER: a character that is not allowed there
 * @ASTM_ERROR_MALFORMED: a frame or a record is not built as the standard says
 * @ASTM_ERROR_TOO_LARGE: more than is accepted
 * @ASTM_ERROR_HIERARCHY: a record stands below one that it does not belong to
 * @ASTM_ERROR_INCOMPLETE: a message ends before its terminator record
 * @ASTM_ERROR_BUSY: the other side has no time for a message, though it was asked several times
 * @ASTM_ERROR_REFUSED: the other side did not take a frame, though it was sent several times
 *
 * Errors of the ASTM protocols. That the other side does not answer is %G_IO_ERROR_TIMED_OUT, that it is gone
 * %ASAB_ERROR_CLOSED.
 */
typedef enum
{
  ASTM_ERROR_CHECKSUM,
  ASTM_ERROR_CHARACTER,
  ASTM_ERROR_MALFORMED,
  ASTM_ERROR_TOO_LARGE,
  ASTM_ERROR_HIERARCHY,
  ASTM_ERROR_INCOMPLETE,
  ASTM_ERROR_BUSY,
  ASTM_ERROR_REFUSED,
} AstmError;

GQuark astm_error_quark (void);

G_END_DECLS
