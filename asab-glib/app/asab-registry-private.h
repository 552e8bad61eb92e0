/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/app/asab-component.h>

G_BEGIN_DECLS

typedef struct _AsabRegistry AsabRegistry;

AsabRegistry  *asab_registry_new               (void);
void           asab_registry_free              (AsabRegistry     *self);

gboolean       asab_registry_add               (AsabRegistry     *self,
                                                AsabComponent    *component,
                                                GError          **error);
void           asab_registry_add_constructed   (AsabRegistry     *self,
                                                AsabComponent    *component);
gboolean       asab_registry_check             (AsabRegistry     *self,
                                                GError          **error);
AsabComponent *asab_registry_lookup_service    (AsabRegistry     *self,
                                                const char       *name);
AsabComponent *asab_registry_lookup_module     (AsabRegistry     *self,
                                                GType             type);
GPtrArray     *asab_registry_list              (AsabRegistry     *self,
                                                GType             type);
AsabFuture    *asab_registry_require           (AsabRegistry     *self,
                                                AsabComponent    *requester,
                                                const char       *name);

AsabFuture    *asab_registry_initialize_next   (AsabRegistry     *self);
void           asab_registry_set_running       (AsabRegistry     *self,
                                                gboolean          is_running);
AsabComponent *asab_registry_find_hanging      (AsabRegistry     *self);
void           asab_registry_abandon           (AsabRegistry     *self);
AsabComponent *asab_registry_steal_last_ready  (AsabRegistry     *self);

G_END_DECLS
