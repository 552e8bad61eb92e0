/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "program.h"

#include <glib/gstdio.h>
#include <string.h>

/* More than the buffers of the system take. */
#define FLOOD_SIZE (12 * 1000 * 1000)

/* The client's end of a connection: says what is pushed. */

typedef struct
{
  AsabAsyncChat parent_instance;
} Speaker;

typedef struct
{
  AsabAsyncChatClass parent_class;
} SpeakerClass;

static GType speaker_get_type (void);
G_DEFINE_FINAL_TYPE (Speaker, speaker, ASAB_TYPE_ASYNC_CHAT)

static void
speaker_class_init (SpeakerClass *klass G_GNUC_UNUSED)
{
}

static void
speaker_init (Speaker *self G_GNUC_UNUSED)
{
}

/* The server's end: counts what it is told. */

static AsabPromise *told; /* (owned) (nullable): resolved when it has heard the end */

#define LISTENER_TYPE (listener_get_type ())
G_DECLARE_FINAL_TYPE (Listener, listener, TEST, LISTENER, AsabAsyncChat)

struct _Listener
{
  AsabAsyncChat parent_instance;

  gsize n_received;
};

G_DEFINE_FINAL_TYPE (Listener, listener, ASAB_TYPE_ASYNC_CHAT)

static gboolean
listener_pull (AsabAsyncChat  *chat,
               GBytes         *data,
               GError        **error G_GNUC_UNUSED)
{
  TEST_LISTENER (chat)->n_received += g_bytes_get_size (data);

  return TRUE;
}

static void
listener_handle_close (AsabDispatcher *dispatcher)
{
  g_print ("%" G_GSIZE_FORMAT " bytes, then the end\n", TEST_LISTENER (dispatcher)->n_received);
  asab_dispatcher_close (dispatcher);
  asab_promise_resolve (told, NULL);
}

static void
listener_class_init (ListenerClass *klass)
{
  ASAB_DISPATCHER_CLASS (klass)->handle_close = listener_handle_close;
  ASAB_ASYNC_CHAT_CLASS (klass)->pull = listener_pull;
}

static void
listener_init (Listener *self G_GNUC_UNUSED)
{
}

/* The service, with the server of its client, which is there later. */

#define SPEAKER_TYPE_SERVICE (speaker_service_get_type ())
G_DECLARE_FINAL_TYPE (SpeakerService, speaker_service, SPEAKER, SERVICE, AsabStreamClientService)

struct _SpeakerService
{
  AsabStreamClientService parent_instance;

  AsabStreamClient *client; /* (not owned) (nullable) */
  AsabStreamServer *server; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (SpeakerService, speaker_service, ASAB_TYPE_STREAM_CLIENT_SERVICE)

static AsabFuture *
speaker_service_initialize (AsabComponent   *component,
                            AsabApplication *application G_GNUC_UNUSED)
{
  AsabStreamClientService *self = ASAB_STREAM_CLIENT_SERVICE (component);
  g_autoptr(GPtrArray) clients = NULL;
  GError *error = NULL;

  SPEAKER_SERVICE (self)->client =
    asab_stream_client_service_create_client (self, speaker_get_type (), NULL, &error);
  clients = asab_stream_client_service_dup_clients (self);
  g_assert_cmpuint (clients->len, ==, SPEAKER_SERVICE (self)->client != NULL ? 1 : 0);

  return error == NULL ? NULL : asab_future_new_take_error (error);
}

static AsabFuture *
stop_server (AsabFuture  *heard G_GNUC_UNUSED,
             gpointer     server,
             GError     **error G_GNUC_UNUSED)
{
  return asab_stream_server_stop (server);
}

/* The server stops when it has heard all. */
static AsabFuture *
speaker_service_terminate (AsabComponent   *component,
                           AsabApplication *application)
{
  SpeakerService *self = SPEAKER_SERVICE (component);
  g_autoptr(AsabFuture) stopped =
    ASAB_COMPONENT_CLASS (speaker_service_parent_class)->terminate (component, application);

  g_print ("terminate\n");
  if (self->server == NULL)
    return g_steal_pointer (&stopped);

  return asab_future_then (asab_promise_get_future (told), stop_server, g_object_ref (self->server), g_object_unref);
}

static void
speaker_service_finalize (GObject *object)
{
  g_clear_object (&SPEAKER_SERVICE (object)->server);
  g_clear_pointer (&told, asab_promise_unref);

  G_OBJECT_CLASS (speaker_service_parent_class)->finalize (object);
}

static void
speaker_service_class_init (SpeakerServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = speaker_service_finalize;
  ASAB_COMPONENT_CLASS (klass)->initialize = speaker_service_initialize;
  ASAB_COMPONENT_CLASS (klass)->terminate = speaker_service_terminate;
}

static void
speaker_service_init (SpeakerService *self G_GNUC_UNUSED)
{
}

/* Programs */

static gboolean
add_service (AsabApplication  *application,
             GError          **error G_GNUC_UNUSED)
{
  g_autoptr(SpeakerService) service G_GNUC_UNUSED =
    g_object_new (SPEAKER_TYPE_SERVICE, "application", application, "name", "speaker", NULL);

  return TRUE;
}

static SpeakerService *
get_service (AsabApplication *application)
{
  return SPEAKER_SERVICE (asab_application_get_service (application, "speaker"));
}

/* Starts the server to which the client is to connect, and stops the application while most of what the client has
 * to say waits to be sent. */
static gboolean
flood_main (AsabApplication  *application,
            GError          **error)
{
  SpeakerService *service = get_service (application);
  g_autofree char *address = NULL;
  g_autofree char *flood = g_strnfill (FLOOD_SIZE, '~');
  g_autoptr(GObject) channel = NULL;

  g_object_get (service->client, "address", &address, NULL);
  told = asab_promise_new ();
  service->server = asab_stream_server_new (LISTENER_TYPE);
  g_object_set (service->server, "listen", address, NULL);
  if (!asab_stream_server_start (service->server, error))
    return FALSE;

  channel = asab_await_object (ASAB_TEMP (asab_stream_client_wait_connected (service->client)), error);
  if (channel == NULL || !asab_async_chat_push_text (ASAB_ASYNC_CHAT (channel), flood, error))
    return FALSE;

  asab_application_stop (application, 0);

  return TRUE;
}

static int
flood_program (int    argc,
               char **argv)
{
  program_use_fast_clock ();

  return asab_run (argc, argv, .initialize = add_service, .main = flood_main);
}

static gboolean
settings_main (AsabApplication  *application,
               GError          **error G_GNUC_UNUSED)
{
  g_autofree char *address = NULL;
  g_autoptr(AsabTlsContext) tls = NULL;
  double max_delay;
  double idle_timeout;

  g_object_get (get_service (application)->client, "address", &address, "max-delay", &max_delay,
                "idle-timeout", &idle_timeout, "tls", &tls, NULL);
  g_print ("%s, %g s, idle for %g s%s\n", address, max_delay, idle_timeout, tls != NULL ? ", TLS" : "");
  asab_application_stop (application, 0);

  return TRUE;
}

static int
settings_program (int    argc,
                  char **argv)
{
  return asab_run (argc, argv, .initialize = add_service, .main = settings_main);
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
  g_autofree char *folder = g_dir_make_tmp ("asab-XXXXXX", NULL);
  g_autofree char *config = g_strdup_printf ("[speaker]\naddress=unix:%s/socket\n", folder);

  run_with (&result, "flood", config);
  program_assert (&result, 0, "terminate\n12000000 bytes, then the end\n");
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* Also without an answer. */
static void
test_settings (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  run_with (&result, "settings", "[speaker]\naddress=unix:/nonexistent/socket\nmax_delay=7\nidle_timeout=1m\n");
  program_assert (&result, 0, "unix:/nonexistent/socket, 7 s, idle for 60 s\nterminate\n");

  run_with (&result, "settings", "[speaker]\naddress=unix:/nonexistent/socket\nmax_delay=7\nverify_mode=none\n");
  program_assert (&result, 0, "unix:/nonexistent/socket, 7 s, idle for 0 s, TLS\nterminate\n");
}

static void
test_bad_setting (void)
{
  g_auto(ProgramResult) result = PROGRAM_RESULT_INIT;

  run_with (&result, "settings", "[speaker]\naddress=nowhere in particular\n");
  program_assert (&result, 1, "");
  program_assert_errors (&result, "Service “speaker” failed to initialize: “nowhere in particular” is no address");

  run_with (&result, "settings", "[speaker]\naddress=localhost 7\nmin_delay=0\n");
  program_assert (&result, 1, "");
  program_assert_errors (&result, "Service “speaker” failed to initialize: ");
  program_assert_errors (&result, "min_delay");

  run_with (&result, "settings", "[speaker]\naddress=localhost 7\ncafile=/no/such.crt\n");
  program_assert (&result, 1, "");
  program_assert_errors (&result, "/no/such.crt");
}

int
main (int    argc,
      char **argv)
{
  static const Program programs[] = {
    { "flood", flood_program },
    { "settings", settings_program },
  };
  int status;

  if (program_main (programs, G_N_ELEMENTS (programs), argc, argv, &status))
    return status;

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/stream-client-service/drain", test_drain);
  g_test_add_func ("/asab/stream-client-service/settings", test_settings);
  g_test_add_func ("/asab/stream-client-service/bad-setting", test_bad_setting);

  return g_test_run ();
}
