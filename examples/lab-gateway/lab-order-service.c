/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab-order-service.h"

#include "lab-journal.h"

/**
 * LabOrderService:
 *
 * Knows what analysers are to measure.
 *
 * The section `orders` of the configuration sets its properties. There is one order for a specimen: a new one takes the
 * place of the old one. Orders that are added are kept in a journal, those of the configuration are there as long as
 * they stand in it.
 */
struct _LabOrderService
{
  AsabService parent_instance;

  LabJournal *journal; /* (owned) (nullable) */
  GPtrArray *orders;   /* (owned) (element-type LabOrder): the oldest one first */
  char *list;          /* (owned) */
  guint max_orders;
};

G_DEFINE_FINAL_TYPE (LabOrderService, lab_order_service, ASAB_TYPE_SERVICE)

typedef enum
{
  PROP_LIST = 1,
  PROP_MAX_ORDERS,
} LabOrderServiceProperty;

static GParamSpec *props[PROP_MAX_ORDERS + 1];

static gboolean
find_order (LabOrderService *self,
            const char      *specimen,
            guint           *index)
{
  for (guint i = 0; i < self->orders->len; i++)
    {
      const LabOrder *order = g_ptr_array_index (self->orders, i);

      if (g_str_equal (order->specimen, specimen))
        {
          *index = i;
          return TRUE;
        }
    }

  return FALSE;
}

static void
put_order (LabOrderService *self,
           LabOrder        *order)
{
  guint index;

  if (find_order (self, order->specimen, &index))
    g_ptr_array_remove_index (self->orders, index);
  g_ptr_array_add (self->orders, lab_order_ref (order));
  if (self->orders->len > self->max_orders)
    g_ptr_array_remove_range (self->orders, 0, self->orders->len - self->max_orders);
}

/* The configuration was loaded or has changed. */
static void
take_configured (LabOrderService *self,
                 const char      *list)
{
  g_auto(GStrv) lines = g_strsplit (list, "\n", -1);

  for (guint i = self->orders->len; i > 0; i--)
    {
      if (((const LabOrder *) g_ptr_array_index (self->orders, i - 1))->is_configured)
        g_ptr_array_remove_index (self->orders, i - 1);
    }

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(LabOrder) order = NULL;

      if (*g_strstrip (lines[i]) == '\0')
        continue;
      order = lab_order_new_from_line (lines[i], &error);
      if (order == NULL)
        {
          asab_log_warning ("An order of the configuration is left out: %s", error->message);
          continue;
        }
      order->is_configured = TRUE;
      put_order (self, order);
    }
}

static void
replay_cb (GVariant *entry,
           gpointer  user_data)
{
  g_autoptr(LabOrder) order = lab_order_new_from_variant (entry, NULL);

  if (order != NULL)
    put_order (LAB_ORDER_SERVICE (user_data), order);
}

static gboolean
open_journal (LabOrderService  *self,
              AsabApplication  *application,
              GError          **error)
{
  g_autofree char *folder = asab_application_ensure_directory (application, ASAB_DIRECTORY_STATE, error);
  g_autofree char *path = NULL;

  if (folder == NULL)
    return FALSE;

  path = g_build_filename (folder, "orders.journal", NULL);
  self->journal = lab_journal_open (path, error);

  return self->journal != NULL && lab_journal_foreach (self->journal, self->max_orders, replay_cb, self, error);
}

static AsabFuture *
lab_order_service_initialize (AsabComponent   *component,
                              AsabApplication *application)
{
  LabOrderService *self = LAB_ORDER_SERVICE (component);
  g_autoptr(GError) error = NULL;

  if (!open_journal (self, application, &error))
    return asab_future_new_rejected (error);

  return NULL;
}

static void
lab_order_service_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  LabOrderService *self = LAB_ORDER_SERVICE (object);

  switch ((LabOrderServiceProperty) prop_id)
    {
    case PROP_LIST:
      g_value_set_string (value, self->list);
      break;
    case PROP_MAX_ORDERS:
      g_value_set_uint (value, self->max_orders);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
lab_order_service_set_property (GObject      *object,
                                guint         prop_id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  LabOrderService *self = LAB_ORDER_SERVICE (object);

  switch ((LabOrderServiceProperty) prop_id)
    {
    case PROP_LIST:
      g_free (self->list);
      self->list = g_value_dup_string (value);
      take_configured (self, self->list != NULL ? self->list : "");
      break;
    case PROP_MAX_ORDERS:
      self->max_orders = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
lab_order_service_finalize (GObject *object)
{
  LabOrderService *self = LAB_ORDER_SERVICE (object);

  g_clear_object (&self->journal);
  g_ptr_array_unref (self->orders);
  g_free (self->list);

  G_OBJECT_CLASS (lab_order_service_parent_class)->finalize (object);
}

static void
lab_order_service_class_init (LabOrderServiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS;

  object_class->get_property = lab_order_service_get_property;
  object_class->set_property = lab_order_service_set_property;
  object_class->finalize = lab_order_service_finalize;

  ASAB_COMPONENT_CLASS (klass)->initialize = lab_order_service_initialize;

  /**
   * LabOrderService:max-orders:
   *
   * How many orders there may be; the oldest ones make room for new ones.
   */
  props[PROP_MAX_ORDERS] = g_param_spec_uint ("max-orders", NULL, NULL, 1, G_MAXINT, 1000, flags);

  /**
   * LabOrderService:list:
   *
   * Orders, one a line: specimen, patient, tests.
   */
  props[PROP_LIST] = g_param_spec_string ("list", NULL, NULL, NULL, flags);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
lab_order_service_init (LabOrderService *self)
{
  self->orders = g_ptr_array_new_with_free_func ((GDestroyNotify) lab_order_unref);
}

LabOrderService *
lab_order_service_new (AsabApplication *application)
{
  return g_object_new (LAB_TYPE_ORDER_SERVICE, "application", application, "name", "orders", NULL);
}

typedef struct
{
  LabOrderService *service; /* (owned) */
  LabOrder *order;          /* (owned) */
} Addition;

static void
addition_free (gpointer data)
{
  Addition *addition = data;

  g_object_unref (addition->service);
  lab_order_unref (addition->order);
  g_free (addition);
}

static AsabFuture *
written_cb (AsabFuture  *future,
            gpointer     user_data,
            GError     **error)
{
  const Addition *addition = user_data;

  put_order (addition->service, addition->order);
  asab_log_info_with (ASAB_LOG_DATA (asab_log_text ("specimen", addition->order->specimen)), "There is a new order");

  return NULL;
}

/* The future is resolved when the order is on the disk; from then on analysers get it. */
AsabFuture *
lab_order_service_add (LabOrderService *self,
                       LabOrder        *order)
{
  g_autoptr(AsabFuture) written = lab_journal_append (self->journal, lab_order_to_variant (order));
  Addition *addition = g_new0 (Addition, 1);

  addition->service = g_object_ref (self);
  addition->order = lab_order_ref (order);

  return asab_future_then (written, written_cb, addition, addition_free);
}

/* Returns: (transfer none) (nullable): the order for a specimen */
LabOrder *
lab_order_service_find (LabOrderService *self,
                        const char      *specimen)
{
  guint index;

  return find_order (self, specimen, &index) ? g_ptr_array_index (self->orders, index) : NULL;
}

/* Returns: (transfer none) (element-type LabOrder): the orders, the oldest one first */
GPtrArray *
lab_order_service_list (LabOrderService *self)
{
  return self->orders;
}
