/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab.h>

G_BEGIN_DECLS

/**
 * LabOrder:
 * @specimen: what is to be examined
 * @patient: whose it is, or an empty text
 * @tests: what is to be measured, at least one test
 * @is_configured: it is from the configuration, and lasts as long as it stands there
 *
 * What somebody wants to know of a specimen.
 */
typedef struct
{
  char *specimen;
  char *patient;
  char **tests;
  gboolean is_configured;
} LabOrder;

LabOrder *lab_order_new_from_line    (const char  *line,
                                      GError     **error) G_GNUC_WARN_UNUSED_RESULT;
LabOrder *lab_order_new_from_variant (GVariant    *variant,
                                      GError     **error) G_GNUC_WARN_UNUSED_RESULT;
LabOrder *lab_order_ref              (LabOrder    *self);
void      lab_order_unref            (LabOrder    *self);
GVariant *lab_order_to_variant       (LabOrder    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabOrder, lab_order_unref)

G_END_DECLS
