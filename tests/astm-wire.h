/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A link that is tested, and the other end of its connection, which the test plays. */

#pragma once

#include "async-fixture.h"

#include <astm-link.h>

typedef enum
{
  WIRE_ACCEPTS,
  WIRE_REFUSES,
  WIRE_TAKES_TIME,
} WireMood;

typedef struct
{
  AsyncFixture *fixture;
  AstmLink *link;        /* (owned) */
  WireMood mood;         /* what it does with messages */
  AsabPromise *promise;  /* (owned) (nullable): while it takes time */
  GString *accepted;     /* (owned): the messages, each in brackets, with “/” for CR */
  int peer;              /* -1: it is closed */
} Wire;

GType wire_link_get_type (void);

Wire *wire_new           (AsyncFixture     *fixture,
                          AstmRole          role);
void  wire_free          (Wire             *wire);
void  wire_hang_up       (Wire             *wire);
void  wire_write         (Wire             *wire,
                          const char       *data,
                          gsize             size);
void  wire_say           (Wire             *wire,
                          const char       *bytes);
void  wire_say_frame     (Wire             *wire,
                          guint             number,
                          const char       *text);
void  wire_expect        (Wire             *wire,
                          const char       *bytes);
void  wire_expect_frame  (Wire             *wire,
                          guint             number,
                          const char       *text);
void  wire_assert        (Wire             *wire,
                          AstmLinkState     state,
                          const char       *accepted);
void  wire_take_message  (Wire             *wire);
void  wire_assert_sent   (AsabFuture       *future);
void  wire_close_in      (Wire             *wire,
                          AstmLinkState     state);
AsabFuture *wire_send    (Wire             *wire,
                          const char       *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Wire, wire_free)

/* What a test sends that does not care. */
#define WIRE_MESSAGE "H|\\^&\rL|1|N\r"

/* Replies, and what begins and ends a session. */
#define ENQ "\005"
#define ACK "\006"
#define NAK "\025"
#define EOT "\004"
