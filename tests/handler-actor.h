/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A conversation that does something in the handler of an event, and what tests of that have in common. */

#pragma once

#include <asab-glib/asab.h>

#include <netinet/in.h>

typedef enum
{
  EVENT_CONNECT,
  EVENT_WELCOME, /* the handler of the connection, when a server made the channel */
  EVENT_ACCEPT,
  EVENT_READ,
  EVENT_WRITE,
  EVENT_EXCEPTION,
  EVENT_CLOSE,
  EVENT_ERROR,
  EVENT_PULL,
  EVENT_FOUND_TERMINATOR,
  EVENT_MORE,
  N_EVENTS
} Event;

typedef enum
{
  DEED_NOTHING,
  DEED_FAIL,
  DEED_FAIL_SILENTLY,
  DEED_CLOSE,
  DEED_CLOSE_OTHER,
  DEED_CLOSE_ALL,
  DEED_CLOSE_WHEN_DONE,
  DEED_DISCARD,
  DEED_PUSH,
  DEED_ADD,
  DEED_RUN_LOOP,
  DEED_EXIT,
  N_DEEDS
} Deed;

typedef struct
{
  Event event;
  Deed deed;
} Case;

typedef struct
{
  AsabAsyncChat parent_instance;

  guint n_received; /* bytes */
} Actor;

/* What goes on in the present case. */
typedef struct
{
  Case is;
  gpointer actor;           /* Actor, (weak): who does the deed */
  gpointer other;           /* Actor, (weak): it is ready at the same time */
  gpointer added;           /* Actor, (weak): the actor adds it */
  int peer;                 /* the other end of the actor's connection … */
  int other_peer;           /* … and of the others' */
  int added_peer;
  AsabStreamServer *server; /* (owned) (nullable): it has made the actor */
  gboolean is_done;
  guint n_errors;           /* of the actor */
  guint n_closes;
  GError *error;            /* (owned) (nullable): the last of the errors */
} Scene;

extern Scene scene;

GType    actor_get_type        (void);
GType    blocks_get_type       (void);

int      actor_listen_as_peer  (struct sockaddr_in        *address);
int      actor_connect_as_peer (const struct sockaddr_in  *address);
void     actor_feed            (int                        peer,
                                const char                *text);
gpointer actor_add             (int                       *peer);
