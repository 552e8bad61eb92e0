/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Users and groups, by name or number, and how a process becomes one of them. */

#include "config.h"

#include "asab-identity-private.h"

#include <asab-glib/core/asab-errno-private.h>

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

static gboolean
parse_number (const char *text,
              guint      *number)
{
  guint64 value;

  /* The greatest number means “leave it as it is” to the system. */
  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32 - 1, &value, NULL))
    return FALSE;

  *number = (guint) value;

  return TRUE;
}

static gboolean
resolve_user (AsabIdentity  *self,
              const char    *user,
              gboolean       needs_group,
              GError       **error)
{
  struct passwd *entry = getpwnam (user);
  guint number;

  if (entry == NULL && parse_number (user, &number))
    {
      self->uid = number;
      entry = getpwuid (number);
      if (entry == NULL && !needs_group)
        return TRUE;
    }
  if (entry == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("There is no user “%s”"), user);
      return FALSE;
    }

  self->uid = entry->pw_uid;
  self->gid = entry->pw_gid;
  self->user_name = g_strdup (entry->pw_name);

  return TRUE;
}

static gboolean
resolve_group (AsabIdentity  *self,
               const char    *group,
               GError       **error)
{
  struct group *entry = getgrnam (group);
  guint number;

  if (entry != NULL)
    self->gid = entry->gr_gid;
  else if (parse_number (group, &number))
    self->gid = number;
  else
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("There is no group “%s”"), group);
      return FALSE;
    }

  return TRUE;
}

/*
 * asab_identity_init:
 * @self: memory for an identity
 * @user: a user, by name or number; empty for the present one
 * @group: a group, by name or number; empty for that of @user
 * @error: return location for an error
 *
 * Looks up who is meant. A number that no user has needs a group with it: nobody is to keep that of root by mistake.
 *
 * Returns: true if @user and @group are known
 */
gboolean
asab_identity_init (AsabIdentity  *self,
                    const char    *user,
                    const char    *group,
                    GError       **error)
{
  *self = (AsabIdentity) { .uid = geteuid (), .gid = getegid () };

  if ((*user != '\0' && !resolve_user (self, user, *group == '\0', error)) ||
      (*group != '\0' && !resolve_group (self, group, error)))
    {
      asab_identity_clear (self);
      return FALSE;
    }

  self->is_other = self->uid != geteuid () || self->gid != getegid ();

  return TRUE;
}

void
asab_identity_clear (AsabIdentity *self)
{
  g_clear_pointer (&self->user_name, g_free);
}

static int
set_groups (const AsabIdentity *self)
{
  return self->user_name != NULL ? initgroups (self->user_name, self->gid) : setgroups (1, &self->gid);
}

/*
 * asab_identity_assume:
 * @self: an identity
 * @error: return location for an error
 *
 * Makes the process belong to that user and group, for good.
 *
 * Returns: true if it does
 */
gboolean
asab_identity_assume (const AsabIdentity  *self,
                      GError             **error)
{
  if (!self->is_other)
    return TRUE;

  /* The groups first: it takes the rights of the former user to change them. */
  if (set_groups (self) == 0 && setresgid (self->gid, self->gid, self->gid) == 0 &&
      setresuid (self->uid, self->uid, self->uid) == 0)
    return TRUE;

  return asab_set_errno_error (error, _("Cannot become user %u and group %u"), (guint) self->uid, (guint) self->gid);
}
