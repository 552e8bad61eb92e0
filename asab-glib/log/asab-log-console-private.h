/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "asab-log-layout-private.h"
#include "asab-log-target-private.h"

G_BEGIN_DECLS

AsabLogTarget *asab_log_console_new (AsabLogLayout *layout);

G_END_DECLS
