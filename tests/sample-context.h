/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An asynchronous context that notes what happens to it: “name+” when it is entered and “name-” when it is exited, with
 * the message of the error in parentheses. */

#pragma once

#include <asab-glib/asab.h>

#define SAMPLE_TYPE_CONTEXT (sample_context_get_type ())
G_DECLARE_FINAL_TYPE (SampleContext, sample_context, SAMPLE, CONTEXT, GObject)

struct _SampleContext
{
  GObject parent_instance;

  const char *name;
  AsabFuture *entering; /* (owned) (nullable): what enter() returns … */
  AsabFuture *exiting;  /* (owned) (nullable): … and exit() */
};

SampleContext *sample_context_new (const char *name);
