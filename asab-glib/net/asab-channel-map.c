/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The channels of a main context: an epoll set behind one GSource.
 *
 * GLib polls all of its descriptors in each turn of the loop, so thousands of idle connections make each turn dear, as
 * do as many sources. Here the main context polls one descriptor, which is that of the epoll set, and only those
 * channels are looked at for which something has happened.
 *
 *     main context ── GSource ── epoll set ─┬─ channel
 *                                           ├─ channel
 *                                           └─ …
 *
 * asab_loop () has no epoll_wait () of its own: it iterates the main context.
 *
 * The map owns its channels as long as their sockets are open. The epoll set knows nothing of channels that are
 * interested in nothing, because it would report that the peer is gone again and again.
 */

#include "config.h"

#include "asab-channel-map-private.h"
#include "asab-default-private.h"
#include "asab-dispatcher-private.h"

#include <asab-glib/core/asab-context-private.h>
#include <asab-glib/core/asab-error.h>

#include <unistd.h>

/* More are dealt with in the next pass. */
#define EVENTS_PER_PASS 256

/**
 * AsabChannelMap:
 *
 * The set of channels that are watched together.
 *
 * A channel is an open [class@Dispatcher]; it is in the map in which it was made until it is closed, and kept alive by
 * it. The channels of a map are served by the main context that was thread-default when the map was made, or by
 * [func@loop] for programs that have no main loop. A map belongs to the thread of its main context.
 *
 * Each pass serves what is ready at that time: first all that can be read, then all that can be written, then what is
 * exceptional. A channel that was closed meanwhile is passed over.
 */
G_DEFINE_FINAL_TYPE (AsabChannelMap, asab_channel_map, G_TYPE_OBJECT)

typedef struct
{
  GSource parent;

  AsabChannelMap *map; /* who destroys the source when it goes */
  gpointer tag;         /* of the epoll set */
} MapSource;

static void
asab_channel_map_finalize (GObject *object)
{
  AsabChannelMap *self = ASAB_CHANNEL_MAP (object);

  /* The channels hold the map, so there are none. */
  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      g_source_unref (self->source);
    }
  g_clear_error (&self->exit_error);
  g_ptr_array_unref (self->to_ask);
  if (self->epoll_fd >= 0)
    close (self->epoll_fd);
  g_main_context_unref (self->context->context);

  G_OBJECT_CLASS (asab_channel_map_parent_class)->finalize (object);
}

static void
asab_channel_map_class_init (AsabChannelMapClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = asab_channel_map_finalize;
}

static void
asab_channel_map_init (AsabChannelMap *self)
{
  self->context = asab_context_get_current ();
  g_main_context_ref (self->context->context);
  self->to_ask = g_ptr_array_new_with_free_func (g_object_unref);
  self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
}

/**
 * asab_channel_map_new:
 *
 * Creates an empty map for the channels of the thread-default main context.
 *
 * Returns: (transfer full): a new map
 */
AsabChannelMap *
asab_channel_map_new (void)
{
  return g_object_new (ASAB_TYPE_CHANNEL_MAP, NULL);
}

/**
 * asab_channel_map_dup_default:
 *
 * Gets the map of those channels of the thread-default main context that were made without a map of their own.
 *
 * It lives as long as it has channels or somebody holds it.
 *
 * Returns: (transfer full): the map
 */
AsabChannelMap *
asab_channel_map_dup_default (void)
{
  return ASAB_CHANNEL_MAP (asab_default_dup (ASAB_TYPE_CHANNEL_MAP));
}

/**
 * asab_channel_map_get_n_channels:
 * @self: a map
 *
 * Gets how many channels are open.
 *
 * Returns: the number of channels
 */
guint
asab_channel_map_get_n_channels (AsabChannelMap *self)
{
  g_return_val_if_fail (ASAB_IS_CHANNEL_MAP (self), 0);

  return self->channels.length;
}

/**
 * asab_channel_map_dup_channels:
 * @self: a map
 *
 * Gets the channels that are open now.
 *
 * Returns: (transfer container) (element-type AsabDispatcher): the channels, in the order in which they were opened
 */
GPtrArray *
asab_channel_map_dup_channels (AsabChannelMap *self)
{
  GPtrArray *channels;

  g_return_val_if_fail (ASAB_IS_CHANNEL_MAP (self), NULL);

  channels = g_ptr_array_new_full (self->channels.length, g_object_unref);
  for (GList *link = self->channels.head; link != NULL; link = link->next)
    g_ptr_array_add (channels, g_object_ref (link->data));

  return channels;
}

/**
 * asab_channel_map_close_all:
 * @self: a map
 *
 * Closes all channels, which leaves the map empty. `handle_close` is not called.
 */
void
asab_channel_map_close_all (AsabChannelMap *self)
{
  g_autoptr(GPtrArray) channels = NULL;

  g_return_if_fail (ASAB_IS_CHANNEL_MAP (self));

  channels = asab_channel_map_dup_channels (self);
  for (guint i = 0; i < channels->len; i++)
    asab_dispatcher_close (g_ptr_array_index (channels, i));
}

/**
 * asab_channel_map_quit:
 * @self: a map
 *
 * Lets the [func@loop] that runs this map return after its present pass.
 */
void
asab_channel_map_quit (AsabChannelMap *self)
{
  g_return_if_fail (ASAB_IS_CHANNEL_MAP (self));

  self->is_quitting = TRUE;
}

/* Has a channel asked for its interest before the next wait; the list is as short as that of those that changed. */
void
asab_channel_map_ask (AsabChannelMap *self,
                      AsabDispatcher *channel)
{
  g_ptr_array_add (self->to_ask, g_object_ref (channel));
}

/* Asks them. Returns true if that was the end of the last channel: a loop has nothing to wait for any more. */
static gboolean
ask (AsabChannelMap *self)
{
  g_autoptr(AsabChannelMap) alive G_GNUC_UNUSED = NULL;
  gboolean pushed;

  if (G_LIKELY (self->to_ask->len == 0))
    return FALSE;

  alive = g_object_ref (self);
  pushed = asab_context_push (self->context);
  while (self->to_ask->len > 0)
    {
      g_autoptr(AsabDispatcher) channel = g_ptr_array_steal_index (self->to_ask, self->to_ask->len - 1);

      asab_dispatcher_ask (channel);
    }
  asab_context_pop (self->context, pushed);

  return self->channels.length == 0; /* who was to be asked was open */
}

typedef struct
{
  AsabDispatcher *channel; /* (owned) */
  guint32 events;
  guint n_sockets;         /* of the channel, when it had the events */
} Ready;

static inline gboolean
has_event (const Ready *ready,
           guint32      events)
{
  return (ready->events & events) != 0 && asab_dispatcher_get_private (ready->channel)->n_sockets == ready->n_sockets;
}

static gboolean
serve (const Ready  *ready,
       int           n_ready,
       GError      **error)
{
  for (int i = 0; i < n_ready; i++)
    if (has_event (&ready[i], EPOLLIN) && !asab_dispatcher_handle_in (ready[i].channel, error))
      return FALSE;
  for (int i = 0; i < n_ready; i++)
    if (has_event (&ready[i], EPOLLOUT) && !asab_dispatcher_handle_out (ready[i].channel, error))
      return FALSE;
  for (int i = 0; i < n_ready; i++)
    if (has_event (&ready[i], ~(guint32) (EPOLLIN | EPOLLOUT)) &&
        !asab_dispatcher_handle_rest (ready[i].channel, ready[i].events, error))
      return FALSE;

  return TRUE;
}

/* Remembers why a handler wants to leave the loop, which ends with its present pass; takes @error. */
void
asab_channel_map_leave_loop (AsabChannelMap *self,
                             GError         *error)
{
  if (self->n_loops == 0)
    {
      g_debug ("There is no loop to leave: %s", error->message);
      g_error_free (error);
      return;
    }

  g_clear_error (&self->exit_error);
  self->exit_error = error;
  self->is_quitting = TRUE;
}

/* Asks a channel that has had an event, unless it is to be asked before the next wait anyway. */
static void
ask_after_event (AsabDispatcher *channel)
{
  if (!asab_dispatcher_get_private (channel)->is_to_ask)
    asab_dispatcher_ask (channel);
}

/* Serves what is ready. Who was not because a handler left the loop is so in the next pass. */
static void
run_pass (AsabChannelMap *self)
{
  struct epoll_event events[EVENTS_PER_PASS];
  Ready ready[EVENTS_PER_PASS];
  int n_ready = epoll_wait (self->epoll_fd, events, EVENTS_PER_PASS, 0);
  GError *error = NULL;

  for (int i = 0; i < n_ready; i++)
    {
      AsabDispatcher *channel = g_object_ref (events[i].data.ptr);

      ready[i] = (Ready) { channel, events[i].events, asab_dispatcher_get_private (channel)->n_sockets };
    }

  if (!serve (ready, n_ready, &error))
    asab_channel_map_leave_loop (self, error);

  for (int i = 0; i < n_ready; i++)
    {
      ask_after_event (ready[i].channel);
      g_object_unref (ready[i].channel);
    }
  self->n_passes++;
}

/* Serves a channel to which something happens that the epoll set does not see. */
void
asab_channel_map_serve (AsabChannelMap *self,
                        AsabDispatcher *channel,
                        gboolean      (*handler) (AsabDispatcher  *channel,
                                                  GError         **error))
{
  g_autoptr(AsabChannelMap) alive G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr(AsabDispatcher) channel_alive G_GNUC_UNUSED = g_object_ref (channel);
  gboolean pushed = asab_context_push (self->context);
  GError *error = NULL;

  if (!handler (channel, &error))
    asab_channel_map_leave_loop (self, error);
  ask_after_event (channel);
  self->n_passes++;
  asab_context_pop (self->context, pushed);
}

static gboolean
map_source_prepare (GSource *source,
                    int     *timeout)
{
  *timeout = -1;

  return !asab_stack_is_current () && ask (((MapSource *) source)->map);
}

static gboolean
map_source_check (GSource *source)
{
  MapSource *self = (MapSource *) source;

  return g_source_query_unix_fd (source, self->tag) != 0 && !asab_stack_refuse_main_loop ();
}

static gboolean
map_source_dispatch (GSource     *source,
                     GSourceFunc  callback G_GNUC_UNUSED,
                     gpointer     user_data G_GNUC_UNUSED)
{
  g_autoptr(AsabChannelMap) map = g_object_ref (((MapSource *) source)->map);
  gboolean pushed = asab_context_push (map->context);

  run_pass (map);
  asab_context_pop (map->context, pushed);

  return G_SOURCE_CONTINUE;
}

static GSourceFuncs map_source_funcs = {
  .prepare = map_source_prepare,
  .check = map_source_check,
  .dispatch = map_source_dispatch,
};

static void
attach (AsabChannelMap *self)
{
  self->source = g_source_new (&map_source_funcs, sizeof (MapSource));
  ((MapSource *) self->source)->map = self;
  ((MapSource *) self->source)->tag = g_source_add_unix_fd (self->source, self->epoll_fd, G_IO_IN);
  g_source_set_static_name (self->source, "[asab] channels");
  g_source_set_can_recurse (self->source, TRUE);
  g_source_attach (self->source, self->context->context);
}

/* Takes a channel in, and a reference on it; @link is the channel's own. */
void
asab_channel_map_add (AsabChannelMap *self,
                      AsabDispatcher *channel,
                      GList          *link)
{
  if (self->source == NULL)
    attach (self);

  link->data = g_object_ref (channel);
  g_queue_push_tail_link (&self->channels, link);
}

/* Lets a channel go, which may be its end. */
void
asab_channel_map_remove (AsabChannelMap *self,
                         GList          *link)
{
  g_autoptr(AsabDispatcher) channel = g_steal_pointer (&link->data);

  g_queue_unlink (&self->channels, link);
  g_ptr_array_remove_fast (self->to_ask, channel);
}

/* Changes the events of @fd that are watched from @old_events to @events; false if the system refuses. */
gboolean
asab_channel_map_watch (AsabChannelMap  *self,
                        AsabDispatcher  *channel,
                        int              fd,
                        guint32          old_events,
                        guint32          events)
{
  struct epoll_event event = { .events = events, .data.ptr = channel };
  int operation = events == 0 ? EPOLL_CTL_DEL : old_events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

  return epoll_ctl (self->epoll_fd, operation, fd, &event) == 0;
}
