/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_RENDER_TEXT_H
#define TESTS_UNIT_RENDER_TEXT_H

/* What was rendered as one text, at an invented time. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/cli/render.h"

#define S   HALE_NS_PER_S
#define NOW (1000000 * S)

static const char *text_of(struct out *o)
{
	static char text[8192];

	assert_true(o->len < sizeof(text));
	memcpy(text, o->text ? o->text : "", o->len);
	text[o->len] = '\0';
	out_done(o);
	return text;
}

#endif
