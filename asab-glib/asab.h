/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab-enum-types.h>
#include <asab-glib/asab-version.h>
#include <asab-glib/asab-version-macros.h>

#include <asab-glib/app/asab-application.h>
#include <asab-glib/app/asab-component.h>
#include <asab-glib/app/asab-module.h>
#include <asab-glib/app/asab-run.h>
#include <asab-glib/app/asab-service.h>
#include <asab-glib/app/asab-systemd.h>
#include <asab-glib/async/asab-accessor.h>
#include <asab-glib/async/asab-async-context.h>
#include <asab-glib/async/asab-awaitable-predicate.h>
#include <asab-glib/async/asab-callback-accumulator.h>
#include <asab-glib/async/asab-condition.h>
#include <asab-glib/async/asab-coroutine.h>
#include <asab-glib/async/asab-debug.h>
#include <asab-glib/async/asab-event.h>
#include <asab-glib/async/asab-fiber-gio.h>
#include <asab-glib/async/asab-fiber.h>
#include <asab-glib/async/asab-future-set.h>
#include <asab-glib/async/asab-future.h>
#include <asab-glib/async/asab-lock.h>
#include <asab-glib/async/asab-promise.h>
#include <asab-glib/async/asab-registrable.h>
#include <asab-glib/async/asab-semaphore.h>
#include <asab-glib/async/asab-state-machine.h>
#include <asab-glib/async/asab-shutdown.h>
#include <asab-glib/async/asab-task-nursery.h>
#include <asab-glib/async/asab-thread.h>
#include <asab-glib/async/asab-timer.h>
#include <asab-glib/config/asab-config.h>
#include <asab-glib/core/asab-clock.h>
#include <asab-glib/core/asab-error.h>
#include <asab-glib/log/asab-log.h>
#include <asab-glib/net/asab-async-chat.h>
#include <asab-glib/net/asab-channel-map.h>
#include <asab-glib/net/asab-delayed-call.h>
#include <asab-glib/net/asab-dispatcher.h>
#include <asab-glib/net/asab-loop.h>
#include <asab-glib/net/asab-producer.h>
#include <asab-glib/pubsub/asab-message.h>
#include <asab-glib/pubsub/asab-pubsub.h>
#include <asab-glib/pubsub/asab-subscriber.h>
