/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Fibers that do random things with objects that they share. */

#pragma once

#include "async-fixture.h"

typedef struct
{
  AsyncFixture *fixture;

  /* What the actors share; some of it is replaced while they wait for it. */
  AsabLock *lock;
  AsabSemaphore *semaphore;
  AsabCondition *condition;
  AsabEvent *event;
  AsabAccessor *accessor;
  AsabRefreshCache *cache;
  AsabStateMachine *machine;
  AsabTaskNursery *nursery;

  GPtrArray *objects;  /* (element-type GObject) (not owned): those that are alive */
  GPtrArray *actors;   /* (element-type Actor) (not owned): those whose fibers have not ended */
  GPtrArray *futures;  /* (element-type AsabFuture): what may be cancelled or dropped at any time */
  GPtrArray *timers;   /* (element-type AsabTimer) */
  guint n_started;     /* so many actors were started */
  gboolean is_ending;  /* nothing new is started */
} World;

typedef struct
{
  World *world;
  AsabFuture *future;  /* (owned) */
  guint depth;
} Actor;

/* Does something random, which may take time. */
typedef gboolean (*Step) (Actor   *actor,
                          GError **error);

int         stress_random         (int           end);
gboolean    stress_one_in         (int           n);
void        stress_watch          (World        *world,
                                   gpointer      object);
void        stress_cancel_one     (World        *world);
void        stress_drop_one       (World        *world);
AsabFuture *stress_start_actor    (World        *world,
                                   guint         depth,
                                   gboolean      in_nursery);

void        stress_make_objects   (World        *world);
void        stress_replace_object (World        *world);
gboolean    stress_do_step        (Actor        *actor,
                                   GError      **error);
