/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Stacks for fibers, and the switch between them and the native stack of a thread.
 *
 * A stack is mapped once, with a guard page below it, entered once through makecontext, and from then on it runs
 * one function after the other: between two of them it is parked in a loop at its high end. So starting a function on a
 * pooled stack costs one switch. A switch is _setjmp and _longjmp, 11 ns, where swapcontext costs 200 ns for two system
 * calls; the fortified longjmp refuses to jump "up" and is switched off for this file. Where the compiler has them
 * built in, a switch costs a quarter of that: it saves three words, and the compiler those registers that are in use.
 *
 *   low                                                     high
 *   | guard | unused … | frames of the function | the parking loop | AsabStack |
 *
 * The sanitizers and valgrind are told of every stack and every switch. A suspended stack is a root for the leak
 * checker. Nothing ever unwinds a stack by force.
 */

#undef _FORTIFY_SOURCE

#include "config.h"

#include <asab-glib/core/asab-stack-private.h>

#include <asab-glib/core/asab-ready-queue-private.h>
#include <asab-glib/core/asab-sanitizers-private.h>
#include <asab-glib/core/asab-stack-map-private.h>

#include <errno.h>
#include <setjmp.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#ifdef __x86_64__
typedef gpointer Place[5];
#define SAVE_PLACE(place) __builtin_setjmp (place)
#define JUMP(place) __builtin_longjmp (place, 1)
#else
typedef jmp_buf Place;
#define SAVE_PLACE(place) _setjmp (place)
#define JUMP(place) _longjmp (place, 1)
#endif

#define MIN_STACK_SIZE (64 * 1024)
#define MAX_STACK_SIZE ((gsize) G_MAXSSIZE)
#define DEFAULT_STACK_SIZE (256 * 1024)

/* The free stacks that are kept whatever happens; beyond them, as many as are in use. With these a hundred fibers that
 * begin and end together, again and again, map nothing; afterwards they hold two megabytes at most. */
#define MIN_KEPT 128
/* The free stacks whose deep pages stay mapped. */
#define N_WARM 4
/* What stays mapped at the high end of all others. */
#define SHALLOW_SIZE (16 * 1024)

/* Lives at the high end of its own mapping. */
struct _AsabStack
{
  AsabStack *next;        /* in the pool */
  AsabStackMap map;

  Place inside;           /* where the stack goes on */
  Place *outside;         /* where its resumer goes on: on the native stack, another one for each nested resume */
  AsabStackFunc func;     /* what it runs; NULL while it is parked */
  gpointer data;
  const char *name;
  gboolean warned;        /* that a main loop ran on it */

  AsabSanitizerStack sanitizer;
};

/* The stack that this thread runs on; NULL is the native one. */
ASAB_THREAD_LOCAL AsabStack *current;

/* The compiler's own jump has to be in another function than the place where it goes, and one that the compiler does
 * not look into: it would take the registers that the jump leaves alone for those that nobody has changed there. */
#ifdef __clang__
__attribute__ ((noinline))
#else
__attribute__ ((noipa))
#endif
static G_NORETURN void
go_to (Place *place)
{
  JUMP (*place);
}

/* Leaves the stack for its resumer; returns when it is resumed. */
static G_GNUC_NO_INLINE void
switch_out (AsabStack *self)
{
  asab_sanitizer_leave_stack (&self->sanitizer);
  if (SAVE_PLACE (self->inside) == 0)
    go_to (self->outside);
  asab_sanitizer_entered_stack (&self->sanitizer);
}

/* The bottom frame of every stack: parks, runs what it was resumed with, and so on for ever. */
static void
run (unsigned int low,
     unsigned int high)
{
  AsabStack *self = (AsabStack *) (((guintptr) high << 16 << 16) | low);

  asab_sanitizer_entered_stack (&self->sanitizer);
  for (;;)
    {
      switch_out (self);
      self->func (self->data);
      self->func = NULL;
    }
}

/* Goes to the bottom frame for the first time and comes back as soon as it has parked. */
static void
enter (AsabStack *self)
{
  ucontext_t inside;
  ucontext_t unused;
  Place here;

  getcontext (&inside);
  inside.uc_stack.ss_sp = self->map.low;
  inside.uc_stack.ss_size = (guint8 *) self - self->map.low;
  inside.uc_link = NULL;
  makecontext (&inside, (void (*) (void)) run, 2,
               (unsigned int) (guintptr) self,
               (unsigned int) ((guintptr) self >> 16 >> 16));

  self->outside = &here;
  asab_sanitizer_enter_stack (&self->sanitizer);
  if (SAVE_PLACE (here) == 0)
    swapcontext (&unused, &inside);
  asab_sanitizer_left_stack (&self->sanitizer);
}

/* What a stack of at least @size bytes really has. */
static gsize
round_size (gsize size)
{
  gsize page = (gsize) sysconf (_SC_PAGESIZE);

  return (CLAMP (size, MIN_STACK_SIZE, MAX_STACK_SIZE) + page - 1) & ~(page - 1);
}

static AsabStack *
asab_stack_new (gsize    size,
                GError **error)
{
  AsabStackMap map;
  AsabStack *self;

  if (!asab_stack_map_init (&map, size, error))
    return NULL;

  self = (AsabStack *) (map.low + map.size - ((sizeof (AsabStack) + 63) & ~(gsize) 63));
  self->map = map;
  asab_sanitizer_add_stack (&self->sanitizer, map.low, map.size);
  enter (self);

  return self;
}

/* Only a parked stack can go: the frames of a suspended function may still be written to by what it waits for. */
static void
asab_stack_free (AsabStack *self)
{
  AsabStackMap map = self->map; /* outlives the stack that it is written on */

  g_assert (self->func == NULL);

  asab_sanitizer_remove_stack (&self->sanitizer);
  asab_stack_map_clear (&map);
}

void
asab_stack_pool_init (AsabStackPool *pool)
{
  memset (pool, 0, sizeof *pool);
  pool->stack_size = round_size (DEFAULT_STACK_SIZE * ASAB_SANITIZER_STACK_FACTOR);
}

void
asab_stack_pool_clear (AsabStackPool *pool)
{
  while (pool->free != NULL)
    {
      AsabStack *stack = pool->free;

      pool->free = stack->next;
      asab_stack_free (stack);
    }
  pool->n_free = 0;
}

/* Sets the usual size; the stacks of another one are not kept any more. */
void
asab_stack_pool_set_size (AsabStackPool *pool,
                          gsize          size)
{
  asab_stack_pool_clear (pool);
  pool->stack_size = round_size (size);
}

/* Gets a parked stack of at least @size bytes, 0 being the pool's usual size. */
AsabStack *
asab_stack_pool_acquire (AsabStackPool  *pool,
                         gsize           size,
                         GError        **error)
{
  AsabStack *stack = pool->free;

  size = size == 0 ? pool->stack_size : round_size (size);

  if (stack != NULL && size == pool->stack_size)
    {
      pool->free = stack->next;
      pool->n_free--;
    }
  else
    {
      stack = asab_stack_new (size, error);
      if (stack == NULL)
        return NULL;
    }
  pool->n_used++;

  return stack;
}

static void
drop_deep_pages (AsabStack *self)
{
  if (self->map.size > SHALLOW_SIZE)
    madvise (self->map.low, self->map.size - SHALLOW_SIZE, MADV_DONTNEED);
}

/* Gives back a stack whose function has returned. */
void
asab_stack_pool_release (AsabStackPool *pool,
                         AsabStack     *stack)
{
  g_assert (pool->n_used > 0);
  pool->n_used--;

  if (stack->map.size != pool->stack_size || pool->n_free >= MAX (MIN_KEPT, pool->n_used))
    {
      asab_stack_free (stack);
      return;
    }

  if (pool->n_free >= N_WARM)
    drop_deep_pages (stack);
  stack->next = pool->free;
  pool->free = stack;
  pool->n_free++;
}

/*
 * Runs the stack until it suspends itself or its function returns. @func, @data and @name are taken when it is parked,
 * and have to be NULL while it is in the middle of a function.
 *
 * Returns: true if the function has returned
 */
gboolean
asab_stack_resume (AsabStack     *self,
                   AsabStackFunc  func,
                   gpointer       data,
                   const char    *name)
{
  AsabStack *resumer = current;
  Place *outside = self->outside;
  int errsv = errno;
  Place here;

  if (func != NULL)
    {
      self->func = func;
      self->data = data;
      self->name = name;
      self->warned = FALSE;
    }

  self->outside = &here;
  current = self;
  asab_sanitizer_enter_stack (&self->sanitizer);
  if (SAVE_PLACE (here) == 0)
    go_to (&self->inside);
  asab_sanitizer_left_stack (&self->sanitizer);
  current = resumer;
  self->outside = outside;
  errno = errsv;

  return self->func == NULL;
}

/* Leaves the stack that the thread runs on; returns when it is resumed. */
void
asab_stack_suspend (void)
{
  int errsv = errno;

  switch_out (current);
  errno = errsv;
}

gboolean
asab_stack_is_current (void)
{
  return current != NULL;
}

/* Gets how many bytes of the stack were ever used since its pages were dropped, counted in pages. */
gsize
asab_stack_get_used (AsabStack *self)
{
  gsize page = (gsize) sysconf (_SC_PAGESIZE);
  gsize n_pages = self->map.size / page;
  g_autofree unsigned char *resident = g_malloc (n_pages);
  gsize i;

  if (mincore (self->map.low, self->map.size, resident) != 0)
    return 0;

  for (i = 0; i < n_pages && (resident[i] & 1) == 0; i++)
    ;

  return (n_pages - i) * page;
}

/* Tells a main loop that runs on a fiber's stack that it may not run fibers from there, and the programmer, once. */
gboolean
asab_stack_refuse_main_loop (void)
{
  if (G_LIKELY (current == NULL))
    return FALSE;

  if (!current->warned)
    {
      current->warned = TRUE;
      g_critical ("A main loop runs on the stack of the fiber “%s”: no fiber of its context goes on until it ends",
                  current->name != NULL ? current->name : "?");
    }

  return TRUE;
}
