/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sample-context.h"

#include "async-fixture.h"

static void sample_context_iface_init (AsabAsyncContextInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SampleContext, sample_context, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (ASAB_TYPE_ASYNC_CONTEXT, sample_context_iface_init))

static AsabFuture *
sample_context_enter (AsabAsyncContext *context)
{
  SampleContext *self = SAMPLE_CONTEXT (context);

  g_assert_null (asab_fiber_get_current ());
  async_trace (self->name);
  async_trace ("+");

  return g_steal_pointer (&self->entering);
}

static AsabFuture *
sample_context_exit (AsabAsyncContext *context,
                     const GError     *error)
{
  SampleContext *self = SAMPLE_CONTEXT (context);

  g_assert_null (asab_fiber_get_current ());
  async_trace (self->name);
  async_trace ("-");
  if (error != NULL)
    {
      async_trace ("(");
      async_trace (error->message);
      async_trace (")");
    }

  return g_steal_pointer (&self->exiting);
}

static void
sample_context_iface_init (AsabAsyncContextInterface *iface)
{
  iface->enter = sample_context_enter;
  iface->exit = sample_context_exit;
}

static void
sample_context_finalize (GObject *object)
{
  SampleContext *self = SAMPLE_CONTEXT (object);

  g_clear_pointer (&self->entering, asab_future_unref);
  g_clear_pointer (&self->exiting, asab_future_unref);

  G_OBJECT_CLASS (sample_context_parent_class)->finalize (object);
}

static void
sample_context_class_init (SampleContextClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sample_context_finalize;
}

static void
sample_context_init (SampleContext *self G_GNUC_UNUSED)
{
}

SampleContext *
sample_context_new (const char *name)
{
  SampleContext *self = g_object_new (SAMPLE_TYPE_CONTEXT, NULL);

  self->name = name;

  return self;
}
