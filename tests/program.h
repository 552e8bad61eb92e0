/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab.h>

/*
 * An application is one of its process and ends it with a status, so tests of applications run themselves again: a
 * program is a function of the test that is the whole of a child process.
 */

typedef int (*ProgramFunc) (int    argc,
                            char **argv);

typedef struct
{
  const char *name;
  ProgramFunc func;
} Program;

/* What became of a child. */
typedef struct
{
  int status;   /* of its exit, -1 if a signal ended it */
  char *output; /* (owned) */
  char *errors; /* (owned) */
} ProgramResult;

#define PROGRAM_RESULT_INIT { -1, NULL, NULL }

gboolean program_main         (const Program *programs,
                               gsize          n_programs,
                               int            argc,
                               char         **argv,
                               int           *status);
void     program_set_env      (const char    *variable,
                               const char    *value);
void     program_run          (ProgramResult *result,
                               const char    *name,
                               ...) G_GNUC_NULL_TERMINATED;
void     program_result_clear (ProgramResult *self);
void     program_use_fast_clock (void);
char    *program_write_file   (const char    *text);

#define program_assert(result, expected_status, expected_output) \
  G_STMT_START                                                   \
    {                                                            \
      if ((result)->status != (expected_status))                 \
        g_test_message ("%s", (result)->errors);                 \
      g_assert_cmpint ((result)->status, ==, (expected_status)); \
      g_assert_cmpstr ((result)->output, ==, (expected_output)); \
    }                                                            \
  G_STMT_END

#define program_assert_errors(result, part) g_assert_nonnull (strstr ((result)->errors, (part)))

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ProgramResult, program_result_clear)
