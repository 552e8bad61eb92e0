/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab.h>

#include <asab-glib/web/asab-web-container.h>
#include <asab-glib/web/asab-web-enum-types.h>
#include <asab-glib/web/asab-web-error.h>
#include <asab-glib/web/asab-web-request.h>
#include <asab-glib/web/asab-web-router.h>
#include <asab-glib/web/asab-web-service.h>
