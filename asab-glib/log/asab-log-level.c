/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is logged: a threshold, and levels of domains, which hold for the domains below them too: a level for `shop`
 * is also that of `shop.cart`, if that has none of its own.
 *
 * Most of what is not logged is found out by a comparison with the widest of all levels. Each place in a program that
 * logs through our macros remembers the answer until some level changes.
 */

#include "config.h"

#include <asab-glib/log/asab-log.h>

#include "asab-log-level-private.h"
#include "asab-log-macros.h"

#include <asab-glib/config/asab-config.h>

#include <glib/gi18n-lib.h>
#include <string.h>

static const struct
{
  const char *name;
  GLogLevelFlags level;
} level_names[] = {
  { "DEBUG", G_LOG_LEVEL_DEBUG },        { "INFO", G_LOG_LEVEL_INFO },       { "NOTICE", G_LOG_LEVEL_MESSAGE },
  { "LOG_NOTICE", G_LOG_LEVEL_MESSAGE }, { "WARNING", G_LOG_LEVEL_WARNING }, { "WARN", G_LOG_LEVEL_WARNING },
  { "ERROR", G_LOG_LEVEL_CRITICAL },     { "CRITICAL", G_LOG_LEVEL_ERROR },  { "FATAL", G_LOG_LEVEL_ERROR },
};

static GMutex lock;
static GHashTable *domain_levels; /* (owned) (nullable) (element-type utf8 severity): under the lock */
static int threshold = ASAB_LOG_SEVERITY_NOTICE; /* (atomic) */
static int widest = ASAB_LOG_SEVERITY_NOTICE;    /* (atomic): the least important severity that some domain logs */
static int has_domains;                          /* (atomic): whether there are levels of domains */
static int generation = 1;                       /* (atomic): grows when something changes */
static gboolean has_debug_domains; /* whether G_MESSAGES_DEBUG is set; not changed after the beginning */

AsabLogSeverity
asab_log_severity_from_level (GLogLevelFlags level)
{
  int bit = g_bit_nth_lsf (level & G_LOG_LEVEL_MASK, ASAB_LOG_SEVERITY_CRITICAL - 1);

  /* The levels of GLib are bits with the numbers of syslog's severities; a program may have levels beyond. */
  return bit >= ASAB_LOG_SEVERITY_CRITICAL && bit <= ASAB_LOG_SEVERITY_DEBUG ? (AsabLogSeverity) bit
                                                                              : ASAB_LOG_SEVERITY_INFO;
}

static GLogLevelFlags
get_level (int severity)
{
  return (GLogLevelFlags) (1 << severity);
}

void
asab_log_levels_init (void)
{
  has_debug_domains = g_getenv ("G_MESSAGES_DEBUG") != NULL;
}

/* Looks for @domain and those above it. To be called with the lock. */
static int
lookup_level (const char *domain)
{
  g_autofree char *name = g_strdup (domain);

  for (;;)
    {
      gpointer severity = g_hash_table_lookup (domain_levels, name);
      char *dot;

      if (severity != NULL)
        return GPOINTER_TO_INT (severity);

      dot = strrchr (name, '.');
      if (dot == NULL)
        return g_atomic_int_get (&threshold);
      *dot = '\0';
    }
}

static int
get_limit (const char *domain)
{
  int limit = g_atomic_int_get (&threshold);

  if (domain != NULL && g_atomic_int_get (&has_domains))
    {
      g_mutex_lock (&lock);
      if (domain_levels != NULL)
        limit = lookup_level (domain);
      g_mutex_unlock (&lock);
    }

  return limit;
}

/* Returns: false if no domain logs @severity */
gboolean
asab_log_levels_may_pass (AsabLogSeverity severity)
{
  return (int) severity <= g_atomic_int_get (&widest) || has_debug_domains;
}

gboolean
asab_log_levels_pass (AsabLogSeverity  severity,
                      const char      *domain)
{
  if ((int) severity <= get_limit (domain))
    return TRUE;

  return has_debug_domains && !g_log_writer_default_would_drop (get_level (severity), domain);
}

/* To be called with the lock, after a change. */
static void
update (void)
{
  int limit = g_atomic_int_get (&threshold);
  GHashTableIter iter;
  gpointer severity;

  if (domain_levels != NULL)
    {
      g_hash_table_iter_init (&iter, domain_levels);
      while (g_hash_table_iter_next (&iter, NULL, &severity))
        limit = MAX (limit, GPOINTER_TO_INT (severity));
    }

  g_atomic_int_set (&has_domains, domain_levels != NULL);
  g_atomic_int_set (&widest, limit);
  g_atomic_int_inc (&generation);
}

/**
 * asab_log_get_threshold:
 *
 * Gets the least important level that is logged.
 *
 * Returns: a level, at first %G_LOG_LEVEL_MESSAGE
 */
GLogLevelFlags
asab_log_get_threshold (void)
{
  return get_level (g_atomic_int_get (&threshold));
}

/**
 * asab_log_set_threshold:
 * @level: a single level
 *
 * Sets the least important level that is logged.
 *
 * It is that of all domains that have no level of their own, see [func@log_set_domain_level]. Domains named in the
 * environment variable `G_MESSAGES_DEBUG` are logged whatever their level.
 */
void
asab_log_set_threshold (GLogLevelFlags level)
{
  g_return_if_fail ((level & G_LOG_LEVEL_MASK) != 0);

  g_mutex_lock (&lock);
  g_atomic_int_set (&threshold, (int) asab_log_severity_from_level (level));
  update ();
  g_mutex_unlock (&lock);
}

/**
 * asab_log_set_domain_level:
 * @domain: a log domain
 * @level: a single level, or 0 for none of its own
 *
 * Sets the least important level that a domain logs.
 *
 * It holds for domains below it too: that of `shop` is also that of `shop.cart`, which may have one of its own. It may
 * be changed at any time, from any thread.
 */
void
asab_log_set_domain_level (const char     *domain,
                           GLogLevelFlags  level)
{
  g_return_if_fail (domain != NULL);

  g_mutex_lock (&lock);
  if (domain_levels == NULL)
    domain_levels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if ((level & G_LOG_LEVEL_MASK) != 0)
    g_hash_table_insert (domain_levels, g_strdup (domain), GINT_TO_POINTER (asab_log_severity_from_level (level)));
  else
    g_hash_table_remove (domain_levels, domain);
  if (g_hash_table_size (domain_levels) == 0)
    g_clear_pointer (&domain_levels, g_hash_table_unref);
  update ();
  g_mutex_unlock (&lock);
}

/**
 * asab_log_get_domain_level:
 * @domain: a log domain
 *
 * Gets the least important level that a domain logs.
 *
 * Returns: a level
 */
GLogLevelFlags
asab_log_get_domain_level (const char *domain)
{
  g_return_val_if_fail (domain != NULL, G_LOG_LEVEL_MESSAGE);

  return get_level (get_limit (domain));
}

/* Reads pairs of a domain and a level. */
static gboolean
parse_line (GHashTable  *levels,
            const char  *line,
            GError     **error)
{
  g_auto(GStrv) words = NULL;

  if (line[0] == '\0' || line[0] == '#' || line[0] == ';')
    return TRUE;

  words = g_regex_split_simple ("[ \t]+", line, 0, 0);
  for (gsize i = 0; words[i] != NULL; i += 2)
    {
      GLogLevelFlags level;

      if (words[i + 1] == NULL || !asab_log_parse_level (words[i + 1], &level))
        {
          g_set_error (error, ASAB_CONFIG_ERROR, ASAB_CONFIG_ERROR_INVALID_VALUE,
                       _("“%s” is not a log domain and a level"), line);
          return FALSE;
        }
      g_hash_table_insert (levels, g_strdup (words[i]), GINT_TO_POINTER (asab_log_severity_from_level (level)));
    }

  return TRUE;
}

/* Returns: (transfer full) (nullable): the severity of each domain, or NULL with @error set */
static GHashTable *
parse_levels (const char  *text,
              GError     **error)
{
  g_autoptr(GHashTable) levels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      if (!parse_line (levels, g_strstrip (lines[i]), error))
        return NULL;
    }

  return g_steal_pointer (&levels);
}

/* Returns: whether asab_log_set_levels() would take @text */
gboolean
asab_log_levels_check (const char  *text,
                       GError     **error)
{
  g_autoptr(GHashTable) levels = parse_levels (text, error);

  return levels != NULL;
}

/**
 * asab_log_set_levels:
 * @text: lines, each with a log domain, a blank and the name of a level, or several such pairs
 * @error: return location for a [error@ConfigError]
 *
 * Sets the levels of all domains; those that @text does not name have none of their own afterwards.
 *
 * Empty lines and those that begin with `#` or `;` do not count. The domain `root` stands for all: its level becomes
 * the threshold. If a line makes no sense, nothing changes.
 *
 * Returns: true if the levels were set
 */
gboolean
asab_log_set_levels (const char  *text,
                     GError     **error)
{
  g_autoptr(GHashTable) levels = NULL;
  gpointer root;

  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  levels = parse_levels (text, error);
  if (levels == NULL)
    return FALSE;

  g_mutex_lock (&lock);
  root = g_hash_table_lookup (levels, "root");
  if (root != NULL)
    {
      g_atomic_int_set (&threshold, GPOINTER_TO_INT (root));
      g_hash_table_remove (levels, "root");
    }
  g_clear_pointer (&domain_levels, g_hash_table_unref);
  if (g_hash_table_size (levels) > 0)
    domain_levels = g_steal_pointer (&levels);
  update ();
  g_mutex_unlock (&lock);

  return TRUE;
}

/**
 * asab_log_is_enabled:
 * @domain: (nullable): a log domain
 * @level: a single level
 *
 * Asks whether something would be logged, for those who would have to work for what they log.
 *
 * Returns: true if @domain logs @level
 */
gboolean
asab_log_is_enabled (const char     *domain,
                     GLogLevelFlags  level)
{
  AsabLogSeverity severity = asab_log_severity_from_level (level);

  return asab_log_levels_may_pass (severity) && asab_log_levels_pass (severity, domain);
}

static gboolean
update_site (AsabLogSite *site)
{
  int current = g_atomic_int_get (&generation);
  gboolean is_enabled = asab_log_is_enabled (site->domain, site->level);

  g_atomic_int_set (&site->state, (current << 1) | is_enabled);

  return is_enabled;
}

/**
 * asab_log_site_is_enabled: (skip)
 * @site: a place that logs
 *
 * Asks whether it is to log. The macros do.
 *
 * Returns: true if it is
 */
gboolean
asab_log_site_is_enabled (AsabLogSite *site)
{
  int site_state = g_atomic_int_get (&site->state);

  if (G_LIKELY ((site_state >> 1) == g_atomic_int_get (&generation)))
    return site_state & 1;

  return update_site (site);
}

/**
 * asab_log_parse_level:
 * @name: the name of a level, in any case
 * @level: (out): return location for the level
 *
 * Looks up a level by the name that it has in the log, such as `NOTICE`.
 *
 * Returns: true if there is a level of that name
 */
gboolean
asab_log_parse_level (const char     *name,
                      GLogLevelFlags *level)
{
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (level != NULL, FALSE);

  for (gsize i = 0; i < G_N_ELEMENTS (level_names); i++)
    {
      if (g_ascii_strcasecmp (name, level_names[i].name) == 0)
        {
          *level = level_names[i].level;
          return TRUE;
        }
    }

  return FALSE;
}
