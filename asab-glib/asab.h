/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-enum-types.h>
#include <asab-glib/asab-version.h>
#include <asab-glib/asab-version-macros.h>

#include <asab-glib/config/asab-config.h>
#include <asab-glib/core/asab-error.h>
#include <asab-glib/log/asab-log.h>
#include <asab-glib/pubsub/asab-message.h>
