/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "program.h"
#include "tls-files.h"

#include <glib/gstdio.h>
#include <string.h>

/* More than the buffers of the system take. */
#define FLOOD_SIZE (12 * 1000 * 1000)

/* Answers each line with itself, and some lines with a flood. */

typedef struct
{
  AsabAsyncChat parent_instance;
} Echo;

typedef struct
{
  AsabAsyncChatClass parent_class;
} EchoClass;

static GType echo_get_type (void);
G_DEFINE_FINAL_TYPE (Echo, echo, ASAB_TYPE_ASYNC_CHAT)

static gboolean
echo_found_terminator (AsabAsyncChat  *chat,
                       GError        **error)
{
  g_autofree char *line = asab_async_chat_take_line (chat);
  g_autofree char *answer = g_str_equal (line, "flood") ? g_strnfill (FLOOD_SIZE, '~') : g_strconcat (line, "\n", NULL);

  return asab_async_chat_push_text (chat, answer, error);
}

static void
echo_class_init (EchoClass *klass)
{
  ASAB_ASYNC_CHAT_CLASS (klass)->found_terminator = echo_found_terminator;
}

static void
echo_init (Echo *self)
{
  asab_async_chat_set_terminator (ASAB_ASYNC_CHAT (self), "\n");
}

/* The service: it is terminated when its client has read all. */

#define ECHO_TYPE_SERVICE (echo_service_get_type ())
G_DECLARE_FINAL_TYPE (EchoService, echo_service, ECHO, SERVICE, AsabStreamServerService)

struct _EchoService
{
  AsabStreamServerService parent_instance;

  AsabFuture *reading; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (EchoService, echo_service, ASAB_TYPE_STREAM_SERVER_SERVICE)

static AsabFuture *
echo_service_initialize (AsabComponent   *component,
                         AsabApplication *application G_GNUC_UNUSED)
{
  AsabStreamServerService *self = ASAB_STREAM_SERVER_SERVICE (component);
  g_autoptr(GPtrArray) servers = NULL;
  GError *error = NULL;
  AsabStreamServer *server = asab_stream_server_service_create_server (self, echo_get_type (), NULL, &error);

  servers = asab_stream_server_service_dup_servers (self);
  g_assert_cmpuint (servers->len, ==, server != NULL ? 1 : 0);

  return server != NULL ? NULL : asab_future_new_take_error (error);
}

static AsabFuture *
echo_service_terminate (AsabComponent   *component,
                        AsabApplication *application)
{
  g_autoptr(AsabFuture) stopped =
    ASAB_COMPONENT_CLASS (echo_service_parent_class)->terminate (component, application);

  g_print ("terminate\n");
  if (ECHO_SERVICE (component)->reading == NULL)
    return g_steal_pointer (&stopped);

  return asab_future_all_settled ((AsabFuture *[]) { stopped, ECHO_SERVICE (component)->reading }, 2);
}

static void
echo_service_finalize (GObject *object)
{
  g_clear_pointer (&ECHO_SERVICE (object)->reading, asab_future_unref);

  G_OBJECT_CLASS (echo_service_parent_class)->finalize (object);
}

static void
echo_service_class_init (EchoServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = echo_service_finalize;
  ASAB_COMPONENT_CLASS (klass)->initialize = echo_service_initialize;
  ASAB_COMPONENT_CLASS (klass)->terminate = echo_service_terminate;
}

static void
echo_service_init (EchoService *self G_GNUC_UNUSED)
{
}

/* The client, in fibers of the same process. */

static GIOStream *
connect_client (AsabStreamServer  *server,
                GError           **error)
{
  g_auto(GStrv) addresses = asab_stream_server_dup_addresses (server);
  g_autoptr(GSocketClient) client = g_socket_client_new ();

  g_socket_client_connect_to_host_async (client, addresses[0], 0, ASAB_READY);

  return (GIOStream *) g_socket_client_connect_to_host_finish (client, ASAB_RESULT, error);
}

/* Sends a line, and gives the beginning of the answer. */
static char *
ask (GIOStream   *stream,
     const char  *line,
     gsize        size,
     GError     **error)
{
  g_autofree char *answer = g_malloc0 (size + 1);

  if (!g_output_stream_write_all (g_io_stream_get_output_stream (stream), line, strlen (line), NULL, NULL, error))
    return NULL;

  g_input_stream_read_all_async (g_io_stream_get_input_stream (stream), answer, size, G_PRIORITY_DEFAULT, ASAB_READY);
  if (!g_input_stream_read_all_finish (g_io_stream_get_input_stream (stream), ASAB_RESULT, NULL, error))
    return NULL;

  return g_steal_pointer (&answer);
}

static gboolean
read_rest (gpointer   stream,
           GValue    *result G_GNUC_UNUSED,
           GError   **error)
{
  GInputStream *input = g_io_stream_get_input_stream (stream);
  gsize n_read = 0;
  gssize size;

  do
    {
      g_autoptr(GBytes) bytes = NULL;

      g_input_stream_read_bytes_async (input, 65536, G_PRIORITY_DEFAULT, ASAB_READY);
      bytes = g_input_stream_read_bytes_finish (input, ASAB_RESULT, error);
      size = bytes != NULL ? (gssize) g_bytes_get_size (bytes) : -1;
      n_read += (gsize) MAX (size, 0);
    }
  while (size > 0);
  g_print ("%" G_GSIZE_FORMAT " bytes, then the end\n", n_read);

  return size == 0;
}

/* Programs */

static gboolean
add_service (AsabApplication  *application,
             GError          **error G_GNUC_UNUSED)
{
  g_autoptr(EchoService) service G_GNUC_UNUSED =
    g_object_new (ECHO_TYPE_SERVICE, "application", application, "name", "echo", NULL);

  return TRUE;
}

static AsabStreamServer *
dup_server (AsabApplication *application)
{
  AsabService *service = asab_application_get_service (application, "echo");
  g_autoptr(GPtrArray) servers = asab_stream_server_service_dup_servers (ASAB_STREAM_SERVER_SERVICE (service));

  return g_object_ref (g_ptr_array_index (servers, 0));
}

/* Stops the application while most of an answer waits to be sent. */
static gboolean
flood_main (AsabApplication  *application,
            GError          **error)
{
  EchoService *service = ECHO_SERVICE (asab_application_get_service (application, "echo"));
  g_autoptr(AsabStreamServer) server = dup_server (application);
  g_autoptr(GIOStream) stream = connect_client (server, error);
  g_autofree char *answer = stream != NULL ? ask (stream, "hello\n", strlen ("hello\n"), error) : NULL;
  g_autofree char *beginning = answer != NULL ? ask (stream, "flood\n", 1, error) : NULL;

  if (beginning == NULL)
    return FALSE;

  g_print ("%s%s\n", answer, beginning);
  service->reading = asab_spawn (read_rest, g_object_ref (stream), g_object_unref);
  asab_application_stop (application, 0);

  return TRUE;
}

static int
flood_program (int    argc,
               char **argv)
{
  return asab_run (argc, argv, .initialize = add_service, .main = flood_main);
}

static gboolean
settings_main (AsabApplication  *application,
               GError          **error G_GNUC_UNUSED)
{
  g_autoptr(AsabStreamServer) server = dup_server (application);
  guint connection_limit;
  double idle_timeout;

  g_object_get (server, "connection-limit", &connection_limit, "idle-timeout", &idle_timeout, NULL);
  g_print ("at most %u, idle for %g s\n", connection_limit, idle_timeout);
  asab_application_stop (application, 0);

  return TRUE;
}

static int
settings_program (int    argc,
                  char **argv)
{
  return asab_run (argc, argv, .initialize = add_service, .main = settings_main);
}

static gboolean
tls_main (AsabApplication  *application,
          GError          **error G_GNUC_UNUSED)
{
  g_autoptr(AsabStreamServer) server = dup_server (application);
  g_autoptr(AsabTlsContext) context = NULL;
  AsabTlsVerifyMode mode;

  g_object_get (server, "tls", &context, NULL);
  g_object_get (context, "verify-mode", &mode, NULL);
  g_print ("TLS, mode %d\n", mode);
  asab_application_stop (application, 0);

  return TRUE;
}

static int
tls_program (int    argc,
             char **argv)
{
  return asab_run (argc, argv, .initialize = add_service, .main = tls_main);
}

/* The client says nothing, so that it is left. */
static gboolean
idle_main (AsabApplication  *application,
           GError          **error)
{
  g_autoptr(AsabStreamServer) server = dup_server (application);
  g_autoptr(GIOStream) stream = connect_client (server, error);

  if (stream == NULL || !read_rest (stream, NULL, error))
    return FALSE;
  asab_application_stop (application, 0);

  return TRUE;
}

static int
idle_program (int    argc,
              char **argv)
{
  program_use_fast_clock ();

  return asab_run (argc, argv, .initialize = add_service, .main = idle_main);
}

/* Tests */

static void
run_with (ProgramResult *result,
          const char    *program,
          const char    *config)
{
  g_autofree char *path = program_write_file (config);

  program_run (result, program, "-c", path, NULL);
  g_assert_no_errno (g_unlink (path));
}

static void
test_drain (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  run_with (&result, "flood", "[echo]\nlisten=127.0.0.1 0\n");
  program_assert (&result, 0, "hello\n~\nterminate\n11999999 bytes, then the end\n");
  g_assert_cmpstr (result.errors, ==, "");
}

static void
test_settings (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  run_with (&result, "settings", "[echo]\nlisten=127.0.0.1 0\nconnection_limit=7\nidle_timeout=60\n");
  program_assert (&result, 0, "at most 7, idle for 60 s\nterminate\n");
  g_assert_cmpstr (result.errors, ==, "");
}

static void
test_tls (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;
  g_autofree char *cert = tls_files_path ("server.crt");
  g_autofree char *key = tls_files_path ("server.key");
  g_autofree char *config = g_strdup_printf ("[echo]\nlisten=127.0.0.1 0\ncert=%s\nkey=%s\nverify_mode=none\n",
                                             cert, key);

  run_with (&result, "tls", config);
  program_assert (&result, 0, "TLS, mode 1\nterminate\n");
  g_assert_cmpstr (result.errors, ==, "");
}

/* A server that was meant to be protected does not start without. */
static void
test_bad_tls (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  run_with (&result, "tls", "[echo]\nlisten=127.0.0.1 0\ncert=/no/such.crt\n");
  program_assert (&result, 1, "");
  program_assert_errors (&result, "Section “echo”: Key “cert”, file “/no/such.crt”: ");

  run_with (&result, "tls", "[echo]\nlisten=127.0.0.1 0\nverify_mode=required\n");
  program_assert (&result, 1, "");
  program_assert_errors (&result, "A TLS server needs a certificate");
}

static void
test_idle (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  run_with (&result, "idle", "[echo]\nlisten=127.0.0.1 0\nidle_timeout=60\n");
  program_assert (&result, 0, "0 bytes, then the end\nterminate\n");
}

static void
test_bad_address (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  run_with (&result, "settings", "[echo]\nlisten=nowhere in particular\n");
  program_assert (&result, 1, "");
  program_assert_errors (&result, " ERROR asab Service “echo” failed to initialize: ");
  program_assert_errors (&result, "nowhere in particular");

  run_with (&result, "settings", "[other]\nlisten=127.0.0.1 0\n");
  program_assert (&result, 1, "");
  program_assert_errors (&result, "Service “echo” failed to initialize: There is no address to listen at\n");
}

static void
test_bad_setting (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  run_with (&result, "settings", "[echo]\nlisten=127.0.0.1 0\nconnection_limit=0\n");
  program_assert (&result, 1, "");
  program_assert_errors (&result, " ERROR asab Service “echo” failed to initialize: ");
  program_assert_errors (&result, "connection_limit");
}

int
main (int    argc,
      char **argv)
{
  static const Program programs[] = {
    { "flood", flood_program },
    { "idle", idle_program },
    { "settings", settings_program },
    { "tls", tls_program },
  };
  int status;

  if (program_main (programs, G_N_ELEMENTS (programs), argc, argv, &status))
    return status;

  g_test_init (&argc, &argv, NULL);
  tls_files_set_up ();

  g_test_add_func ("/asab/stream-server-service/drain", test_drain);
  g_test_add_func ("/asab/stream-server-service/settings", test_settings);
  g_test_add_func ("/asab/stream-server-service/tls", test_tls);
  g_test_add_func ("/asab/stream-server-service/bad-tls", test_bad_tls);
  g_test_add_func ("/asab/stream-server-service/idle", test_idle);
  g_test_add_func ("/asab/stream-server-service/bad-address", test_bad_address);
  g_test_add_func ("/asab/stream-server-service/bad-setting", test_bad_setting);

  status = g_test_run ();
  tls_files_tear_down ();

  return status;
}
