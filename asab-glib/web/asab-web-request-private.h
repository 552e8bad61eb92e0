/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/async/asab-future.h>
#include <asab-glib/web/asab-web-request.h>

G_BEGIN_DECLS

#define ASAB_WEB_MAX_PARAMS 8

struct MHD_Connection;
typedef struct _AsabWebRoute AsabWebRoute;

/* A parameter of a path or a query, or a header. */
typedef struct
{
  const char *name;
  const char *value;
} AsabWebPair;

/* A request and, while it is made, the answer to it.
 *
 * What comes from the client is left where the engine has it and copied when somebody first asks: most handlers
 * ask for nothing, and a client that goes away takes the engine's copy with it while a handler may still wait. */
struct _AsabWebRequest
{
  gatomicrefcount ref_count;

  struct MHD_Connection *connection; /* (nullable): NULL once the engine is done with the request */
  const AsabWebRoute *route;         /* (nullable): who answers; the router outlives the requests under way */
  GStringChunk *strings;             /* (owned) (nullable): what was copied on demand */
  GRefString *remote_address;        /* (owned): shared with the connection */

  /* What the client sent */
  char method[24];
  const char *path;         /* as sent, in target; ends where the query begins */
  const char *query_string; /* (nullable): as sent, in target */
  char *segments;           /* the path decoded, in target; each segment is ended by a NUL */
  guint n_segments;
  guint n_params;
  AsabWebPair params[ASAB_WEB_MAX_PARAMS]; /* names belong to the route, values are in segments */
  GArray *query;                           /* (owned) (nullable) (element-type AsabWebPair) */
  GArray *headers;                         /* (owned) (nullable) (element-type AsabWebPair) */
  GByteArray *upload;                      /* (owned) (nullable): the body while it comes */
  GBytes *body;                            /* (owned) (nullable): the body once somebody asked */
  JsonNode *json;                          /* (owned) (nullable) */

  /* What the client gets */
  guint status;             /* 0 while there is no answer */
  const char *content_type; /* (nullable): static or in strings */
  GArray *answer_headers;   /* (owned) (nullable) (element-type AsabWebPair) */
  char *text;               /* (owned) (nullable): the body, either this */
  gsize text_size;
  GBytes *bytes; /* (owned) (nullable): or this */

  char target[]; /* room for path, query and segments */
};

AsabWebRequest *asab_web_request_new           (const char            *target,
                                                struct MHD_Connection *connection,
                                                GRefString            *remote_address);
gboolean        asab_web_request_parse_target  (AsabWebRequest        *self,
                                                GError               **error);
void            asab_web_request_append_body   (AsabWebRequest        *self,
                                                const char            *data,
                                                gsize                  size);
void            asab_web_request_detach        (AsabWebRequest        *self);
const char     *asab_web_request_intern        (AsabWebRequest        *self,
                                                const char            *text);

gboolean        asab_web_request_is_answered   (AsabWebRequest        *self);
void            asab_web_request_refuse        (AsabWebRequest        *self,
                                                guint                  status,
                                                const char            *message);
void            asab_web_request_settle        (AsabWebRequest        *self,
                                                AsabFuture            *future);
void            asab_web_request_fail          (AsabWebRequest        *self,
                                                const GError          *error);
void            asab_web_request_clear_answer  (AsabWebRequest        *self);

G_END_DECLS
