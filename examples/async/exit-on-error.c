/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A connection that is closed as soon as a task that uses it fails. */

#include <asab-glib/asab.h>

#define EXAMPLE_TYPE_CONNECTION (example_connection_get_type ())
G_DECLARE_FINAL_TYPE (ExampleConnection, example_connection, EXAMPLE, CONNECTION, GObject)

struct _ExampleConnection
{
  GObject parent_instance;
};

static AsabFuture *
example_connection_enter (AsabAsyncContext *context G_GNUC_UNUSED)
{
  g_print ("the connection is open\n");

  return asab_sleep (0);
}

static AsabFuture *
example_connection_exit (AsabAsyncContext *context G_GNUC_UNUSED,
                         const GError     *error)
{
  g_print ("the connection is closed: %s\n", error != NULL ? error->message : "all is well");

  return asab_sleep (0);
}

static void
example_connection_async_context_init (AsabAsyncContextInterface *iface)
{
  iface->enter = example_connection_enter;
  iface->exit = example_connection_exit;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (ExampleConnection, example_connection, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (ASAB_TYPE_ASYNC_CONTEXT, example_connection_async_context_init))

static void
example_connection_class_init (ExampleConnectionClass *klass G_GNUC_UNUSED)
{
}

static void
example_connection_init (ExampleConnection *self G_GNUC_UNUSED)
{
}

static gboolean
work (gpointer   data G_GNUC_UNUSED,
      GValue    *result G_GNUC_UNUSED,
      GError   **error)
{
  return asab_fiber_sleep (0, error);
}

static gboolean
fail (gpointer   data G_GNUC_UNUSED,
      GValue    *result G_GNUC_UNUSED,
      GError   **error)
{
  g_set_error_literal (error, ASAB_ERROR, ASAB_ERROR_FAILED, "nobody answers");

  return FALSE;
}

static gboolean
watch (AsabAsyncContext  *connection,
       AsabFiberFunc      func,
       GError           **error)
{
  g_autoptr(AsabFuture) task = asab_spawn (func, NULL, NULL);
  g_autoptr(AsabFuture) exited = asab_async_exit_on_error (connection, task, NULL);
  gboolean was_needed = asab_await_boolean (exited, error);

  g_print ("%s\n", was_needed ? "a task has failed" : "a task has ended well");

  return asab_future_is_resolved (exited);
}

static gboolean
use_connection (gpointer   data G_GNUC_UNUSED,
                GValue    *result G_GNUC_UNUSED,
                GError   **error)
{
  g_autoptr(AsabAsyncContext) connection = g_object_new (EXAMPLE_TYPE_CONNECTION, NULL);

  return asab_await (ASAB_TEMP (asab_async_context_enter (connection)), error) &&
         watch (connection, work, error) &&
         watch (connection, fail, error);
}

int
main (void)
{
  g_autoptr(AsabFuture) done = asab_spawn (use_connection, NULL, NULL);
  g_autoptr(GError) error = NULL;

  if (!asab_run_until_complete (done, NULL, &error))
    g_printerr ("%s\n", error->message);

  return error != NULL;
}
