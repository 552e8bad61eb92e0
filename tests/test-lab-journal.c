/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab-journal.h"

#include "async-fixture.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>

#define MANY 100

typedef struct
{
  char *folder; /* (owned) */
  char *path;   /* (owned) */
} Place;

static Place *
place_new (void)
{
  Place *place = g_new0 (Place, 1);

  place->folder = g_dir_make_tmp ("lab-journal-XXXXXX", NULL);
  place->path = g_build_filename (place->folder, "test.journal", NULL);

  return place;
}

static void
place_free (Place *place)
{
  g_unlink (place->path);
  g_assert_cmpint (g_rmdir (place->folder), ==, 0);
  g_free (place->path);
  g_free (place->folder);
  g_free (place);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Place, place_free)

static LabJournal *
open_journal (Place *place)
{
  g_autoptr(GError) error = NULL;
  LabJournal *journal = lab_journal_open (place->path, &error);

  g_assert_no_error (error);

  return journal;
}

static AsabFuture *
append (LabJournal *journal,
        gint64      number)
{
  return lab_journal_append (journal, g_variant_new_parsed ("{'number': <%x>}", number));
}

static void
assert_appended (AsabFuture *future)
{
  g_autoptr(AsabFuture) owned = future;
  g_autoptr(GError) error = NULL;

  asab_run_until_complete (owned, NULL, &error);
  g_assert_no_error (error);
}

static void
add_number_cb (GVariant *entry,
               gpointer  user_data)
{
  gint64 number;

  g_assert_true (g_variant_lookup (entry, "number", "x", &number));
  g_string_append_printf (user_data, "%" G_GINT64_FORMAT " ", number);
}

static void
assert_entries (LabJournal *journal,
                guint       max_entries,
                const char *expected)
{
  g_autoptr(GString) entries = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  lab_journal_foreach (journal, max_entries, add_number_cb, entries, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (entries->str, ==, expected);
}

static void
test_append (AsyncFixture  *fixture,
             gconstpointer  data)
{
  g_autoptr(Place) place = place_new ();
  LabJournal *journal = open_journal (place);

  assert_entries (journal, 10, "");
  assert_appended (append (journal, 1));
  assert_appended (append (journal, 2));
  assert_appended (append (journal, 3));
  assert_entries (journal, 10, "1 2 3 ");
  g_assert_finalize_object (journal);

  journal = open_journal (place);
  assert_entries (journal, 10, "1 2 3 ");
  assert_entries (journal, 2, "2 3 ");
  assert_entries (journal, 0, "");
  g_assert_finalize_object (journal);
}

/* Those that come while the disk is at work are written together, and in their order. */
static void
test_many (AsyncFixture  *fixture,
           gconstpointer  data)
{
  g_autoptr(Place) place = place_new ();
  LabJournal *journal = open_journal (place);
  g_autoptr(GString) expected = g_string_new (NULL);
  g_autoptr(GPtrArray) futures = g_ptr_array_new_with_free_func ((GDestroyNotify) asab_future_unref);

  for (int i = 0; i < MANY; i++)
    {
      g_ptr_array_add (futures, append (journal, i));
      g_string_append_printf (expected, "%d ", i);
    }
  assert_appended (asab_future_all ((AsabFuture **) futures->pdata, futures->len));
  assert_entries (journal, MANY, expected->str);
  g_assert_finalize_object (journal);
}

/* Who does not wait any more does not take anything back. */
static void
test_cancelled (AsyncFixture  *fixture,
                gconstpointer  data)
{
  g_autoptr(Place) place = place_new ();
  LabJournal *journal = open_journal (place);
  g_autoptr(AsabFuture) first = append (journal, 1);
  g_autoptr(AsabFuture) second = append (journal, 2);

  asab_future_cancel (first);
  asab_future_cancel (second);
  assert_appended (append (journal, 3));
  assert_entries (journal, 10, "1 2 3 ");
  g_assert_finalize_object (journal);
}

static void
test_torn (AsyncFixture  *fixture,
           gconstpointer  data)
{
  g_autoptr(Place) place = place_new ();
  LabJournal *journal = open_journal (place);
  g_autofree char *content = NULL;
  gsize size;

  assert_appended (append (journal, 1));
  assert_appended (append (journal, 2));
  g_assert_finalize_object (journal);

  g_file_get_contents (place->path, &content, &size, NULL);
  g_assert_true (g_file_set_contents (place->path, content, (gssize) size - 1, NULL));
  journal = open_journal (place);
  assert_entries (journal, 10, "1 ");
  assert_appended (append (journal, 3));
  assert_entries (journal, 10, "1 3 ");
  g_assert_finalize_object (journal);
}

static void
test_only_torn (AsyncFixture  *fixture,
                gconstpointer  data)
{
  g_autoptr(Place) place = place_new ();
  LabJournal *journal;

  g_assert_true (g_file_set_contents (place->path, "nothing of this is an entry", -1, NULL));
  journal = open_journal (place);
  assert_entries (journal, 10, "");
  assert_appended (append (journal, 1));
  assert_entries (journal, 10, "1 ");
  g_assert_finalize_object (journal);
}

static void
test_in_use (AsyncFixture  *fixture,
             gconstpointer  data)
{
  g_autoptr(Place) place = place_new ();
  LabJournal *journal = open_journal (place);
  g_autoptr(GError) error = NULL;

  g_assert_null (lab_journal_open (place->path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_assert_finalize_object (journal);
}

/* Files may not be larger than that; as on a full disk, a part of what is written may find room. */
static void
limit_file_size (rlim_t size)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = MIN (size, limit.rlim_max);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

static void
test_full (AsyncFixture  *fixture,
           gconstpointer  data)
{
  g_autoptr(Place) place = place_new ();
  LabJournal *journal = open_journal (place);
  g_autoptr(AsabFuture) refused = NULL;
  g_autoptr(GError) error = NULL;
  GStatBuf status;

  assert_appended (append (journal, 1));
  g_assert_cmpint (g_stat (place->path, &status), ==, 0);

  signal (SIGXFSZ, SIG_IGN);
  limit_file_size ((rlim_t) status.st_size + 10);
  refused = append (journal, 2);
  g_assert_false (asab_run_until_complete (refused, NULL, &error));
  g_assert_nonnull (error);
  limit_file_size (RLIM_INFINITY);

  assert_entries (journal, 10, "1 ");
  assert_appended (append (journal, 3));
  assert_entries (journal, 10, "1 3 ");
  g_assert_finalize_object (journal);

  journal = open_journal (place);
  assert_entries (journal, 10, "1 3 ");
  g_assert_finalize_object (journal);
}

static void
add_tests (void)
{
  async_test_add ("/lab/journal/append", test_append);
  async_test_add ("/lab/journal/many", test_many);
  async_test_add ("/lab/journal/cancelled", test_cancelled);
  async_test_add ("/lab/journal/torn", test_torn);
  async_test_add ("/lab/journal/only-torn", test_only_torn);
  async_test_add ("/lab/journal/in-use", test_in_use);
  async_test_add ("/lab/journal/full", test_full);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
