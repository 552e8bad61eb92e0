/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asab-glib/asab.h>

G_BEGIN_DECLS

#define LAB_TYPE_JOURNAL (lab_journal_get_type ())
G_DECLARE_FINAL_TYPE (LabJournal, lab_journal, LAB, JOURNAL, GObject)

/**
 * LabJournalFunc:
 * @entry: what was appended
 * @user_data: the data given with the function
 *
 * Called for each entry that a journal had when it was opened.
 */
typedef void (*LabJournalFunc) (GVariant *entry,
                                gpointer  user_data);

LabJournal *lab_journal_open    (const char      *path,
                                 GError         **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean    lab_journal_foreach (LabJournal      *self,
                                 guint            max_entries,
                                 LabJournalFunc   func,
                                 gpointer         user_data,
                                 GError         **error);
AsabFuture *lab_journal_append  (LabJournal      *self,
                                 GVariant        *entry) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
