/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asab-glib/app/asab-module.h>

/**
 * AsabModule:
 *
 * A part of an application that brings its services and subscriptions.
 *
 * A subclass overrides [vfunc@Component.initialize] and [vfunc@Component.terminate]. Modules are added by their type,
 * with [method@Application.add_module], or loaded from a shared library by their name, with
 * [method@Application.load_module] or the value `modules` in the section `general` of the configuration.
 *
 * Services that a module constructs when it is itself constructed are registered, and thus initialized, before it.
 */
G_DEFINE_TYPE (AsabModule, asab_module, ASAB_TYPE_COMPONENT)

static void
asab_module_class_init (AsabModuleClass *klass G_GNUC_UNUSED)
{
}

static void
asab_module_init (AsabModule *self G_GNUC_UNUSED)
{
}
