/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_KERNEL_LOG_H
#define HALE_KERNEL_LOG_H

/*
 * Who may read the kernel's own words. Where kernel.dmesg_restrict is set, what
 * the log says is for root and who may control the agent, and for the group
 * that reads logs; others get condition, part and numbers. Inline like base.h,
 * because the gate and the store rest on no common room.
 */

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* Reads /var/log and the journal on Debian and its kin. */
#define HALE_LOG_GROUP "adm"

/* Is what this driver gives as evidence a line of the kernel log, or does it
 * hold one? procevent: of a death, what the log says of it. */
static inline bool hale_is_kernel_text(const char *driver)
{
	return strcmp(driver, "kmsg") == 0 || strcmp(driver, "pstore") == 0 ||
	       strcmp(driver, "procevent") == 0;
}

/* To be opened while files may be; -1: it cannot be told. */
static inline int hale_log_open(void)
{
	return open("/proc/sys/kernel/dmesg_restrict", O_RDONLY | O_CLOEXEC);
}

/* As it is now; what cannot be told is restricted. */
static inline bool hale_log_restricted(int fd)
{
	char digit = '1';

	return fd < 0 || pread(fd, &digit, 1, 0) != 1 || digit != '0';
}

#endif
