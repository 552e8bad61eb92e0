/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Standard input, output and error, as far as a service can do without them. */

#include "config.h"

#include "asab-standard-streams-private.h"

#include <fcntl.h>
#include <unistd.h>

/*
 * asab_standard_streams_fill:
 *
 * Opens those that the process was started without. What is opened next would be in their place else, and the log
 * would be written there. To be called before anything is opened.
 */
void
asab_standard_streams_fill (void)
{
  int fd;

  do
    fd = open ("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO);

  if (fd >= 0)
    close (fd);
}

/* Takes those from @first_fd to @last_fd from whoever listens there. */
void
asab_standard_streams_silence (int first_fd,
                               int last_fd)
{
  int null_fd = open ("/dev/null", O_RDWR | O_CLOEXEC);

  for (int fd = first_fd; fd <= last_fd && null_fd >= 0; fd++)
    dup2 (null_fd, fd);
  if (null_fd >= 0)
    close (null_fd);
}
