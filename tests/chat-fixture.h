/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A conversation that writes down what happens to it; the other end of its connection is a descriptor. */

#pragma once

#include <asab-glib/asab.h>

typedef struct
{
  AsabAsyncChat parent_instance;

  GString *trace;                                   /* records in brackets, then events */
  void (*on_record) (AsabAsyncChat *self, const char *record); /* (nullable) */
} Recorder;

typedef struct
{
  AsabAsyncChatClass parent_class;
} RecorderClass;

GType    recorder_get_type (void);

typedef struct
{
  Recorder *recorder;
  AsabAsyncChat *chat; /* the same */
  int peer;            /* -1: closed */
} Fixture;

void     set_up_with       (Fixture       *fixture,
                            GType          type);
void     set_up            (Fixture       *fixture,
                            gconstpointer  data);
void     tear_down         (Fixture       *fixture,
                            gconstpointer  data);
void     run               (void);
void     feed              (Fixture       *fixture,
                            const char    *text);
void     push              (Fixture       *fixture,
                            const char    *text);
char    *drain             (Fixture       *fixture);
gboolean is_end_for_peer   (Fixture       *fixture);
void     assert_trace      (Fixture       *fixture,
                            const char    *trace);
void     assert_inbox      (Fixture       *fixture,
                            const char    *text);
void     assert_peer_got   (Fixture       *fixture,
                            const char    *text);
