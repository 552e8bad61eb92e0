/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-log-target-private.h"

/* What tests of the targets of the log share. They have no writer: what a target reports stays in the queue. */

void  log_target_append     (AsabLogTarget *target,
                             const char    *message);
void  log_target_write      (AsabLogTarget *target,
                             const char    *message);
char *log_take_reports      (void);
char *log_make_folder       (void);
void  log_remove_folder     (const char    *path);

#define log_assert_reports(expected)                      \
  G_STMT_START                                            \
    {                                                     \
      g_autofree char *_reports = log_take_reports ();    \
      g_assert_cmpstr (_reports, ==, (expected));         \
    }                                                     \
  G_STMT_END
