/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

void asab_standard_streams_fill    (void);
void asab_standard_streams_silence (int first_fd,
                                    int last_fd);

G_END_DECLS
