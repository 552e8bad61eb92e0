/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/app/asab-application.h>

G_BEGIN_DECLS

/* Exit codes, as sysexits.h and argparse have them. */
#define ASAB_EXIT_FAILURE 1
#define ASAB_EXIT_USAGE 2
#define ASAB_EXIT_SOFTWARE 70

typedef struct _AsabOptions AsabOptions;

AsabOptions *asab_options_new          (AsabApplication   *application);
void         asab_options_free         (AsabOptions       *self);
void         asab_options_begin        (AsabOptions       *self,
                                        char            ***arguments);
void         asab_options_end          (AsabOptions       *self,
                                        int               *exit_status);

G_END_DECLS
