/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-version-macros.h>
#include <glib-object.h>

G_BEGIN_DECLS

#define ASAB_WEB_ERROR (asab_web_error_quark ())

/**
 * AsabWebError:
 * @ASAB_WEB_ERROR_BAD_REQUEST: the request cannot be understood
 * @ASAB_WEB_ERROR_UNAUTHORIZED: the client has to say who it is
 * @ASAB_WEB_ERROR_FORBIDDEN: the client may not do this
 * @ASAB_WEB_ERROR_NOT_FOUND: there is no such thing
 * @ASAB_WEB_ERROR_METHOD_NOT_ALLOWED: the thing does not know this method
 * @ASAB_WEB_ERROR_NOT_ACCEPTABLE: the client accepts no form that the thing has
 * @ASAB_WEB_ERROR_CONFLICT: the thing is in another state than the request supposes
 * @ASAB_WEB_ERROR_GONE: the thing is no more
 * @ASAB_WEB_ERROR_PRECONDITION_FAILED: a condition of the request does not hold
 * @ASAB_WEB_ERROR_CONTENT_TOO_LARGE: the body is larger than allowed
 * @ASAB_WEB_ERROR_UNSUPPORTED_MEDIA_TYPE: the body has a form that is not understood
 * @ASAB_WEB_ERROR_UNPROCESSABLE_CONTENT: the body is understood and makes no sense
 * @ASAB_WEB_ERROR_TOO_MANY_REQUESTS: the client asks too often
 * @ASAB_WEB_ERROR_INTERNAL_SERVER_ERROR: the server has failed
 * @ASAB_WEB_ERROR_NOT_IMPLEMENTED: the server cannot do this
 * @ASAB_WEB_ERROR_BAD_GATEWAY: another server answered nonsense
 * @ASAB_WEB_ERROR_SERVICE_UNAVAILABLE: the server cannot do this now
 * @ASAB_WEB_ERROR_GATEWAY_TIMEOUT: another server took too long
 *
 * Errors that are told to the client: a handler that fails with one of them is answered with its status and its
 * message.
 *
 * Each code is the number of the HTTP status.
 */
typedef enum
{
  ASAB_WEB_ERROR_BAD_REQUEST = 400,
  ASAB_WEB_ERROR_UNAUTHORIZED = 401,
  ASAB_WEB_ERROR_FORBIDDEN = 403,
  ASAB_WEB_ERROR_NOT_FOUND = 404,
  ASAB_WEB_ERROR_METHOD_NOT_ALLOWED = 405,
  ASAB_WEB_ERROR_NOT_ACCEPTABLE = 406,
  ASAB_WEB_ERROR_CONFLICT = 409,
  ASAB_WEB_ERROR_GONE = 410,
  ASAB_WEB_ERROR_PRECONDITION_FAILED = 412,
  ASAB_WEB_ERROR_CONTENT_TOO_LARGE = 413,
  ASAB_WEB_ERROR_UNSUPPORTED_MEDIA_TYPE = 415,
  ASAB_WEB_ERROR_UNPROCESSABLE_CONTENT = 422,
  ASAB_WEB_ERROR_TOO_MANY_REQUESTS = 429,
  ASAB_WEB_ERROR_INTERNAL_SERVER_ERROR = 500,
  ASAB_WEB_ERROR_NOT_IMPLEMENTED = 501,
  ASAB_WEB_ERROR_BAD_GATEWAY = 502,
  ASAB_WEB_ERROR_SERVICE_UNAVAILABLE = 503,
  ASAB_WEB_ERROR_GATEWAY_TIMEOUT = 504,
} AsabWebError;

ASAB_AVAILABLE_IN_ALL
GQuark asab_web_error_quark (void);

G_END_DECLS
