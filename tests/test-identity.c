/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/app/asab-identity-private.h>

#include <gio/gio.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

static void
assert_identity (const char *user,
                 const char *group,
                 uid_t       uid,
                 gid_t       gid)
{
  g_autoptr(GError) error = NULL;
  AsabIdentity identity;

  g_assert_true (asab_identity_init (&identity, user, group, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (identity.uid, ==, uid);
  g_assert_cmpuint (identity.gid, ==, gid);
  g_assert_cmpint (identity.is_other, ==, uid != geteuid () || gid != getegid ());

  asab_identity_clear (&identity);
}

static void
test_known (void)
{
  struct passwd *entry = getpwnam ("nobody");
  uid_t uid = entry->pw_uid;
  gid_t gid = entry->pw_gid;
  g_autofree char *number = g_strdup_printf ("%u", (guint) uid);

  assert_identity ("", "", geteuid (), getegid ());
  assert_identity ("nobody", "", uid, gid);
  assert_identity (number, "", uid, gid);
  assert_identity ("nobody", "54321", uid, 54321);
  assert_identity ("54321", "54322", 54321, 54322);
  assert_identity ("", "54321", geteuid (), 54321);
  assert_identity ("root", "root", 0, 0);
}

static void
assert_unknown (const char *user,
                const char *group)
{
  g_autoptr(GError) error = NULL;
  AsabIdentity identity;

  g_assert_false (asab_identity_init (&identity, user, group, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_unknown (void)
{
  assert_unknown ("mr-nobody", "");
  assert_unknown ("54321", "");
  assert_unknown ("nobody", "no-such-group");
  assert_unknown ("-1", "0");
  assert_unknown ("4294967295", "0");
  assert_unknown ("99999999999", "0");
}

/* What can be checked without being root: there is nothing to do. */
static void
test_assume_self (void)
{
  g_autoptr(GError) error = NULL;
  AsabIdentity identity;

  g_assert_true (asab_identity_init (&identity, "", "", &error));
  g_assert_true (asab_identity_assume (&identity, &error));
  g_assert_no_error (error);
  asab_identity_clear (&identity);
}

/* In a child, because there is no way back: root becomes somebody else, and nobody else can become root. */
static void
test_assume_other (void)
{
  AsabIdentity identity = { .uid = geteuid () == 0 ? 54321 : 0, .gid = 54322, .is_other = TRUE };
  int status;
  pid_t pid = fork ();

  if (pid == 0)
    {
      gboolean is_assumed = asab_identity_assume (&identity, NULL);

      _exit (is_assumed && geteuid () == 54321 && getegid () == 54322 && setuid (0) < 0 ? 1 : is_assumed ? 2 : 3);
    }

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, geteuid () == 0 ? 1 : 3);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/asab/identity/known", test_known);
  g_test_add_func ("/asab/identity/unknown", test_unknown);
  g_test_add_func ("/asab/identity/assume-self", test_assume_self);
  g_test_add_func ("/asab/identity/assume-other", test_assume_other);

  return g_test_run ();
}
