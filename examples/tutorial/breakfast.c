/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>

static char *recipe; /* (owned): where the recipe is */

static const GOptionEntry options[] = {
  { "recipe", 0, 0, G_OPTION_ARG_FILENAME, &recipe, "Read the recipe from FILE", "FILE" },
  { NULL },
};

static gboolean
read_recipe (GError **error)
{
  g_autoptr(GFile) file = g_file_new_for_commandline_arg (recipe != NULL ? recipe : "breakfast.txt");
  g_autofree char *text = NULL;

  g_file_load_contents_async (file, ASAB_READY);
  if (!g_file_load_contents_finish (file, ASAB_RESULT, &text, NULL, NULL, error))
    return FALSE;

  g_print ("%s", text);

  return TRUE;
}

static gboolean
cook (gpointer   user_data,
      GValue    *result,
      GError   **error)
{
  const char *dish = user_data;

  for (guint minutes = 2; minutes > 0; minutes--)
    {
      g_print ("%s: %u min\n", dish, minutes);
      if (!asab_fiber_sleep (0.01, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
make_breakfast (AsabApplication  *app,
                GError          **error)
{
  g_autoptr(AsabFuture) tea = NULL;
  g_autoptr(AsabFuture) eggs = NULL;

  if (!read_recipe (error))
    return FALSE;

  tea = asab_spawn (cook, (gpointer) "tea", NULL);
  eggs = asab_spawn (cook, (gpointer) "eggs", NULL);
  if (!asab_await (tea, error) || !asab_await (eggs, error))
    return FALSE;

  g_print ("Breakfast is ready\n");
  asab_application_stop (app, 0);

  return TRUE;
}

int
main (int    argc,
      char **argv)
{
  return asab_run (argc, argv, .main = make_breakfast, .options = options, .description = "Makes breakfast");
}
