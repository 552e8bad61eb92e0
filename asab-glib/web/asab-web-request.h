/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-version-macros.h>
#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define ASAB_TYPE_WEB_REQUEST (asab_web_request_get_type ())

typedef struct _AsabWebRequest AsabWebRequest;

/**
 * AsabWebHeaderFunc:
 * @name: the name of a header, as the client wrote it
 * @value: its value
 * @user_data: (closure): the data given to [method@Request.foreach_header]
 *
 * Called for each header of a request.
 */
typedef void (*AsabWebHeaderFunc) (const char *name,
                                   const char *value,
                                   gpointer    user_data);

ASAB_AVAILABLE_IN_ALL
GType           asab_web_request_get_type           (void) G_GNUC_CONST;
ASAB_AVAILABLE_IN_ALL
AsabWebRequest *asab_web_request_ref                (AsabWebRequest     *self);
ASAB_AVAILABLE_IN_ALL
void            asab_web_request_unref              (AsabWebRequest     *self);

/* What the client sent */

ASAB_AVAILABLE_IN_ALL
const char     *asab_web_request_get_method         (AsabWebRequest     *self);
ASAB_AVAILABLE_IN_ALL
const char     *asab_web_request_get_path           (AsabWebRequest     *self);
ASAB_AVAILABLE_IN_ALL
const char     *asab_web_request_get_param          (AsabWebRequest     *self,
                                                     const char         *name);
ASAB_AVAILABLE_IN_ALL
const char     *asab_web_request_get_query_string   (AsabWebRequest     *self);
ASAB_AVAILABLE_IN_ALL
const char     *asab_web_request_get_query          (AsabWebRequest     *self,
                                                     const char         *name);
ASAB_AVAILABLE_IN_ALL
char          **asab_web_request_dup_query_values   (AsabWebRequest     *self,
                                                     const char         *name);
ASAB_AVAILABLE_IN_ALL
const char     *asab_web_request_get_header         (AsabWebRequest     *self,
                                                     const char         *name);
ASAB_AVAILABLE_IN_ALL
void            asab_web_request_foreach_header     (AsabWebRequest     *self,
                                                     AsabWebHeaderFunc   func,
                                                     gpointer            user_data);
ASAB_AVAILABLE_IN_ALL
const char     *asab_web_request_get_remote_address (AsabWebRequest     *self);
ASAB_AVAILABLE_IN_ALL
GBytes         *asab_web_request_get_body           (AsabWebRequest     *self);
ASAB_AVAILABLE_IN_ALL
JsonNode       *asab_web_request_get_json           (AsabWebRequest     *self,
                                                     GError            **error);

/* What the client gets */

ASAB_AVAILABLE_IN_ALL
guint           asab_web_request_get_status         (AsabWebRequest     *self);
ASAB_AVAILABLE_IN_ALL
void            asab_web_request_set_status         (AsabWebRequest     *self,
                                                     guint               status);
ASAB_AVAILABLE_IN_ALL
gboolean        asab_web_request_add_header         (AsabWebRequest     *self,
                                                     const char         *name,
                                                     const char         *value,
                                                     GError            **error);
ASAB_AVAILABLE_IN_ALL
gboolean        asab_web_request_replace_header     (AsabWebRequest     *self,
                                                     const char         *name,
                                                     const char         *value,
                                                     GError            **error);
ASAB_AVAILABLE_IN_ALL
void            asab_web_request_respond_text       (AsabWebRequest     *self,
                                                     const char         *text);
ASAB_AVAILABLE_IN_ALL
void            asab_web_request_respond_html       (AsabWebRequest     *self,
                                                     const char         *html);
ASAB_AVAILABLE_IN_ALL
void            asab_web_request_respond_json       (AsabWebRequest     *self,
                                                     JsonNode           *node);
ASAB_AVAILABLE_IN_ALL
void            asab_web_request_respond_variant    (AsabWebRequest     *self,
                                                     GVariant           *value);
ASAB_AVAILABLE_IN_ALL
void            asab_web_request_respond_bytes      (AsabWebRequest     *self,
                                                     GBytes             *bytes,
                                                     const char         *content_type);
ASAB_AVAILABLE_IN_ALL
void            asab_web_request_respond_error      (AsabWebRequest     *self,
                                                     const GError       *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsabWebRequest, asab_web_request_unref)

G_END_DECLS
