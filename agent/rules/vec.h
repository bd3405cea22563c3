/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RULES_VEC_H
#define HALE_RULES_VEC_H

#include <stddef.h>

/* An array that grows while compiling. */
struct vec {
	union {
		void *at;
		const void *fixed; /* of the built-in set */
	};
	size_t n, size, item;
};

#endif
