/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Devices that are switched off when somebody leaves. */

#include <asab-glib/asab.h>

static gboolean
switch_off (GVariant      *args,
            const GError  *scope_error,
            gpointer       device,
            GVariant     **result,
            GError       **error)
{
  g_print ("the %s is off\n", (const char *) device);

  return TRUE;
}

int
main (void)
{
  g_autoptr(AsabCallbackAccumulator) devices = asab_callback_accumulator_new ("switch_off", 2, TRUE);
  g_autoptr(GError) error = NULL;

  asab_callback_accumulator_add_callback (devices, switch_off, (gpointer) "lamp", NULL);
  asab_callback_accumulator_add_callback (devices, switch_off, (gpointer) "oven", NULL);
  if (!asab_callback_accumulator_offer_callback (devices, switch_off, (gpointer) "radio", NULL))
    g_print ("no room for the radio\n");

  g_print ("good bye\n");
  if (!asab_callback_accumulator_exit (devices, NULL, NULL, &error))
    g_error ("%s", error->message);
  g_print ("%u devices left\n", asab_callback_accumulator_get_n_callbacks (devices));

  return 0;
}
