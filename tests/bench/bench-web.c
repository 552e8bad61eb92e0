/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One answer, served by three servers: ours with its access log, libsoup's, and libmicrohttpd's own loop with a bare
 * callback. Which one is the argument; the address is printed when it listens, and the process serves until it is
 * killed. The log goes to standard error. */

#include <asab-glib/asab-web.h>

#include <libsoup/soup.h>
#include <microhttpd.h>
#include <string.h>

#define HELLO "Hello, world!\n"
#define BACKLOG 1024

static void
print_address (guint port)
{
  g_print ("http://127.0.0.1:%u/hello\n", port);
}

/* Ours */

static AsabFuture *
say_hello (AsabWebRequest  *request,
           gpointer         user_data G_GNUC_UNUSED,
           GError         **error G_GNUC_UNUSED)
{
  asab_web_request_respond_text (request, HELLO);

  return NULL;
}

static void
serve_asab (void)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(AsabWebContainer) container = asab_web_container_new ();
  g_autoptr(AsabFuture) started = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) addresses = NULL;

  asab_log_install ();
  asab_web_router_add_get (asab_web_container_get_router (container), "/hello", say_hello, NULL, NULL, NULL);
  g_object_set (container, "listen", "127.0.0.1 0", "backlog", BACKLOG, NULL);
  started = asab_web_container_start (container);
  asab_future_get_value (started, &error);
  g_assert_no_error (error);

  addresses = asab_web_container_dup_addresses (container);
  g_print ("%s/hello\n", addresses[0]);
  g_main_loop_run (loop);
}

/* libsoup's */

static void
say_hello_soup (SoupServer        *server G_GNUC_UNUSED,
                SoupServerMessage *message,
                const char        *path G_GNUC_UNUSED,
                GHashTable        *query G_GNUC_UNUSED,
                gpointer           user_data G_GNUC_UNUSED)
{
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_server_message_set_response (message, "text/plain; charset=utf-8", SOUP_MEMORY_STATIC, HELLO, strlen (HELLO));
}

/* soup_server_listen_local() has a backlog of 10, which decides the result with 64 clients. */
static GSocket *
open_socket (void)
{
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr(GError) error = NULL;
  GSocket *socket;

  socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_set_listen_backlog (socket, BACKLOG);
  g_socket_bind (socket, address, TRUE, &error);
  g_assert_no_error (error);
  g_socket_listen (socket, &error);
  g_assert_no_error (error);

  return socket;
}

static void
serve_soup (void)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(SoupServer) server = soup_server_new ("server-header", "libsoup", NULL);
  g_autoptr(GSocket) socket = open_socket ();
  g_autoptr(GSocketAddress) address = g_socket_get_local_address (socket, NULL);
  g_autoptr(GError) error = NULL;

  soup_server_add_handler (server, "/hello", say_hello_soup, NULL, NULL);
  soup_server_listen_socket (server, socket, 0, &error);
  g_assert_no_error (error);

  print_address (g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
  g_main_loop_run (loop);
}

/* libmicrohttpd's */

static enum MHD_Result
say_hello_mhd (void                   *user_data G_GNUC_UNUSED,
               struct MHD_Connection  *connection,
               const char             *url,
               const char             *method G_GNUC_UNUSED,
               const char             *version G_GNUC_UNUSED,
               const char             *data G_GNUC_UNUSED,
               size_t                 *size G_GNUC_UNUSED,
               void                  **context)
{
  gboolean is_found = strcmp (url, "/hello") == 0;
  struct MHD_Response *response;
  enum MHD_Result result;

  if (*context == NULL)
    {
      *context = connection; /* the headers are there, the request is not complete */
      return MHD_YES;
    }

  response = MHD_create_response_from_buffer (strlen (HELLO), (void *) HELLO, MHD_RESPMEM_PERSISTENT);
  MHD_add_response_header (response, "Content-Type", "text/plain; charset=utf-8");
  result = MHD_queue_response (connection, is_found ? 200 : 404, response);
  MHD_destroy_response (response);

  return result;
}

static void
serve_mhd (void)
{
  struct MHD_Daemon *daemon = MHD_start_daemon (MHD_USE_EPOLL, 0, NULL, NULL, say_hello_mhd, NULL,
                                                MHD_OPTION_LISTEN_BACKLOG_SIZE, BACKLOG,
                                                MHD_OPTION_CONNECTION_LIMIT, 10000,
                                                MHD_OPTION_END);

  g_assert_nonnull (daemon);
  print_address (MHD_get_daemon_info (daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
  while (MHD_run_wait (daemon, -1) == MHD_YES)
    ;
}

int
main (int   argc,
      char *argv[])
{
  const char *server = argc == 2 ? argv[1] : "";

  if (g_str_equal (server, "asab"))
    serve_asab ();
  else if (g_str_equal (server, "soup"))
    serve_soup ();
  else if (g_str_equal (server, "microhttpd"))
    serve_mhd ();
  else
    g_printerr ("usage: bench-web asab|soup|microhttpd\n");

  return 1;
}
