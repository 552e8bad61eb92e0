/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-web.h>

/* A container on a free port of 127.0.0.1, in the main context of the test. */
typedef struct
{
  AsabWebContainer *container;
  AsabWebRouter *router;
  guint16 port;
} WebFixture;

/* A client that sends and sees bytes. */
typedef struct
{
  GSocket *socket;
  GSource *source;
  GString *received;
  gboolean is_closed;
} WebClient;

void        web_fixture_init         (int               *argc,
                                      char            ***argv);
void        web_fixture_set_up       (WebFixture        *fixture,
                                      gconstpointer      data);
void        web_fixture_start        (WebFixture        *fixture);
void        web_fixture_tear_down    (WebFixture        *fixture,
                                      gconstpointer      data);
char       *web_fixture_exchange     (WebFixture        *fixture,
                                      const char        *request);
char       *web_fixture_get          (WebFixture        *fixture,
                                      const char        *path);
GHashTable *web_fixture_steal_access (void);
char       *web_fixture_steal_warning (void);

void        web_assert_status        (const char        *answer,
                                      const char        *status);
void        web_assert_contains      (const char        *text,
                                      const char        *part);

WebClient  *web_client_new           (WebFixture        *fixture);
void        web_client_free          (WebClient         *self);
void        web_client_send          (WebClient         *self,
                                      const char        *data,
                                      gssize             size);
char       *web_client_read_answer   (WebClient         *self);
const char *web_client_read_all      (WebClient         *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WebClient, web_client_free)

/* Turns the loop until @condition holds; the test's own time limit ends a wait in vain. */
#define web_wait_for(condition)                \
  G_STMT_START                                 \
    {                                          \
      while (!(condition))                     \
        g_main_context_iteration (NULL, TRUE); \
    }                                          \
  G_STMT_END
