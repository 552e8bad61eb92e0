/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/*
 * What the sanitizers and valgrind have to know of a stack that we made. All of it is empty without them.
 *
 * A switch is told of twice: before it, by the side that is left (enter, leave), and after it, by the side that is
 * reached (entered, left).
 */

#include <glib.h>

#if defined (__has_feature)
#if __has_feature (address_sanitizer)
#define ASAB_ASAN 1
#endif
#if __has_feature (thread_sanitizer)
#define ASAB_TSAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define ASAB_ASAN 1
#endif
#ifdef __SANITIZE_THREAD__
#define ASAB_TSAN 1
#endif

#ifdef ASAB_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif
#ifdef ASAB_TSAN
#include <sanitizer/tsan_interface.h>
#endif
#ifdef HAVE_VALGRIND
#include <valgrind/valgrind.h>
#endif

G_BEGIN_DECLS

#if defined (ASAB_ASAN) || defined (ASAB_TSAN)
#define ASAB_SANITIZER_STACK_FACTOR 4
#else
#define ASAB_SANITIZER_STACK_FACTOR 1
#endif

typedef struct
{
  gpointer low;
  gsize size;
  gpointer fake_inside;       /* ASan's fake stacks, of the stack … */
  gpointer fake_outside;      /* … and of its resumer */
  gconstpointer outside_low;  /* the resumer's stack */
  gsize outside_size;
  gpointer tsan_inside;
  gpointer tsan_outside;
  guint valgrind_id;
} AsabSanitizerStack;

static inline void
asab_sanitizer_add_stack (AsabSanitizerStack *self,
                          gpointer            low,
                          gsize               size)
{
  self->low = low;
  self->size = size;
#ifdef ASAB_ASAN
  __lsan_register_root_region (low, size);
#endif
#ifdef ASAB_TSAN
  self->tsan_inside = __tsan_create_fiber (0);
#endif
#ifdef HAVE_VALGRIND
  self->valgrind_id = VALGRIND_STACK_REGISTER (low, (guint8 *) low + size);
#endif
}

static inline void
asab_sanitizer_remove_stack (AsabSanitizerStack *self)
{
#ifdef HAVE_VALGRIND
  VALGRIND_STACK_DEREGISTER (self->valgrind_id);
#endif
#ifdef ASAB_TSAN
  __tsan_destroy_fiber (self->tsan_inside);
#endif
#ifdef ASAB_ASAN
  __lsan_unregister_root_region (self->low, self->size);
  __asan_unpoison_memory_region (self->low, self->size);
#endif
}

static inline void
asab_sanitizer_enter_stack (AsabSanitizerStack *self)
{
#ifdef ASAB_ASAN
  __sanitizer_start_switch_fiber (&self->fake_outside, self->low, self->size);
#endif
#ifdef ASAB_TSAN
  self->tsan_outside = __tsan_get_current_fiber ();
  __tsan_switch_to_fiber (self->tsan_inside, 0);
#endif
}

static inline void
asab_sanitizer_entered_stack (AsabSanitizerStack *self)
{
#ifdef ASAB_ASAN
  __sanitizer_finish_switch_fiber (self->fake_inside, &self->outside_low, &self->outside_size);
#endif
}

static inline void
asab_sanitizer_leave_stack (AsabSanitizerStack *self)
{
#ifdef ASAB_ASAN
  __sanitizer_start_switch_fiber (&self->fake_inside, self->outside_low, self->outside_size);
#endif
#ifdef ASAB_TSAN
  __tsan_switch_to_fiber (self->tsan_outside, 0);
#endif
}

static inline void
asab_sanitizer_left_stack (AsabSanitizerStack *self)
{
#ifdef ASAB_ASAN
  __sanitizer_finish_switch_fiber (self->fake_outside, NULL, NULL);
#endif
}

G_END_DECLS
