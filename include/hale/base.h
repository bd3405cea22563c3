/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_BASE_H
#define HALE_BASE_H

/*
 * What every room may use without asking: cleanup attributes, sizes, time
 * constants. Everything here is inline; there is nothing to link.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HALE_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define HALE_NS_PER_US UINT64_C(1000)
#define HALE_NS_PER_MS UINT64_C(1000000)
#define HALE_NS_PER_S  UINT64_C(1000000000)

#define HALE_KIB (UINT64_C(1) << 10)
#define HALE_MIB (UINT64_C(1) << 20)
#define HALE_GIB (UINT64_C(1) << 30)

static inline void hale_cleanup_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void hale_cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void hale_cleanup_file(FILE **f)
{
	if (*f)
		fclose(*f);
}

#define _cleanup_fd_   __attribute__((cleanup(hale_cleanup_fd)))
#define _cleanup_free_ __attribute__((cleanup(hale_cleanup_free)))
#define _cleanup_file_ __attribute__((cleanup(hale_cleanup_file)))

/**
 * hale_copy() - copy text into a fixed field, cut where it does not fit
 * @dst: @size bytes, always terminated if @size > 0.
 * @src: @len bytes; ends early at a NUL.
 *
 * Return: false where something was cut off.
 */
static inline bool hale_copy(char *dst, size_t size, const char *src,
			     size_t len)
{
	size_t n = strnlen(src, len);
	bool whole = n < size;

	if (size == 0)
		return n == 0;
	if (!whole)
		n = size - 1;
	memcpy(dst, src, n);
	dst[n] = '\0';
	return whole;
}

/* hale_copy() of a terminated string into a char array. */
#define HALE_SET(array, text)                                                  \
	hale_copy((array), sizeof(array), (text), strlen(text))

#endif
