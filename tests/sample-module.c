/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A module in a shared library, for test-module. */

#include <asab-glib/asab.h>

#define SAMPLE_TYPE_MODULE (sample_module_get_type ())
G_DECLARE_FINAL_TYPE (SampleModule, sample_module, SAMPLE, MODULE, AsabModule)

struct _SampleModule
{
  AsabModule parent_instance;
};

G_DEFINE_FINAL_TYPE (SampleModule, sample_module, ASAB_TYPE_MODULE)

static AsabFuture *
sample_module_initialize (AsabComponent   *component,
                          AsabApplication *application)
{
  g_print ("sample initialize\n");

  return NULL;
}

static void
sample_module_class_init (SampleModuleClass *klass)
{
  ASAB_COMPONENT_CLASS (klass)->initialize = sample_module_initialize;
}

static void
sample_module_init (SampleModule *self)
{
}

ASAB_MODULE_ENTRY (sample_module_get_type)
