/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "program.h"

#include <asab-glib/asab-web.h>
#include <string.h>

static AsabFuture *
print_message (AsabPubSub   *bus G_GNUC_UNUSED,
               AsabMessage  *message,
               gpointer      user_data G_GNUC_UNUSED,
               GError      **error G_GNUC_UNUSED)
{
  g_print ("%s\n", asab_message_get_message_type (message));

  return NULL;
}

/* Runs an application with a web service, whose listen is the first argument. */
static int
run_application (char           **argv,
                 AsabPubSubFunc   started)
{
  static const char *const types[] = { "Application.init!", "WebContainer.stopped!", "Application.exit!" };
  g_autoptr(AsabApplication) application = asab_application_new (NULL, G_APPLICATION_NON_UNIQUE);
  AsabPubSub *bus = asab_application_get_pubsub (application);
  g_autoptr(AsabWebService) service = asab_web_service_new (application);

  asab_config_add_default (asab_application_get_config (application), "web", "listen", argv[1]);
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    asab_pubsub_subscribe (bus, types[i], print_message, NULL, NULL);
  asab_pubsub_subscribe (bus, "WebContainer.started!", started, service, NULL);

  return asab_application_run (application, 1, argv);
}

/* Sends a request to the service from a fiber, and waits for the end of the answer. */
static char *
exchange (AsabWebService  *service,
          GError         **error)
{
  static const char request[] = "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  g_auto(GStrv) addresses = asab_web_container_dup_addresses (asab_web_service_get_container (service));
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  g_autoptr(GSocketConnection) connection = NULL;
  g_autoptr(GOutputStream) answer = g_memory_output_stream_new_resizable ();
  GOutputStream *output;

  g_socket_client_connect_to_host_async (client, addresses[0] + strlen ("http://"), 0, ASAB_READY);
  connection = g_socket_client_connect_to_host_finish (client, ASAB_RESULT, error);
  if (connection == NULL)
    return NULL;

  output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  if (!g_output_stream_write_all (output, request, strlen (request), NULL, NULL, error))
    return NULL;

  g_output_stream_splice_async (answer, g_io_stream_get_input_stream (G_IO_STREAM (connection)),
                                G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, G_PRIORITY_DEFAULT, ASAB_READY);
  if (g_output_stream_splice_finish (answer, ASAB_RESULT, error) < 0)
    return NULL;

  return g_strndup (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (answer)),
                    g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (answer)));
}

static AsabFuture *
say_hello (AsabWebRequest  *request,
           gpointer         user_data G_GNUC_UNUSED,
           GError         **error G_GNUC_UNUSED)
{
  asab_web_request_respond_text (request, "hello");

  return NULL;
}

static gboolean
run_client (gpointer   user_data,
            GValue    *result G_GNUC_UNUSED,
            GError   **error)
{
  g_autofree char *answer = exchange (user_data, error);

  if (answer == NULL)
    return FALSE;

  g_print ("%s\n", strrchr (answer, '\n') + 1);
  asab_application_stop (asab_application_get_default (), 0);

  return TRUE;
}

static AsabFuture *
start_client (AsabPubSub   *bus G_GNUC_UNUSED,
              AsabMessage  *message,
              gpointer      user_data,
              GError      **error G_GNUC_UNUSED)
{
  AsabWebService *service = user_data;

  print_message (bus, message, NULL, NULL);
  g_assert_true (asab_message_get_object (message, 0) == (gpointer) asab_web_service_get_container (service));
  asab_web_router_add_get (asab_web_service_get_router (service), "/hello", say_hello, NULL, NULL, NULL);

  return asab_spawn (run_client, service, NULL);
}

static int
serve (int    argc G_GNUC_UNUSED,
       char **argv)
{
  return run_application (argv, start_client);
}

static gboolean
stop_and_answer (AsabWebRequest  *request,
                 gpointer         user_data G_GNUC_UNUSED,
                 GError         **error)
{
  AsabFuture *exiting = asab_pubsub_wait_message (asab_application_get_pubsub (asab_application_get_default ()),
                                                  "Application.exit!");

  asab_application_stop (asab_application_get_default (), 0);
  if (!asab_await (ASAB_TEMP (exiting), error))
    return FALSE;

  asab_web_request_respond_text (request, "goodbye");

  return TRUE;
}

static gboolean
run_late_client (gpointer   user_data,
                 GValue    *result G_GNUC_UNUSED,
                 GError   **error)
{
  g_autofree char *answer = exchange (user_data, error);

  return answer != NULL; /* if the application runs that long; the server's log tells what the answer was */
}

static AsabFuture *
start_late_client (AsabPubSub   *bus G_GNUC_UNUSED,
                   AsabMessage  *message G_GNUC_UNUSED,
                   gpointer      user_data,
                   GError      **error G_GNUC_UNUSED)
{
  AsabWebService *service = user_data;

  asab_web_router_add_fiber (asab_web_service_get_router (service), "GET", "/hello", stop_and_answer, NULL, NULL, NULL);

  return asab_spawn (run_late_client, service, NULL);
}

static int
stop (int    argc G_GNUC_UNUSED,
      char **argv)
{
  return run_application (argv, start_late_client);
}

static void
test_serve (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "serve", "127.0.0.1 0", NULL);
  program_assert (&result, 0,
                  "Application.init!\nWebContainer.started!\nhello\nApplication.exit!\nWebContainer.stopped!\n");
  program_assert_errors (&result, "NOTICE asab.web Listening at http://127.0.0.1:");
  program_assert_errors (&result, "NOTICE asab.web.al [sd I=\"127.0.0.1\" al.m=\"GET\" al.p=\"/hello\" al.c=\"200\"");
}

/* What was in flight when the application was stopped is answered. */
static void
test_stop (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "stop", "127.0.0.1 0", NULL);
  program_assert (&result, 0, "Application.init!\nApplication.exit!\nWebContainer.stopped!\n");
  program_assert_errors (&result, "al.p=\"/hello\" al.c=\"200\"");
}

static void
test_port_in_use (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_autoptr(AsabWebContainer) container = asab_web_container_new ();
  g_auto(GStrv) addresses = NULL;
  g_autofree char *listen = NULL;
  g_autofree char *message = NULL;
  g_autoptr(GError) error = NULL;

  g_object_set (container, "listen", "127.0.0.1 0", NULL);
  asab_web_container_listen (container, &error);
  g_assert_no_error (error);
  addresses = asab_web_container_dup_addresses (container);
  listen = g_strdup_printf ("127.0.0.1%s", strrchr (addresses[0], ':'));

  program_run (&result, "serve", listen, NULL);
  program_assert (&result, 1, "Application.exit!\n");
  message = g_strdup_printf ("Cannot listen at “%s”", listen);
  program_assert_errors (&result, message);
}

static void
test_bad_address (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  program_run (&result, "serve", "nowhere", NULL);
  program_assert (&result, 1, "Application.exit!\n");
  program_assert_errors (&result, "“nowhere” is no address to listen at: give an address and a port");
}

int
main (int   argc,
      char *argv[])
{
  static const Program programs[] = { { "serve", serve }, { "stop", stop } };
  int status;

  if (program_main (programs, G_N_ELEMENTS (programs), argc, argv, &status))
    return status;

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/web/service/serve", test_serve);
  g_test_add_func ("/asab/web/service/stop", test_stop);
  g_test_add_func ("/asab/web/service/port-in-use", test_port_in_use);
  g_test_add_func ("/asab/web/service/bad-address", test_bad_address);

  return g_test_run ();
}
