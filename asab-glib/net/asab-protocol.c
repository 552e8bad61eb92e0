/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "asab-protocol-private.h"

#include "asab-async-chat.h"

#include <asab-glib/core/asab-error.h>

#include <glib/gi18n-lib.h>

/* Checks what a factory has returned, which may be nothing without an error. */
gboolean
asab_protocol_check_made (AsabDispatcher  *channel,
                          GError         **error)
{
  if (channel != NULL)
    return TRUE;

  if (error != NULL && *error == NULL)
    g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_CALLBACK_FAILED, _("The factory made no channel"));

  return FALSE;
}

/* Asks a channel to come to its end. */
void
asab_protocol_dismiss (AsabDispatcher *channel)
{
  /* A handshake is nothing that one is at. */
  if (ASAB_IS_ASYNC_CHAT (channel) && asab_dispatcher_is_connected (channel))
    asab_async_chat_close_when_done (ASAB_ASYNC_CHAT (channel), NULL);
  else
    asab_dispatcher_close (channel);
}
