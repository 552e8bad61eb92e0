/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The bus against what is hard to beat, a hash table of arrays of functions, and against what GObject offers, a signal
 * with the message type as detail.
 */

#include "bench.h"

#include <asab-glib/asab.h>

#define N_TYPES 1000

static char *types[N_TYPES];
static const AsabMessageType *interned[N_TYPES];
static GQuark quarks[N_TYPES];

/* Each subscriber has a counter of its own, as subscribers have a state of their own. */
static volatile guint64 counters[16];

static G_GNUC_NO_INLINE AsabFuture *
count_cb (AsabPubSub   *bus G_GNUC_UNUSED,
          AsabMessage  *message G_GNUC_UNUSED,
          gpointer      user_data,
          GError      **error G_GNUC_UNUSED)
{
  (*(volatile guint64 *) user_data)++;

  return NULL;
}

/* The peer: the least that finds subscribers by a string and calls them. */

typedef struct
{
  AsabPubSubFunc func;
  gpointer data;
} Entry;

typedef struct
{
  guint n_entries;
  Entry entries[];
} Entries;

static G_GNUC_NO_INLINE void
publish_by_hash (GHashTable *table,
                 const char *type)
{
  Entries *list = g_hash_table_lookup (table, type);

  if (list == NULL)
    return;

  for (guint i = 0; i < list->n_entries; i++)
    list->entries[i].func (NULL, NULL, list->entries[i].data, NULL);
}

static void
hash_work (gpointer bench,
           guint    n_calls)
{
  for (guint i = 0; i < n_calls; i++)
    publish_by_hash (bench, types[i % N_TYPES]);
}

static GHashTable *
hash_new (guint n_subscribers)
{
  GHashTable *table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; i < N_TYPES; i++)
    {
      Entries *list = g_malloc (sizeof (Entries) + n_subscribers * sizeof (Entry));

      list->n_entries = n_subscribers;
      for (guint j = 0; j < n_subscribers; j++)
        list->entries[j] = (Entry) { count_cb, (gpointer) &counters[j] };
      g_hash_table_insert (table, g_strdup (types[i]), list);
    }

  return table;
}

/* Ours */

static void
string_work (gpointer bench,
             guint    n_calls)
{
  for (guint i = 0; i < n_calls; i++)
    asab_pubsub_publish (bench, types[i % N_TYPES]);
}

static void
interned_work (gpointer bench,
               guint    n_calls)
{
  for (guint i = 0; i < n_calls; i++)
    asab_pubsub_publish_type (bench, interned[i % N_TYPES]);
}

static AsabPubSub *
bus_new (guint n_subscribers)
{
  AsabPubSub *bus = asab_pubsub_new ();

  for (guint i = 0; i < N_TYPES; i++)
    {
      for (guint j = 0; j < n_subscribers; j++)
        asab_pubsub_subscribe (bus, types[i], count_cb, (gpointer) &counters[j], NULL);
    }

  return bus;
}

/* One GObject, one signal with details */

typedef struct
{
  GObject parent_instance;
} Emitter;

typedef struct
{
  GObjectClass parent_class;
} EmitterClass;

static GType emitter_get_type (void);
G_DEFINE_FINAL_TYPE (Emitter, emitter, G_TYPE_OBJECT)

static guint message_signal;

static void
emitter_class_init (EmitterClass *klass)
{
  message_signal = g_signal_new ("message", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED,
                                 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
emitter_init (Emitter *self G_GNUC_UNUSED)
{
}

static void
signal_cb (Emitter  *emitter G_GNUC_UNUSED,
           gpointer  user_data)
{
  (*(volatile guint64 *) user_data)++;
}

static void
signal_work (gpointer bench,
             guint    n_calls)
{
  for (guint i = 0; i < n_calls; i++)
    g_signal_emit (bench, message_signal, quarks[i % N_TYPES]);
}

static GObject *
emitter_new (guint n_subscribers)
{
  GObject *emitter = g_object_new (emitter_get_type (), NULL);

  for (guint i = 0; i < N_TYPES; i++)
    {
      g_autofree char *name = g_strconcat ("message::", types[i], NULL);

      for (guint j = 0; j < n_subscribers; j++)
        g_signal_connect (emitter, name, G_CALLBACK (signal_cb), (gpointer) &counters[j]);
    }

  return emitter;
}

static void
bench_subscribers (guint n_subscribers)
{
  g_autoptr(AsabPubSub) bus = bus_new (n_subscribers);
  g_autoptr(GHashTable) table = hash_new (n_subscribers);
  g_autofree char *by_string = g_strdup_printf ("publish, subscribers: %u", n_subscribers);
  g_autofree char *by_type = g_strdup_printf ("publish interned, subscribers: %u", n_subscribers);
  guint n_calls = 600 * N_TYPES / (n_subscribers + 7);

  bench_run (&(BenchCase) { by_string, "GHashTable + function array", BENCH_AT_MOST, 1.6,
                            { string_work, bus, n_calls, NULL }, { hash_work, table, n_calls, NULL } });
  bench_run (&(BenchCase) { by_type, "publish by string", BENCH_AT_MOST, 0.5,
                            { interned_work, bus, n_calls, NULL }, { string_work, bus, n_calls, NULL } });
}

/* What interning saves grows with the length of the message type; this is that of the types of an application. */
static void
bench_long_types (guint n_subscribers)
{
  g_autoptr(AsabPubSub) bus = bus_new (n_subscribers);
  g_autofree char *name = g_strdup_printf ("publish interned, long types, subscribers: %u", n_subscribers);
  guint n_calls = 600 * N_TYPES / (n_subscribers + 7);

  bench_run (&(BenchCase) { name, "publish by string", BENCH_AT_MOST, 0.5,
                            { interned_work, bus, n_calls, NULL }, { string_work, bus, n_calls, NULL } });
}

static void
bench_signal (guint n_subscribers)
{
  g_autoptr(AsabPubSub) bus = bus_new (n_subscribers);
  g_autoptr(GObject) emitter = emitter_new (n_subscribers);
  g_autofree char *name = g_strdup_printf ("publish against a signal, subscribers: %u", n_subscribers);

  bench_run (&(BenchCase) { name, "GObject, detailed signal", BENCH_FASTER, 100,
                            { string_work, bus, 30 * N_TYPES, NULL }, { signal_work, emitter, 10, NULL } });
}

static void
make_types (const char *prefix)
{
  for (guint i = 0; i < N_TYPES; i++)
    {
      g_free (types[i]);
      types[i] = g_strdup_printf ("%s%u!", prefix, i);
      interned[i] = asab_message_type (types[i]);
      quarks[i] = g_quark_from_string (types[i]);
    }
}

int
main (int   argc,
      char *argv[])
{
  bench_init ("pubsub", argc, argv);

  make_types ("Topic.");
  bench_subscribers (1);
  bench_subscribers (4);
  bench_subscribers (16);
  bench_signal (16);

  make_types ("Application.tick/");
  bench_long_types (1);
  bench_long_types (4);
  bench_long_types (16);

  return 0;
}
