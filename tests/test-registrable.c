/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

/* A class with a key property and a subclass of it that overrides nothing. */
#define TEST_TYPE_ITEM (test_item_get_type ())
G_DECLARE_DERIVABLE_TYPE (TestItem, test_item, TEST, ITEM, GObject)

struct _TestItemClass
{
  GObjectClass parent_class;
};

typedef struct
{
  char *name;
  int number;
} TestItemPrivate;

G_DEFINE_TYPE_WITH_CODE (TestItem, test_item, G_TYPE_OBJECT,
                         G_ADD_PRIVATE (TestItem)
                         G_IMPLEMENT_INTERFACE (ASAB_TYPE_REGISTRABLE, NULL))

enum
{
  PROP_NAME = 1,
  PROP_NUMBER,
};

static void
test_item_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec G_GNUC_UNUSED)
{
  TestItemPrivate *priv = test_item_get_instance_private (TEST_ITEM (object));

  if (prop_id == PROP_NAME)
    g_value_set_string (value, priv->name);
  else
    g_value_set_int (value, priv->number);
}

static void
test_item_set_property (GObject      *object,
                        guint         prop_id,
                        const GValue *value,
                        GParamSpec   *pspec G_GNUC_UNUSED)
{
  TestItemPrivate *priv = test_item_get_instance_private (TEST_ITEM (object));

  if (prop_id == PROP_NAME)
    {
      g_free (priv->name);
      priv->name = g_value_dup_string (value);
    }
  else
    {
      priv->number = g_value_get_int (value);
    }
}

static void
test_item_finalize (GObject *object)
{
  TestItemPrivate *priv = test_item_get_instance_private (TEST_ITEM (object));

  g_free (priv->name);
  G_OBJECT_CLASS (test_item_parent_class)->finalize (object);
}

static void
test_item_class_init (TestItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = test_item_get_property;
  object_class->set_property = test_item_set_property;
  object_class->finalize = test_item_finalize;
  g_object_class_install_property (object_class, PROP_NAME,
                                   g_param_spec_string ("name", NULL, NULL, NULL, G_PARAM_READWRITE));
  g_object_class_install_property (object_class, PROP_NUMBER,
                                   g_param_spec_int ("number", NULL, NULL, 0, 100, 0, G_PARAM_READWRITE));
  asab_registrable_set_key_property (G_OBJECT_CLASS_TYPE (klass), "name");
}

static void
test_item_init (TestItem *self G_GNUC_UNUSED)
{
}

#define DEFINE_SUBCLASS(TypeName, type_name) \
  typedef TestItem TypeName; \
  typedef TestItemClass TypeName##Class; \
  GType type_name##_get_type (void); \
  G_DEFINE_TYPE (TypeName, type_name, TEST_TYPE_ITEM) \
  static void type_name##_class_init (TypeName##Class *klass G_GNUC_UNUSED) {} \
  static void type_name##_init (TypeName *self G_GNUC_UNUSED) {}

DEFINE_SUBCLASS (TestChild, test_child)
DEFINE_SUBCLASS (TestSibling, test_sibling)
DEFINE_SUBCLASS (TestPlain, test_plain)
DEFINE_SUBCLASS (TestNumbered, test_numbered)
DEFINE_SUBCLASS (TestLabelled, test_labelled)
DEFINE_SUBCLASS (TestMisspelt, test_misspelt)
DEFINE_SUBCLASS (TestStrict, test_strict)
DEFINE_SUBCLASS (TestUnused, test_unused)

static TestItem *
new_unregistered (GType       type,
                  const char *name)
{
  return g_object_new (type, "name", name, NULL);
}

static TestItem *
new_item (GType       type,
          const char *name)
{
  TestItem *item = new_unregistered (type, name);

  g_assert_true (asab_registrable_register (ASAB_REGISTRABLE (item), NULL));

  return item;
}

static void
assert_keys (GType       type,
             const char *expected)
{
  g_auto(GStrv) keys = asab_registrable_list_keys (type);
  g_autofree char *joined = g_strjoinv (" ", keys);

  g_assert_cmpstr (joined, ==, expected);
}

static void
assert_found (GType       type,
              const char *key,
              gpointer    expected)
{
  g_autoptr(AsabRegistrable) found = asab_registrable_lookup (type, key);

  g_assert_true ((gpointer) found == expected);
}

/* An instance is in the registry as long as it lives, and the registry does not keep it alive. */
static void
test_weak (void)
{
  TestItem *foo = new_item (TEST_TYPE_ITEM, "foo");
  TestItem *bar = new_item (TEST_TYPE_ITEM, "bar");

  assert_keys (TEST_TYPE_ITEM, "foo bar");
  assert_found (TEST_TYPE_ITEM, "foo", foo);
  assert_found (TEST_TYPE_ITEM, "nobody", NULL);

  g_assert_finalize_object (foo);
  assert_keys (TEST_TYPE_ITEM, "bar");
  assert_found (TEST_TYPE_ITEM, "foo", NULL);
  g_assert_finalize_object (bar);
  assert_keys (TEST_TYPE_ITEM, "");
}

/* What was disposed of is gone, also if somebody has a reference. */
static void
test_disposed (void)
{
  TestItem *item = new_item (TEST_TYPE_ITEM, "foo");

  g_object_run_dispose (G_OBJECT (item));
  assert_found (TEST_TYPE_ITEM, "foo", NULL);
  assert_keys (TEST_TYPE_ITEM, "");
  g_assert_finalize_object (item);
}

static void
test_list (void)
{
  g_autoptr(TestItem) first = new_item (TEST_TYPE_ITEM, "z");
  g_autoptr(TestItem) second = new_item (TEST_TYPE_ITEM, "a");
  g_autoptr(GPtrArray) items = asab_registrable_list (TEST_TYPE_ITEM);

  g_assert_cmpuint (items->len, ==, 2);
  g_assert_true (g_ptr_array_index (items, 0) == first);
  g_assert_true (g_ptr_array_index (items, 1) == second);
}

/* Ancestors know their descendants, but not the other way round, and siblings do not know each other. */
static void
test_subclass (void)
{
  g_autoptr(TestItem) parent G_GNUC_UNUSED = new_item (TEST_TYPE_ITEM, "parent");
  g_autoptr(TestItem) child = new_item (test_child_get_type (), "child");
  g_autoptr(TestItem) sibling G_GNUC_UNUSED = new_item (test_sibling_get_type (), "sibling");

  assert_keys (TEST_TYPE_ITEM, "parent child sibling");
  assert_keys (ASAB_TYPE_REGISTRABLE, "parent child sibling");
  assert_keys (test_child_get_type (), "child");
  assert_keys (test_sibling_get_type (), "sibling");
  assert_found (TEST_TYPE_ITEM, "child", child);
  assert_found (test_child_get_type (), "parent", NULL);
  assert_keys (test_unused_get_type (), "");
}

static void
test_duplicate (void)
{
  g_autoptr(TestItem) older = new_item (TEST_TYPE_ITEM, "foo");
  TestItem *newer = new_item (TEST_TYPE_ITEM, "foo");

  assert_found (TEST_TYPE_ITEM, "foo", newer);
  assert_keys (TEST_TYPE_ITEM, "foo foo");
  g_assert_finalize_object (newer);
  assert_found (TEST_TYPE_ITEM, "foo", older);
}

static void
test_rename (void)
{
  g_autoptr(TestItem) item = new_item (TEST_TYPE_ITEM, "foo");

  g_object_set (item, "name", "zed", NULL);
  assert_found (TEST_TYPE_ITEM, "zed", item);
  assert_found (TEST_TYPE_ITEM, "foo", NULL);
}

/* Without a key property the type and a number are the key; numbers are not used again. */
static void
test_default_key (void)
{
  GType type = test_plain_get_type ();
  TestItem *first;
  g_autoptr(TestItem) second = NULL;
  g_autoptr(TestItem) third = NULL;

  asab_registrable_set_key_property (type, NULL);
  first = new_item (type, "foo");
  second = new_item (type, NULL);
  assert_keys (type, "TestPlain_0 TestPlain_1");

  g_assert_finalize_object (first);
  third = new_item (type, NULL);
  assert_keys (type, "TestPlain_1 TestPlain_2");
}

/* A property that is not set is no key. */
static void
test_no_value (void)
{
  g_autoptr(TestItem) nameless G_GNUC_UNUSED = new_item (test_child_get_type (), NULL);
  g_autoptr(TestItem) empty G_GNUC_UNUSED = new_item (test_child_get_type (), "");
  g_auto(GStrv) keys = asab_registrable_list_keys (TEST_TYPE_ITEM);

  g_assert_true (g_str_has_prefix (keys[0], "TestChild_"));
  g_assert_true (g_str_has_prefix (keys[1], "TestChild_"));
  g_assert_cmpstr (keys[0], !=, keys[1]);
}

/* A label that is declared for a class is shared by its subclasses, with the numbers. */
static void
test_declared_default_key (void)
{
  g_autoptr(TestItem) first = NULL;
  g_autoptr(TestItem) second = NULL;

  asab_registrable_set_default_key (test_labelled_get_type (), "label");
  first = new_item (test_labelled_get_type (), NULL);
  second = new_item (test_labelled_get_type (), NULL);
  assert_keys (test_labelled_get_type (), "label_0 label_1");
}

static void
test_number_property (void)
{
  GType type = test_numbered_get_type ();
  g_autoptr(TestItem) item = NULL;

  asab_registrable_set_key_property (type, "number");
  item = new_item (type, "foo");
  g_object_set (item, "number", 7, NULL);
  assert_found (type, "7", item);
}

static void
test_misspelt_property (AsyncFixture  *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  GType type = test_misspelt_get_type ();
  g_autoptr(TestItem) item = new_unregistered (type, "foo");

  asab_registrable_set_key_property (type, "nmae");
  g_assert_true (asab_registrable_register (ASAB_REGISTRABLE (item), NULL));
  async_assert_log (fixture, "*TestMisspelt*“nmae”*");
  assert_keys (type, "TestMisspelt_0");
}

static void
test_strict (void)
{
  GType type = test_strict_get_type ();
  TestItem *first;
  TestItem *second = new_unregistered (type, "foo");
  g_autoptr(GError) error = NULL;

  asab_registrable_set_strict (type, TRUE);
  first = new_item (type, "foo");
  g_assert_false (asab_registrable_register (ASAB_REGISTRABLE (second), &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_EXISTS);
  g_assert_nonnull (strstr (error->message, "“foo”"));
  assert_keys (type, "foo");
  assert_found (type, "foo", first);

  /* A name that is free is accepted, and so is the old one when it is free. */
  g_object_set (second, "name", "bar", NULL);
  g_assert_true (asab_registrable_register (ASAB_REGISTRABLE (second), NULL));
  assert_keys (type, "foo bar");
  g_assert_finalize_object (first);
  first = new_item (type, "foo");
  assert_keys (type, "bar foo");

  g_assert_finalize_object (first);
  g_assert_finalize_object (second);
}

static void
test_register_twice (void)
{
  g_autoptr(TestItem) item = new_item (TEST_TYPE_ITEM, "foo");

  g_assert_true (asab_registrable_register (ASAB_REGISTRABLE (item), NULL));
  assert_keys (TEST_TYPE_ITEM, "foo");
}

static void
test_unregistered (void)
{
  g_autoptr(TestItem) item = new_unregistered (TEST_TYPE_ITEM, NULL);

  g_assert_null (asab_registrable_dup_registry_key (ASAB_REGISTRABLE (item)));
  g_object_set (item, "name", "foo", NULL);
  assert_found (TEST_TYPE_ITEM, "foo", NULL);
}

/* A class whose key is computed. */
#define TEST_TYPE_COMPUTED (test_computed_get_type ())
G_DECLARE_FINAL_TYPE (TestComputed, test_computed, TEST, COMPUTED, GObject)

struct _TestComputed
{
  GObject parent_instance;
};

static char *
test_computed_dup_key (AsabRegistrable *self G_GNUC_UNUSED)
{
  g_assert_null (asab_fiber_get_current ());

  return g_strdup ("computed");
}

static void
test_computed_registrable_init (AsabRegistrableInterface *iface)
{
  iface->dup_key = test_computed_dup_key;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestComputed, test_computed, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (ASAB_TYPE_REGISTRABLE, test_computed_registrable_init))

static void
test_computed_class_init (TestComputedClass *klass G_GNUC_UNUSED)
{
}

static void
test_computed_init (TestComputed *self)
{
  asab_registrable_register (ASAB_REGISTRABLE (self), NULL);
}

static gboolean
look_up_computed (gpointer   data,
                  GValue    *result G_GNUC_UNUSED,
                  GError   **error G_GNUC_UNUSED)
{
  assert_found (TEST_TYPE_COMPUTED, "computed", data);

  return TRUE;
}

/* The key may come from code of a language, which does not run on the stack of a fiber. */
static void
test_computed (void)
{
  g_autoptr(TestComputed) item = g_object_new (TEST_TYPE_COMPUTED, NULL);
  g_autoptr(AsabFuture) fiber = asab_spawn (look_up_computed, item, NULL);

  look_up_computed (item, NULL, NULL);
  g_assert_true (asab_run_until_complete (fiber, NULL, NULL));
}

static gpointer
make_and_drop (gpointer data)
{
  for (int i = 0; i < GPOINTER_TO_INT (data); i++)
    {
      TestItem *item = new_item (TEST_TYPE_ITEM, "foo");

      g_object_unref (item);
    }

  return NULL;
}

/* A look-up while another thread drops the last reference finds nothing, or something that lives. */
static void
test_threads (void)
{
  GThread *thread = g_thread_new ("drop", make_and_drop, GINT_TO_POINTER (2000));

  for (int i = 0; i < 2000; i++)
    {
      g_autoptr(AsabRegistrable) found = asab_registrable_lookup (TEST_TYPE_ITEM, "foo");

      if (found != NULL)
        {
          g_autofree char *key = asab_registrable_dup_registry_key (found);

          g_assert_cmpstr (key, ==, "foo");
        }
    }

  g_thread_join (thread);
  assert_keys (TEST_TYPE_ITEM, "");
}

static void
add_tests (void)
{
  g_test_add_func ("/asab/registrable/weak", test_weak);
  g_test_add_func ("/asab/registrable/disposed", test_disposed);
  g_test_add_func ("/asab/registrable/list", test_list);
  g_test_add_func ("/asab/registrable/subclass", test_subclass);
  g_test_add_func ("/asab/registrable/duplicate", test_duplicate);
  g_test_add_func ("/asab/registrable/rename", test_rename);
  g_test_add_func ("/asab/registrable/default-key", test_default_key);
  g_test_add_func ("/asab/registrable/no-value", test_no_value);
  g_test_add_func ("/asab/registrable/declared-default-key", test_declared_default_key);
  g_test_add_func ("/asab/registrable/number-property", test_number_property);
  async_test_add ("/asab/registrable/misspelt-property", test_misspelt_property);
  g_test_add_func ("/asab/registrable/strict", test_strict);
  g_test_add_func ("/asab/registrable/register-twice", test_register_twice);
  g_test_add_func ("/asab/registrable/unregistered", test_unregistered);
  g_test_add_func ("/asab/registrable/computed", test_computed);
  g_test_add_func ("/asab/registrable/threads", test_threads);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
