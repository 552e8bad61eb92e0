/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-resolver.h"

typedef struct
{
  GResolver parent_instance;
} TestResolver;

typedef struct
{
  GResolverClass parent_class;
} TestResolverClass;

static GType test_resolver_get_type (void);
G_DEFINE_FINAL_TYPE (TestResolver, test_resolver, G_TYPE_RESOLVER)

static void
free_addresses (gpointer addresses)
{
  g_list_free_full (addresses, g_object_unref);
}

static void
cancelled_cb (GCancellable *cancellable G_GNUC_UNUSED,
              gpointer      task)
{
  g_task_return_error_if_cancelled (task);
  g_object_unref (task);
}

static void
test_resolver_lookup_by_name_with_flags_async (GResolver               *resolver,
                                               const char              *name,
                                               GResolverNameLookupFlags flags,
                                               GCancellable            *cancellable,
                                               GAsyncReadyCallback      callback,
                                               gpointer                 user_data)
{
  g_autoptr(GTask) task = g_task_new (resolver, cancellable, callback, user_data);
  gboolean has_ipv4 = (flags & G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY) == 0;
  gboolean has_several = g_str_equal (name, "several.test");
  GList *addresses = NULL;

  if (g_str_equal (name, "silent.test"))
    {
      g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), g_object_ref (task), NULL);
      return;
    }

  if (has_ipv4 && (has_several || g_str_equal (name, "server.test")))
    {
      if (has_several)
        addresses = g_list_append (addresses, g_inet_address_new_from_string ("127.0.0.2"));
      addresses = g_list_append (addresses, g_inet_address_new_from_string ("127.0.0.1"));
      g_task_return_pointer (task, addresses, free_addresses);
      return;
    }

  g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "There is no host “%s”", name);
}

static GList *
test_resolver_lookup_by_name_with_flags_finish (GResolver     *resolver G_GNUC_UNUSED,
                                                GAsyncResult  *result,
                                                GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
test_resolver_class_init (TestResolverClass *klass)
{
  GResolverClass *resolver_class = G_RESOLVER_CLASS (klass);

  resolver_class->lookup_by_name_with_flags_async = test_resolver_lookup_by_name_with_flags_async;
  resolver_class->lookup_by_name_with_flags_finish = test_resolver_lookup_by_name_with_flags_finish;
}

static void
test_resolver_init (TestResolver *self G_GNUC_UNUSED)
{
}

/* Has host names looked up here by the whole process. */
void
test_resolver_install (void)
{
  g_autoptr(GResolver) resolver = g_object_new (test_resolver_get_type (), NULL);

  g_resolver_set_default (resolver);
}
