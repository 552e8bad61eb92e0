/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>

int
main (void)
{
  g_autoptr(GError) error = g_error_new_literal (ASAB_ERROR, ASAB_ERROR_CLOSED, "closed");

  return g_error_matches (error, ASAB_ERROR, ASAB_ERROR_CLOSED) ? 0 : 1;
}
