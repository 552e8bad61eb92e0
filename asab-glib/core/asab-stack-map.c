/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The memory of stacks, each with a guard page right below it.
 *
 * The kernel bounds the number of mappings of a process, by 65,530 unless vm.max_map_count says otherwise. Where the
 * guard page is mapped without access, it and its stack are two of them, and no layout makes that less: neighbours
 * differ. So some 30,000 stacks fit. From Linux 6.13 on, a guard page is a mark in the page table instead; then stacks
 * that lie side by side are one mapping, and only the memory bounds their number.
 *
 * A process that has no mapping left dies: the next big allocation fails, which GLib answers with an abort, and no
 * thread can be started. So stacks leave a part of them to all others.
 */

#include "config.h"

#include <asab-glib/core/asab-stack-map-private.h>

#include <asab-glib/core/asab-error.h>

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102 /* is younger than our C library; a kernel that does not know it refuses it */
#endif

#define LIMIT_FILE "/proc/sys/vm/max_map_count"
#define DEFAULT_LIMIT 65530 /* the kernel's */

/* A sixteenth is not for stacks. */
#define MAX_STACK_MAPPINGS(limit) ((limit) - (limit) / 16)

static gint n_mappings;   /* (atomic): of stacks whose guard page is a mapping, and of these pages */
static gint max_mappings; /* (atomic): for them; 0 is not known yet */

static int
read_limit (void)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents (LIMIT_FILE, &text, NULL, NULL))
    return DEFAULT_LIMIT;

  return (int) CLAMP (g_ascii_strtoll (text, NULL, 10), 0, G_MAXINT);
}

static void
set_limit_error (GError **error,
                 int      limit)
{
  g_set_error (error, ASAB_ERROR, ASAB_ERROR_NO_RESOURCES,
               _("No stack for a fiber: the process has too many memory mappings, vm.max_map_count is %d"), limit);
}

static void
set_map_error (GError **error,
               int      errsv)
{
  if (errsv == ENOMEM)
    g_set_error (error, ASAB_ERROR, ASAB_ERROR_NO_RESOURCES,
                 _("No stack for a fiber: no memory is left, or too many mappings of it, vm.max_map_count is %d"),
                 read_limit ());
  else
    g_set_error (error, ASAB_ERROR, ASAB_ERROR_NO_RESOURCES, _("No stack for a fiber: %s"), g_strerror (errsv));
}

/* The limit may have been raised since it was read last, so it is read again before anybody is refused. */
static gboolean
reserve_mappings (GError **error)
{
  int n = g_atomic_int_add (&n_mappings, 2) + 2;
  int limit;

  if (G_LIKELY (n <= g_atomic_int_get (&max_mappings)))
    return TRUE;

  limit = read_limit ();
  g_atomic_int_set (&max_mappings, MAX_STACK_MAPPINGS (limit));
  if (n <= MAX_STACK_MAPPINGS (limit))
    return TRUE;

  g_atomic_int_add (&n_mappings, -2);
  set_limit_error (error, limit);

  return FALSE;
}

static gboolean
map_guard (guint8  *guard,
           gsize    size,
           GError **error)
{
  if (!reserve_mappings (error))
    return FALSE;

  if (mprotect (guard, size, PROT_NONE) == 0)
    return TRUE;

  g_atomic_int_add (&n_mappings, -2);
  set_limit_error (error, read_limit ()); /* it splits a mapping in two, and nothing else can fail in that */

  return FALSE;
}

/* Maps a stack of @size bytes, which are whole pages; what is never touched costs no memory. */
gboolean
asab_stack_map_init (AsabStackMap  *self,
                     gsize          size,
                     GError       **error)
{
  gsize page = (gsize) sysconf (_SC_PAGESIZE);
  guint8 *guard;

  guard = mmap (NULL, page + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE,
                -1, 0);
  if (guard == MAP_FAILED)
    {
      set_map_error (error, errno);
      return FALSE;
    }

  self->low = guard + page;
  self->size = size;
  self->guard_is_mapping = madvise (guard, page, MADV_GUARD_INSTALL) != 0;
  if (self->guard_is_mapping && !map_guard (guard, page, error))
    {
      munmap (guard, page + size);
      return FALSE;
    }

  return TRUE;
}

void
asab_stack_map_clear (AsabStackMap *self)
{
  gsize page = (gsize) sysconf (_SC_PAGESIZE);

  /* A stack out of the middle of a mapping leaves two of them; if that is one too many, its address alone is lost. */
  if (munmap (self->low - page, page + self->size) != 0)
    madvise (self->low, self->size, MADV_DONTNEED);

  if (self->guard_is_mapping)
    g_atomic_int_add (&n_mappings, -2);
}
