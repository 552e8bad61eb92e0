/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab-alarm-module.h"

#include "lab-result.h"

/**
 * LabAlarmModule:
 *
 * Logs the results that somebody should look at now. This is all that it takes to do something with results.
 */
struct _LabAlarmModule
{
  AsabModule parent_instance;
};

G_DEFINE_FINAL_TYPE (LabAlarmModule, lab_alarm_module, ASAB_TYPE_MODULE)

/* Two letters, as in HH and LL, or < and > where the analyser could not even measure it. */
static gboolean
is_critical (const LabResult *result)
{
  return g_str_equal (result->flags, "LL") || g_str_equal (result->flags, "HH") ||
         strpbrk (result->flags, "<>") != NULL;
}

static AsabFuture *
result_received_cb (AsabPubSub   *bus,
                    AsabMessage  *message,
                    gpointer      user_data,
                    GError      **error)
{
  const LabResult *result = g_value_get_boxed (asab_message_get_arg (message, 0));

  if (is_critical (result))
    asab_log_notice_with (ASAB_LOG_DATA (asab_log_number ("id", (gint64) result->id),
                                         asab_log_text ("specimen", result->specimen),
                                         asab_log_text ("test", result->test),
                                         asab_log_text ("flags", result->flags)),
                          "A result is critical");

  return NULL;
}

static AsabFuture *
lab_alarm_module_initialize (AsabComponent   *component,
                             AsabApplication *application)
{
  asab_pubsub_subscribe_object (asab_application_get_pubsub (application), "Result.received!", G_OBJECT (component),
                                result_received_cb, component, NULL);

  return NULL;
}

static void
lab_alarm_module_class_init (LabAlarmModuleClass *klass)
{
  ASAB_COMPONENT_CLASS (klass)->initialize = lab_alarm_module_initialize;
}

static void
lab_alarm_module_init (LabAlarmModule *self)
{
}

LabAlarmModule *
lab_alarm_module_new (AsabApplication *application)
{
  return g_object_new (LAB_TYPE_ALARM_MODULE, "application", application, "name", "alarm", NULL);
}
