/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "async-fixture.h"

/* It has properties of GObject, and one that is described. */

#define TANK_TYPE (tank_get_type ())
G_DECLARE_FINAL_TYPE (Tank, tank, TEST, TANK, GObject)

struct _Tank
{
  GObject parent_instance;

  int level;
  int content;
  char *label;
  int n_deleted;
  gboolean *freed;   /* (nullable) */
};

G_DEFINE_FINAL_TYPE (Tank, tank, G_TYPE_OBJECT)

enum
{
  PROP_LEVEL = 1,
  PROP_IS_FULL,
  PROP_LABEL,
  PROP_SECRET,
};

static void
tank_finalize (GObject *object)
{
  Tank *self = TEST_TANK (object);

  g_free (self->label);
  if (self->freed != NULL)
    *self->freed = TRUE;

  G_OBJECT_CLASS (tank_parent_class)->finalize (object);
}

static void
tank_get_property (GObject    *object,
                   guint       prop_id,
                   GValue     *value,
                   GParamSpec *pspec)
{
  Tank *self = TEST_TANK (object);

  switch (prop_id)
    {
    case PROP_LEVEL:
      g_value_set_int (value, self->level);
      break;
    case PROP_IS_FULL:
      g_value_set_boolean (value, self->level == 100);
      break;
    case PROP_LABEL:
      g_value_set_string (value, self->label);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
tank_set_property (GObject      *object,
                   guint         prop_id,
                   const GValue *value,
                   GParamSpec   *pspec)
{
  Tank *self = TEST_TANK (object);

  switch (prop_id)
    {
    case PROP_LEVEL:
      self->level = g_value_get_int (value);
      g_object_notify (object, "is-full");
      break;
    case PROP_LABEL:
      g_free (self->label);
      self->label = g_value_dup_string (value);
      break;
    case PROP_SECRET:
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
tank_class_init (TankClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = tank_finalize;
  object_class->get_property = tank_get_property;
  object_class->set_property = tank_set_property;
  g_object_class_install_property (object_class, PROP_LEVEL,
                                   g_param_spec_int ("level", NULL, NULL, 0, 100, 0,
                                                     G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_IS_FULL,
                                   g_param_spec_boolean ("is-full", NULL, NULL, FALSE,
                                                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_LABEL,
                                   g_param_spec_string ("label", NULL, NULL, NULL,
                                                        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_SECRET,
                                   g_param_spec_int ("secret", NULL, NULL, 0, 100, 0,
                                                     G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
}

static void
tank_init (Tank *self G_GNUC_UNUSED)
{
}

static Tank *
tank_new (void)
{
  return g_object_new (TANK_TYPE, NULL);
}

static gboolean
get_content (GObject  *object,
             GValue   *value,
             GError  **error G_GNUC_UNUSED)
{
  g_assert_null (asab_fiber_get_current ());
  g_value_init (value, G_TYPE_INT64);
  g_value_set_int64 (value, TEST_TANK (object)->content);

  return TRUE;
}

static gboolean
set_content (GObject       *object,
             const GValue  *value,
             GError       **error)
{
  g_assert_null (asab_fiber_get_current ());
  if (g_value_get_int64 (value) < 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Less than nothing");
      return FALSE;
    }
  TEST_TANK (object)->content = (int) g_value_get_int64 (value);

  return TRUE;
}

static void
delete_content (GObject *object)
{
  TEST_TANK (object)->n_deleted++;
}

static AsabConditionProperty *
new_property (void)
{
  return asab_condition_property_new ("content", "What is in it", get_content, set_content, delete_content);
}

static AsabFuture *
set (AsabAccessor *accessor,
     gint64        number)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT64);
  g_value_set_int64 (&value, number);

  return asab_accessor_set (accessor, &value);
}

static void
test_get (AsyncFixture  *fixture G_GNUC_UNUSED,
          gconstpointer  data G_GNUC_UNUSED)
{
  AsabConditionProperty *property = new_property ();
  AsabConditionProperty *other = new_property ();
  Tank *tank = tank_new ();
  Tank *other_tank = tank_new ();
  AsabAccessor *accessor = asab_condition_property_get (property, G_OBJECT (tank));

  g_assert_cmpstr (asab_condition_property_get_name (property), ==, "content");
  g_assert_cmpstr (asab_condition_property_get_doc (property), ==, "What is in it");
  g_assert_true (asab_condition_property_get (property, G_OBJECT (tank)) == accessor);
  g_assert_true (asab_condition_property_get (property, G_OBJECT (other_tank)) != accessor);
  g_assert_true (asab_condition_property_get (other, G_OBJECT (tank)) != accessor);
  g_assert_cmpstr (asab_accessor_get_name (accessor), ==, "content");

  g_assert_finalize_object (tank);
  g_assert_finalize_object (other_tank);
  g_assert_finalize_object (property);
  g_assert_finalize_object (other);
}

static void
test_access (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabConditionProperty) property = new_property ();
  g_autoptr(Tank) tank = tank_new ();
  AsabAccessor *accessor = asab_condition_property_get (property, G_OBJECT (tank));
  g_autoptr(AsabFuture) read = asab_accessor_get (accessor);
  g_autoptr(AsabFuture) illegal = set (accessor, -1);
  g_autoptr(AsabFuture) write = set (accessor, 4);

  async_run_ready (fixture);
  async_assert_error (illegal, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_true (asab_future_is_resolved (write));
  async_assert_int (read, 4);
  g_assert_cmpint (tank->content, ==, 4);
  g_assert_cmpint (g_value_get_int64 (asab_accessor_get_value (accessor, NULL)), ==, 4);
}

static void
assert_unreadable (AsyncFixture *fixture,
                   AsabAccessor *accessor)
{
  g_autoptr(AsabFuture) read = asab_accessor_get (accessor);
  g_autoptr(GError) error = NULL;

  g_assert_null (asab_accessor_get_value (accessor, &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_UNREADABLE);
  async_run_ready (fixture);
  async_assert_error (read, ASAB_ERROR, ASAB_ERROR_UNREADABLE);
}

static void
assert_read_only (AsyncFixture *fixture,
                  AsabAccessor *accessor)
{
  g_autoptr(AsabFuture) write = set (accessor, 1);

  async_run_ready (fixture);
  async_assert_error (write, ASAB_ERROR, ASAB_ERROR_READ_ONLY);
}

static void
test_missing_functions (AsyncFixture  *fixture,
                        gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabConditionProperty) property = new_property ();
  g_autoptr(AsabConditionProperty) no_setter = asab_condition_property_with_setter (property, NULL);
  g_autoptr(AsabConditionProperty) no_getter = asab_condition_property_with_getter (property, NULL);
  g_autoptr(Tank) tank = tank_new ();
  g_autoptr(AsabFuture) write = NULL;

  assert_unreadable (fixture, asab_condition_property_get (no_setter, G_OBJECT (tank)));
  assert_read_only (fixture, asab_condition_property_get (no_setter, G_OBJECT (tank)));
  assert_unreadable (fixture, asab_condition_property_get (no_getter, G_OBJECT (tank)));
  write = set (asab_condition_property_get (no_getter, G_OBJECT (tank)), 5);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (write));
  g_assert_cmpint (tank->content, ==, 5);
}

/* A change makes another description. */
static void
test_copies (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabConditionProperty) original = asab_condition_property_new ("content", NULL, get_content, NULL, NULL);
  g_autoptr(AsabConditionProperty) changed = asab_condition_property_with_setter (original, set_content);
  g_autoptr(AsabConditionProperty) deletable = asab_condition_property_with_deleter (original, delete_content);
  g_autoptr(Tank) tank = tank_new ();
  g_autoptr(AsabFuture) write = set (asab_condition_property_get (changed, G_OBJECT (tank)), 5);

  g_assert_true (asab_future_is_resolved (write));
  assert_read_only (fixture, asab_condition_property_get (original, G_OBJECT (tank)));
  g_assert_false (asab_condition_property_delete (original, G_OBJECT (tank), NULL));
  g_assert_true (asab_condition_property_delete (deletable, G_OBJECT (tank), NULL));
}

static void
test_delete (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabConditionProperty) property = new_property ();
  g_autoptr(AsabConditionProperty) lasting = asab_condition_property_with_deleter (property, NULL);
  g_autoptr(Tank) tank = tank_new ();
  g_autoptr(AsabAccessor) accessor = g_object_ref (asab_condition_property_get (property, G_OBJECT (tank)));
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) gone = NULL;

  g_assert_true (asab_condition_property_delete (property, G_OBJECT (tank), &error));
  g_assert_no_error (error);
  g_assert_cmpint (tank->n_deleted, ==, 1);
  g_assert_true (asab_condition_property_get (property, G_OBJECT (tank)) != accessor);
  g_assert_false (asab_condition_property_delete (lasting, G_OBJECT (tank), &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_READ_ONLY);

  /* Who has kept the accessor may go on with it as long as there is the object. */
  g_assert_cmpint (g_value_get_int64 (asab_accessor_get_value (accessor, NULL)), ==, 0);
  g_clear_object (&tank);
  g_assert_null (asab_accessor_get_value (accessor, &gone));
  g_assert_error (gone, ASAB_ERROR, ASAB_ERROR_CLOSED);
  async_run_ready (fixture);
}

static void
test_finalize (AsyncFixture  *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(AsabConditionProperty) property = new_property ();
  gboolean freed = FALSE;
  Tank *tank = tank_new ();
  g_autoptr(AsabAccessor) accessor = g_object_ref (asab_condition_property_get (property, G_OBJECT (tank)));
  g_autoptr(AsabFuture) read = asab_accessor_get (accessor);
  g_autoptr(AsabFuture) late = NULL;

  tank->freed = &freed;
  g_object_unref (tank);
  g_assert_true (freed);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (read));
  late = set (accessor, 1);
  async_run_ready (fixture);
  async_assert_error (late, ASAB_ERROR, ASAB_ERROR_CLOSED);
  g_assert_finalize_object (g_steal_pointer (&accessor));
}

/* Accessors to properties of GObject */

static void
test_object (AsyncFixture  *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  Tank *tank = tank_new ();
  AsabAccessor *accessor = asab_object_get_accessor (G_OBJECT (tank), "level", NULL);
  g_autoptr(AsabFuture) read = asab_accessor_get (accessor);
  g_autoptr(AsabFuture) next = NULL;
  g_autoptr(AsabFuture) write = NULL;

  g_assert_true (asab_object_get_accessor (G_OBJECT (tank), "level", NULL) == accessor);
  g_assert_cmpstr (asab_accessor_get_name (accessor), ==, "level");
  g_object_set (tank, "level", 5, NULL);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (read));
  g_assert_cmpint (g_value_get_int (asab_future_get_value (read, NULL)), ==, 5);

  next = asab_accessor_get (accessor);
  write = set (accessor, 6);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (write));
  g_assert_cmpint (tank->level, ==, 6);
  g_assert_cmpint (g_value_get_int (asab_future_get_value (next, NULL)), ==, 6);
  g_assert_finalize_object (tank);
}

static void
test_object_read_only (AsyncFixture  *fixture,
                       gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(Tank) tank = tank_new ();
  AsabAccessor *accessor = asab_object_get_accessor (G_OBJECT (tank), "is-full", NULL);
  g_autoptr(AsabFuture) read = asab_accessor_get (accessor);
  g_autoptr(GError) error = NULL;

  assert_read_only (fixture, accessor);
  g_object_set (tank, "level", 100, NULL);
  async_run_ready (fixture);
  g_assert_true (asab_future_get_boolean (read, NULL));

  assert_unreadable (fixture, asab_object_get_accessor (G_OBJECT (tank), "secret", NULL));
  g_assert_null (asab_object_get_accessor (G_OBJECT (tank), "colour", &error));
  g_assert_error (error, ASAB_ERROR, ASAB_ERROR_NO_SUCH_KEY);
}

static void
assert_refused (AsyncFixture *fixture,
                AsabAccessor *accessor,
                const GValue *value,
                GQuark        domain,
                int           code)
{
  g_autoptr(AsabFuture) write = asab_accessor_set (accessor, value);

  async_run_ready (fixture);
  async_assert_error (write, domain, code);
}

static void
test_object_values (AsyncFixture  *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  const gint64 numbers[] = { -1, 101, 1, G_MAXINT64, (G_GINT64_CONSTANT (1) << 32) + 1 };
  g_autoptr(Tank) tank = tank_new ();
  AsabAccessor *level = asab_object_get_accessor (G_OBJECT (tank), "level", NULL);
  AsabAccessor *label = asab_object_get_accessor (G_OBJECT (tank), "label", NULL);
  g_autoptr(AsabFuture) nothing = NULL;
  g_auto(GValue) object = G_VALUE_INIT;

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr(AsabFuture) write = set (level, numbers[i]);

      async_run_ready (fixture);
      if (numbers[i] == 1)
        g_assert_true (asab_future_is_resolved (write));
      else
        async_assert_error (write, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    }
  g_assert_cmpint (tank->level, ==, 1);

  g_value_init (&object, G_TYPE_OBJECT);
  assert_refused (fixture, level, &object, ASAB_ERROR, ASAB_ERROR_TYPE_MISMATCH);
  assert_refused (fixture, level, NULL, ASAB_ERROR, ASAB_ERROR_TYPE_MISMATCH);
  tank->label = g_strdup ("oil");
  nothing = asab_accessor_set (label, NULL);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_resolved (nothing));
  g_assert_null (tank->label);
}

static void
test_object_finalize (AsyncFixture  *fixture,
                      gconstpointer  data G_GNUC_UNUSED)
{
  Tank *tank = tank_new ();
  g_autoptr(AsabFuture) read = asab_accessor_get (asab_object_get_accessor (G_OBJECT (tank), "level", NULL));

  g_assert_finalize_object (tank);
  async_run_ready (fixture);
  g_assert_true (asab_future_is_cancelled (read));
}

static void
add_tests (void)
{
  async_test_add ("/asab/condition-property/get", test_get);
  async_test_add ("/asab/condition-property/access", test_access);
  async_test_add ("/asab/condition-property/missing-functions", test_missing_functions);
  async_test_add ("/asab/condition-property/copies", test_copies);
  async_test_add ("/asab/condition-property/delete", test_delete);
  async_test_add ("/asab/condition-property/finalize", test_finalize);
  async_test_add ("/asab/condition-property/object", test_object);
  async_test_add ("/asab/condition-property/object-read-only", test_object_read_only);
  async_test_add ("/asab/condition-property/object-values", test_object_values);
  async_test_add ("/asab/condition-property/object-finalize", test_object_finalize);
}

int
main (int    argc,
      char **argv)
{
  return async_test_run (argc, argv, add_tests);
}
