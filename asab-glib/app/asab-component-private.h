/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/app/asab-component.h>

G_BEGIN_DECLS

void  asab_component_set_application (AsabComponent   *self,
                                      AsabApplication *application);
char *asab_component_dup_label       (AsabComponent   *self);

G_END_DECLS
