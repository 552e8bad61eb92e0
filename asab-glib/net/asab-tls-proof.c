/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whether a key belongs to a certificate.
 *
 * GIO takes any two files, and each handshake fails later, at the client. It has no way to compare the two either, so
 * they are put to use: a server with them shakes hands with a client that believes everything.
 */

#include "config.h"

#include "asab-tls-files-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct
{
  guint n_left;              /* sides that are not done */
  GCancellable *cancellable; /* (not owned): when one side has failed */
  GError *error;             /* (owned) (nullable): the first */
} Trial;

static void
handshake_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  Trial *trial = user_data;
  g_autoptr(GError) error = NULL;

  trial->n_left--;
  if (g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, &error) || trial->error != NULL)
    return;

  trial->error = g_steal_pointer (&error);
  g_cancellable_cancel (trial->cancellable);
}

static gboolean
accept_any (void)
{
  return TRUE;
}

static GIOStream *
make_stream (int fd)
{
  g_autoptr(GSocket) socket = g_socket_new_from_fd (fd, NULL);

  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

static void
shake_hands (GIOStream *server,
             GIOStream *client,
             Trial     *trial)
{
  g_autoptr(GMainContext) context = g_main_context_new ();

  g_signal_connect (client, "accept-certificate", G_CALLBACK (accept_any), NULL);
  g_main_context_push_thread_default (context);
  trial->n_left = 2;
  g_tls_connection_handshake_async (G_TLS_CONNECTION (server), G_PRIORITY_DEFAULT, trial->cancellable, handshake_cb,
                                    trial);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (client), G_PRIORITY_DEFAULT, trial->cancellable, handshake_cb,
                                    trial);
  while (trial->n_left > 0)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
}

/* Tells whether @certificate can be used; if not, @error says why. */
gboolean
asab_tls_prove_key (GTlsCertificate  *certificate,
                    GError          **error)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GIOStream) server_base = NULL;
  g_autoptr(GIOStream) client_base = NULL;
  g_autoptr(GIOStream) server = NULL;
  g_autoptr(GIOStream) client = NULL;
  Trial trial = { .cancellable = cancellable };
  int fds[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
    {
      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
      return FALSE;
    }

  server_base = make_stream (fds[0]);
  client_base = make_stream (fds[1]);
  server = g_tls_server_connection_new (server_base, certificate, error);
  client = server != NULL ? g_tls_client_connection_new (client_base, NULL, error) : NULL;
  if (client == NULL)
    return FALSE;

  shake_hands (server, client, &trial);
  if (trial.error == NULL)
    return TRUE;

  g_set_error (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE, _("The key does not belong to the certificate: %s"),
               trial.error->message);
  g_error_free (trial.error);

  return FALSE;
}
