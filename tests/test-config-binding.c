/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asab-glib/asab.h>
#include <asab-glib/async/asab-fiber.h>

#include "config-fixture.h"

/* An interface with a property. */

#define TEST_TYPE_NAMED (test_named_get_type ())
G_DECLARE_INTERFACE (TestNamed, test_named, TEST, NAMED, GObject)

struct _TestNamedInterface
{
  GTypeInterface parent_iface;
};

G_DEFINE_INTERFACE (TestNamed, test_named, G_TYPE_OBJECT)

static void
test_named_default_init (TestNamedInterface *iface)
{
  g_object_interface_install_property (iface, g_param_spec_uint ("rank", NULL, NULL, 0, 9, 0,
                                                                 G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
}

/* An object with a property of each kind. */

#define TEST_TYPE_TARGET (test_target_get_type ())
G_DECLARE_FINAL_TYPE (TestTarget, test_target, TEST, TARGET, GObject)

typedef enum
{
  PROP_ENABLED = 1,
  PROP_PORT,
  PROP_OFFSET,
  PROP_TINY,
  PROP_BYTE,
  PROP_LONG,
  PROP_ULONG,
  PROP_INT64,
  PROP_WRITE_ONLY,
  PROP_LOWER,
  PROP_MAX_SIZE,
  PROP_TIMEOUT,
  PROP_RATIO,
  PROP_ANY,
  PROP_HOST,
  PROP_NAMES,
  PROP_KIND,
  PROP_FLAGS,
  PROP_OTHER,
  PROP_READ_ONLY,
  PROP_FIXED,
  N_OWN_PROPS,
  PROP_RANK = N_OWN_PROPS,
  N_PROPS,
} TestTargetProperty;

struct _TestTarget
{
  GObject parent_instance;

  GValue      values[N_PROPS];
  int         n_set;
  int         n_in_fiber;   /* how many of them were called on the stack of a fiber */
  AsabConfig *meddles_with; /* (nullable) (unowned): sets “port” to 9999 in it when “enabled” is set */
};

G_DEFINE_FINAL_TYPE_WITH_CODE (TestTarget, test_target, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (TEST_TYPE_NAMED, NULL))

static GParamSpec *props[N_PROPS];

static void
test_target_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec G_GNUC_UNUSED)
{
  g_value_copy (&TEST_TARGET (object)->values[prop_id], value);
}

static void
test_target_set_property (GObject      *object,
                          guint         prop_id,
                          const GValue *value,
                          GParamSpec   *pspec G_GNUC_UNUSED)
{
  TestTarget *self = TEST_TARGET (object);

  g_value_copy (value, &self->values[prop_id]);
  self->n_set++;
  self->n_in_fiber += asab_fiber_get_current () != NULL;
  if (self->meddles_with != NULL && prop_id == PROP_ENABLED)
    g_assert_true (asab_config_set_string (self->meddles_with, "t", "port", "9999", NULL));
}

static void
test_target_finalize (GObject *object)
{
  TestTarget *self = TEST_TARGET (object);

  for (int i = 1; i < N_PROPS; i++)
    g_value_unset (&self->values[i]);

  G_OBJECT_CLASS (test_target_parent_class)->finalize (object);
}

static void
test_target_class_init (TestTargetClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = test_target_get_property;
  object_class->set_property = test_target_set_property;
  object_class->finalize = test_target_finalize;

  props[PROP_ENABLED] = g_param_spec_boolean ("enabled", NULL, NULL, FALSE, flags);
  props[PROP_PORT] = g_param_spec_uint ("port", NULL, NULL, 1, 65535, 80, flags);
  props[PROP_OFFSET] = g_param_spec_int ("offset", NULL, NULL, -10, 10, 0, flags);
  props[PROP_TINY] = g_param_spec_char ("tiny", NULL, NULL, -128, 127, 0, flags);
  props[PROP_BYTE] = g_param_spec_uchar ("byte", NULL, NULL, 0, 255, 0, flags);
  props[PROP_LONG] = g_param_spec_long ("long", NULL, NULL, -1, 1000, 0, flags);
  props[PROP_ULONG] = g_param_spec_ulong ("ulong", NULL, NULL, 0, 1000, 0, flags);
  props[PROP_INT64] = g_param_spec_int64 ("int64", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  props[PROP_WRITE_ONLY] = g_param_spec_int ("write-only", NULL, NULL, 0, 9, 4, G_PARAM_WRITABLE);
  props[PROP_LOWER] = g_param_spec_string ("lower", NULL, NULL, NULL, flags);
  g_free (G_PARAM_SPEC_STRING (props[PROP_LOWER])->cset_nth);
  G_PARAM_SPEC_STRING (props[PROP_LOWER])->cset_nth = g_strdup (G_CSET_a_2_z);
  props[PROP_MAX_SIZE] = g_param_spec_uint64 ("max-size", NULL, NULL, 0, G_MAXUINT64, 1, flags);
  props[PROP_TIMEOUT] = g_param_spec_double ("timeout", NULL, NULL, 0, 86400, 5, flags);
  props[PROP_RATIO] = g_param_spec_float ("ratio", NULL, NULL, 0, 1, 0, flags);
  props[PROP_ANY] = g_param_spec_double ("any", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, flags);
  props[PROP_HOST] = g_param_spec_string ("host", NULL, NULL, NULL, flags);
  props[PROP_NAMES] = g_param_spec_boxed ("names", NULL, NULL, G_TYPE_STRV, flags);
  props[PROP_KIND] = g_param_spec_enum ("kind", NULL, NULL, ASAB_TYPE_CONFIG_KIND, ASAB_CONFIG_KIND_STRING, flags);
  props[PROP_FLAGS] = g_param_spec_flags ("flags", NULL, NULL, G_TYPE_APPLICATION_FLAGS, 0, flags);
  props[PROP_OTHER] = g_param_spec_object ("other", NULL, NULL, G_TYPE_OBJECT, flags);
  props[PROP_READ_ONLY] = g_param_spec_int ("read-only", NULL, NULL, 0, 1, 0, G_PARAM_READABLE);
  props[PROP_FIXED] = g_param_spec_int ("fixed", NULL, NULL, 0, 1, 0, flags | G_PARAM_CONSTRUCT_ONLY);

  g_object_class_install_properties (object_class, N_OWN_PROPS, props);
  g_object_class_override_property (object_class, PROP_RANK, "rank");
  props[PROP_RANK] = g_object_class_find_property (object_class, "rank");
}

static void
test_target_init (TestTarget *self)
{
  for (int i = 1; i < N_PROPS; i++)
    {
      g_value_init (&self->values[i], G_PARAM_SPEC_VALUE_TYPE (props[i]));
      g_param_value_set_default (props[i], &self->values[i]);
    }
}

typedef struct
{
  const char *path;
  const char *line;
  const char *message;
} Refused;

static const Refused refused[] = {
  { "boolean", "enabled = maybe",
    "[t] enabled: “maybe” (main.conf:2) is not one of 1, yes, true, on, 0, no, false, off" },
  { "unsigned", "port = 0",
    "[t] port: “0” (main.conf:2) is not a whole number from 1 to 65535" },
  { "size", "max_size = 1KB",
    "[t] max_size: “1KB” (main.conf:2) is not a whole number from 0 to 18446744073709551615, or a size such as 64MiB" },
  { "signed", "offset = 11", "[t] offset: “11” (main.conf:2) is not a whole number from -10 to 10" },
  { "no-number", "tiny = x", "[t] tiny: “x” (main.conf:2) is not a whole number from -128 to 127" },
  { "long", "long = 1001", "[t] long: “1001” (main.conf:2) is not a whole number from -1 to 1000" },
  { "string", "lower = aBC", "[t] lower: “aBC” (main.conf:2) is not a text that the property takes" },
  { "double", "timeout = 2d",
    "[t] timeout: “2d” (main.conf:2) is not a number from 0 to 86400, or a duration such as 1h30m" },
  { "float", "ratio = 1.5", "[t] ratio: “1.5” (main.conf:2) is not a number from 0 to 1" },
  { "any-double", "any = x", "[t] any: “x” (main.conf:2) is not a number such as 0.5, or a duration such as 1h30m" },
  { "enum", "kind = Year",
    "[t] kind: “Year” (main.conf:2) is not one of string, boolean, int64, double, seconds, size, uri" },
  { "interface", "rank = 10",
    "[t] rank: “10” (main.conf:2) is not a whole number from 0 to 9" },
  { "object", "other = x", "[t] other: “x” (main.conf:2) is not a “GObject”, which no text can stand for" },
};

static void
test_types (Fixture       *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(TestTarget) target = g_object_new (TEST_TYPE_TARGET, NULL);
  g_autoptr(GError) error = NULL;
  char **names;

  load (fixture,
        "[t]\nEnabled = Yes\nport = 8080\noffset = -3\ntiny = -128\nmax_size = 64MiB\ntimeout = 1m30s\nratio = 0.5\n"
        "host = localhost\nnames = a, b\n  c\nkind = Seconds\nflags = is_service | non-unique\nrank = 9\n"
        "byte = 255\nlong = -1\nulong = 1k\nint64 = -9223372036854775808\nwrite_only = 9\nlower = Abc\n");
  asab_config_bind (fixture->config, "t", G_OBJECT (target), &error);
  g_assert_no_error (error);

  g_assert_true (g_value_get_boolean (&target->values[PROP_ENABLED]));
  g_assert_cmpuint (g_value_get_uint (&target->values[PROP_PORT]), ==, 8080);
  g_assert_cmpint (g_value_get_int (&target->values[PROP_OFFSET]), ==, -3);
  g_assert_cmpint (g_value_get_schar (&target->values[PROP_TINY]), ==, -128);
  g_assert_cmpuint (g_value_get_uint64 (&target->values[PROP_MAX_SIZE]), ==, 64 * 1024 * 1024);
  g_assert_cmpfloat (g_value_get_double (&target->values[PROP_TIMEOUT]), ==, 90);
  g_assert_cmpfloat (g_value_get_float (&target->values[PROP_RATIO]), ==, 0.5f);
  g_assert_cmpstr (g_value_get_string (&target->values[PROP_HOST]), ==, "localhost");
  names = g_value_get_boxed (&target->values[PROP_NAMES]);
  g_assert_cmpstrv (names, ((const char *[]) { "a", "b", "c", NULL }));
  g_assert_cmpint (g_value_get_enum (&target->values[PROP_KIND]), ==, ASAB_CONFIG_KIND_SECONDS);
  g_assert_cmpuint (g_value_get_flags (&target->values[PROP_FLAGS]), ==,
                    G_APPLICATION_IS_SERVICE | G_APPLICATION_NON_UNIQUE);
  g_assert_cmpuint (g_value_get_uint (&target->values[PROP_RANK]), ==, 9);
  g_assert_cmpuint (g_value_get_uchar (&target->values[PROP_BYTE]), ==, 255);
  g_assert_cmpint (g_value_get_long (&target->values[PROP_LONG]), ==, -1);
  g_assert_cmpuint (g_value_get_ulong (&target->values[PROP_ULONG]), ==, 1000);
  g_assert_cmpint (g_value_get_int64 (&target->values[PROP_INT64]), ==, G_MININT64);
  g_assert_cmpint (g_value_get_int (&target->values[PROP_WRITE_ONLY]), ==, 9);
  g_assert_cmpstr (g_value_get_string (&target->values[PROP_LOWER]), ==, "Abc");
  g_assert_cmpstr (fixture->warnings->str, ==, "");
}

static void
test_refused (Fixture       *fixture,
              gconstpointer  data)
{
  const Refused *test = data;
  g_autoptr(TestTarget) target = g_object_new (TEST_TYPE_TARGET, NULL);
  g_autofree char *text = g_strdup_printf ("[t]\n%s\nhost = x\n", test->line);
  g_autoptr(GError) error = NULL;

  target->n_set = 0;
  load (fixture, text);
  g_assert_false (asab_config_bind (fixture->config, "t", G_OBJECT (target), &error));
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE);
  g_assert_cmpstr (error->message, ==, test->message);
  g_assert_cmpint (target->n_set, ==, 0);
  g_clear_error (&error);

  /* It was not bound, so the configuration is free to change. */
  g_assert_true (asab_config_check (fixture->config, &error));
  g_assert_no_error (error);
}

static void
test_flags_refused (Fixture       *fixture,
                    gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(TestTarget) target = g_object_new (TEST_TYPE_TARGET, NULL);
  g_autoptr(GError) error = NULL;

  load (fixture, "[t]\nflags = is-service, nonsense\n");
  g_assert_false (asab_config_bind (fixture->config, "t", G_OBJECT (target), &error));
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE);
  g_assert_nonnull (strstr (error->message, ", is-service, "));
}

static void
test_secret_refused (Fixture       *fixture,
                     gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(GError) error = NULL;

  load (fixture, "[t]\npassword = 12a\n");
  asab_config_get_int64 (fixture->config, "t", "password", &error);
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE);
  g_assert_cmpstr (error->message, ==, "[t] password: “***” (main.conf:2) is not a whole number such as 8080");
}

static void
test_reload (Fixture       *fixture,
             gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(TestTarget) target = g_object_new (TEST_TYPE_TARGET, "timeout", 7.0, "host", "before", NULL);
  g_autoptr(GError) error = NULL;

  load (fixture, "[t]\nport = 1\nhost = a\nwrite-only = 5\n");
  g_assert_true (asab_config_bind (fixture->config, "t", G_OBJECT (target), NULL));

  /* What the program did stays as long as the configuration says the same. */
  g_object_set (target, "port", 2, NULL);
  target->n_set = 0;
  load (fixture, "[t]\nport = 1\nhost = b\ntimeout = 10\nwrite-only = 5\n");
  g_assert_cmpint (target->n_set, ==, 2);
  g_assert_cmpuint (g_value_get_uint (&target->values[PROP_PORT]), ==, 2);
  g_assert_cmpstr (g_value_get_string (&target->values[PROP_HOST]), ==, "b");
  g_assert_cmpfloat (g_value_get_double (&target->values[PROP_TIMEOUT]), ==, 10);

  /* One wrong value: nothing changes. */
  write_file ("main.conf", "[t]\nport = 70000\nhost = c\n");
  g_string_truncate (fixture->changes, 0);
  g_assert_false (asab_config_reload (fixture->config, &error));
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE);
  g_assert_cmpint (target->n_set, ==, 2);
  g_assert_cmpstr (fixture->changes->str, ==, "");
  assert_value (fixture, "t", "host", "b");

  /* Keys that go give back what was there before. */
  load (fixture, "[t]\nhost = c\n");
  g_assert_cmpstr (g_value_get_string (&target->values[PROP_HOST]), ==, "c");
  g_assert_cmpuint (g_value_get_uint (&target->values[PROP_PORT]), ==, 80);
  g_assert_cmpfloat (g_value_get_double (&target->values[PROP_TIMEOUT]), ==, 7);
  g_assert_cmpint (g_value_get_int (&target->values[PROP_WRITE_ONLY]), ==, 4);
}

static void
test_set (Fixture       *fixture,
          gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(TestTarget) target = g_object_new (TEST_TYPE_TARGET, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_true (asab_config_bind (fixture->config, "t", G_OBJECT (target), NULL));
  g_assert_true (asab_config_set_string (fixture->config, "t", "port", "81", NULL));
  g_assert_cmpuint (g_value_get_uint (&target->values[PROP_PORT]), ==, 81);

  g_assert_false (asab_config_set_string (fixture->config, "t", "port", "x", &error));
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE);
  assert_value (fixture, "t", "port", "81");
}

/* Nobody is asked about a default that comes late; a wrong one must not do harm. */
static void
test_late_default (Fixture       *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(TestTarget) target = g_object_new (TEST_TYPE_TARGET, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_true (asab_config_bind (fixture->config, "t", G_OBJECT (target), NULL));
  asab_config_add_default (fixture->config, "t", "port", "x");
  g_assert_false (asab_config_set_string (fixture->config, "t", "host", "x", &error));
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE);
  g_assert_true (asab_config_set_string (fixture->config, "t", "port", "90", NULL));
  g_assert_cmpuint (g_value_get_uint (&target->values[PROP_PORT]), ==, 90);
}

/* A setter that changes the configuration: what it says comes last and wins. */
static void
test_reentrant (Fixture       *fixture,
                gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(TestTarget) target = g_object_new (TEST_TYPE_TARGET, NULL);

  g_assert_true (asab_config_bind (fixture->config, "t", G_OBJECT (target), NULL));
  target->meddles_with = fixture->config;
  load (fixture, "[t]\nenabled = yes\nport = 80\nhost = x\n");

  g_assert_cmpuint (g_value_get_uint (&target->values[PROP_PORT]), ==, 9999);
  g_assert_cmpstr (g_value_get_string (&target->values[PROP_HOST]), ==, "x");
  g_assert_cmpstr (fixture->changes->str, ==, "t.enabled t.port t.host t.port ");
}

static void
count_in_fiber_cb (AsabConfig *config G_GNUC_UNUSED,
                   const char *section G_GNUC_UNUSED,
                   const char *key G_GNUC_UNUSED,
                   int        *n_in_fiber)
{
  *n_in_fiber += asab_fiber_get_current () != NULL;
}

typedef struct
{
  AsabConfig *config;
  GObject    *object;
} FiberData;

static gboolean
bind_and_set_fiber (gpointer   user_data,
                    GValue    *result G_GNUC_UNUSED,
                    GError   **error)
{
  FiberData *data = user_data;

  return asab_config_bind (data->config, "t", data->object, error) &&
         asab_config_set_string (data->config, "t", "host", "x", error);
}

/* A fiber may bind and set, but setters and handlers never run on its stack. */
static void
test_fiber (Fixture       *fixture,
            gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(TestTarget) target = g_object_new (TEST_TYPE_TARGET, NULL);
  FiberData fiber_data = { fixture->config, G_OBJECT (target) };
  g_autoptr(AsabFuture) future = NULL;
  g_autoptr(GError) error = NULL;
  int n_in_fiber = 0;

  load (fixture, "[t]\nport = 81\n");
  g_signal_connect (fixture->config, "changed", G_CALLBACK (count_in_fiber_cb), &n_in_fiber);
  target->n_set = 0;

  future = asab_spawn (bind_and_set_fiber, &fiber_data, NULL);
  asab_run_until_complete (future, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (target->n_set, ==, 2);
  g_assert_cmpint (target->n_in_fiber, ==, 0);
  g_assert_cmpint (n_in_fiber, ==, 0);
  g_assert_cmpstr (fixture->changes->str, ==, "t.port t.host ");
}

static void
test_weak (Fixture       *fixture,
           gconstpointer  data G_GNUC_UNUSED)
{
  TestTarget *target = g_object_new (TEST_TYPE_TARGET, NULL);
  g_autoptr(TestTarget) other = g_object_new (TEST_TYPE_TARGET, NULL);

  g_assert_true (asab_config_bind (fixture->config, "t", G_OBJECT (target), NULL));
  g_assert_finalize_object (target);
  g_assert_true (asab_config_set_string (fixture->config, "t", "port", "no number", NULL));
  g_assert_true (asab_config_set_string (fixture->config, "t", "port", "81", NULL));
  g_assert_true (asab_config_bind (fixture->config, "t", G_OBJECT (other), NULL));
  g_assert_cmpuint (g_value_get_uint (&other->values[PROP_PORT]), ==, 81);
}

static void
test_unknown (Fixture       *fixture,
              gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(TestTarget) target = g_object_new (TEST_TYPE_TARGET, NULL);
  g_autoptr(GError) error = NULL;

  load (fixture,
        "[DEFAULT]\nanything = x\n"
        "[t]\nprot = 81\nmax_siez = 1\nnonsense = x\nread_only = 1\nfixed = 1\nhas_default = x\ndeclared = x\n"
        "[unbound]\nwhatever = x\n");
  asab_config_add_default (fixture->config, "t", "has_default", "y");
  asab_config_declare (fixture->config, "t", "declared", ASAB_CONFIG_KIND_STRING);
  g_assert_true (asab_config_check (fixture->config, &error));
  g_assert_no_error (error);

  g_assert_true (asab_config_bind (fixture->config, "t", G_OBJECT (target), &error));
  g_assert_no_error (error);
  g_assert_cmpstr (fixture->warnings->str, ==,
                   "main.conf:4: The section “t” knows no key “prot”; did you mean “port”?\n"
                   "main.conf:5: The section “t” knows no key “max_siez”; did you mean “max_size”?\n"
                   "main.conf:6: The section “t” knows no key “nonsense”\n"
                   "main.conf:7: The section “t” knows no key “read_only”\n"
                   "main.conf:8: The section “t” knows no key “fixed”\n");

  g_assert_false (asab_config_check (fixture->config, &error));
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_UNKNOWN_KEY);
  g_string_truncate (fixture->warnings, fixture->warnings->len - 1);
  g_assert_cmpstr (error->message, ==, fixture->warnings->str);

  g_string_truncate (fixture->warnings, 0);
  load (fixture, "[t]\nport = 81\nhots = x\n");
  g_assert_cmpstr (fixture->warnings->str, ==,
                   "main.conf:3: The section “t” knows no key “hots”; did you mean “host”?\n");
}

/* Who mends a file wants to see all mistakes at once. */
static void
test_all_mistakes (Fixture       *fixture,
                   gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(TestTarget) target = g_object_new (TEST_TYPE_TARGET, NULL);
  g_autoptr(GError) error = NULL;

  asab_config_declare (fixture->config, "u", "period", ASAB_CONFIG_KIND_SECONDS);
  load (fixture, "[t]\nport = 1\n");
  g_assert_true (asab_config_bind (fixture->config, "t", G_OBJECT (target), NULL));

  write_file ("main.conf", "[t]\nport = x\noffset = y\nhots = z\n[u]\nperiod = 5x\n");
  g_assert_false (asab_config_reload (fixture->config, &error));
  g_assert_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE);
  g_assert_cmpstr (error->message, ==,
                   "[u] period: “5x” (main.conf:6) is not a duration such as 10, 500ms or 1h30m "
                   "(units: ms, s, m, h, d, w, M, y)\n"
                   "[t] port: “x” (main.conf:2) is not a whole number from 1 to 65535\n"
                   "[t] offset: “y” (main.conf:3) is not a whole number from -10 to 10");
}

/* The spelling of the stronger layer counts. */
static void
test_spelling (Fixture       *fixture,
               gconstpointer  data G_GNUC_UNUSED)
{
  g_autoptr(TestTarget) target = g_object_new (TEST_TYPE_TARGET, NULL);

  asab_config_add_default (fixture->config, "t", "max-size", "2");
  load (fixture, "[t]\nmax_size = 3\n");
  g_assert_true (asab_config_bind (fixture->config, "t", G_OBJECT (target), NULL));
  g_assert_cmpuint (g_value_get_uint64 (&target->values[PROP_MAX_SIZE]), ==, 3);
  load (fixture, "");
  g_assert_cmpuint (g_value_get_uint64 (&target->values[PROP_MAX_SIZE]), ==, 2);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  collect_warnings ();

  ADD ("/asab/config-binding/types", NULL, test_types);
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autofree char *path = g_strdup_printf ("/asab/config-binding/refused/%s", refused[i].path);

      ADD (path, &refused[i], test_refused);
    }
  ADD ("/asab/config-binding/refused/flags", NULL, test_flags_refused);
  ADD ("/asab/config-binding/refused/secret", NULL, test_secret_refused);
  ADD ("/asab/config-binding/reload", NULL, test_reload);
  ADD ("/asab/config-binding/set", NULL, test_set);
  ADD ("/asab/config-binding/late-default", NULL, test_late_default);
  ADD ("/asab/config-binding/reentrant", NULL, test_reentrant);
  ADD ("/asab/config-binding/fiber", NULL, test_fiber);
  ADD ("/asab/config-binding/weak", NULL, test_weak);
  ADD ("/asab/config-binding/unknown", NULL, test_unknown);
  ADD ("/asab/config-binding/all-mistakes", NULL, test_all_mistakes);
  ADD ("/asab/config-binding/spelling", NULL, test_spelling);

  return g_test_run ();
}
