/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Progress, as each tool prints it, and when it is told on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/run/text/progress.h"

struct row {
	const char *text;
	uint32_t step, steps, cached;
	bool percent;
};

static const struct row rows[] = {
	{ "#5 [internal] load build definition\n", 0, 0, 0, false },
	{ "#7 [2/9] RUN make\n", 2, 9, 0, false },
	{ "#12 [stage-1 3/9] COPY . .\n#12 CACHED\n", 3, 9, 1, false },
	{ "#12 [linux/arm64 build 3/4] RUN x\n", 3, 4, 0, false },
	/* what a step prints is not the build's */
	{ "#7 [2/9] RUN make\n#7 1.52 [ 41%] Building C object\n", 2, 9, 0,
	  false },
	{ "#7 [2/9] RUN make\n[ 41%] Building C object\n", 2, 9, 0, false },
	{ "[+] Building 12.3s (5/9)\n => CACHED [2/9] RUN a\n"
	  " => [3/9] RUN b\n",
	  5, 9, 1, false },
	/* drawn again: the same one is not counted twice */
	{ "[+] Building 1.0s (2/9)\n => CACHED [1/9] RUN a\n"
	  "\033[3A[+] Building 2.0s (3/9)\n => CACHED [1/9] RUN a\n"
	  " => CACHED [2/9] RUN b\n",
	  3, 9, 2, false },
	{ "[+] Running 3/5\n", 3, 5, 0, false },
	{ "Step 3/9 : RUN make\n ---> Using cache\n", 3, 9, 1, false },
	{ "STEP 2/4: COPY a /a\n--> Using cache 5b0bcabd1ed2\n"
	  "STEP 3/4: RUN make\n",
	  3, 4, 1, false },
	{ "STEP 3: RUN make\nSTEP 3/4\n--> Using cache\n", 0, 0, 0, false },
	{ "[41/120] Building CXX object a.o\r[42/120] Linking x\n", 42, 120, 0,
	  false },
	{ "curl 1%\rcurl 2%\r[41/120] a\nb\rc\n[42/120] d\re\rf\n", 42, 120, 0,
	  false },
	{ "[ 41%] Building C object a.o\n", 41, 100, 0, true },
	{ "[100%] Built target a\n", 100, 100, 0, true },
	{ "\033[32m[1,234 / 5,678]\033[0m 3 actions running\n", 1234, 5678, 0,
	  false },
	{ "    Building [====>      ] 12/40: serde\r", 12, 40, 0, false },
	{ "   Compiling serde v1.0.3\n", 0, 0, 0, false },
	{ "<=====--------> 41% EXECUTING [3s]\n", 41, 100, 0, true },
	{ "[INFO] Building core 1.0-SNAPSHOT                 [3/12]\n", 3, 12,
	  0, false },
	{ "(3/12): gcc-13.2.x86_64.rpm\n", 3, 12, 0, false },
	{ "  Installing       : gcc-13.2-1.x86_64      3/12\n", 3, 12, 0,
	  false },
	/* what only looks like it */
	{ "see chapter 3/9\n", 0, 0, 0, false },
	{ "[3/0] x\n", 0, 0, 0, false },
	{ "[9/3] x\n", 0, 0, 0, false },
	{ "[101%] x\n", 0, 0, 0, false },
	{ "[INFO] BUILD SUCCESS\n", 0, 0, 0, false },
	{ "[99999999999999999999/3] x\n", 0, 0, 0, false },
	{ "Step 3/9\n", 0, 0, 0, false },
	{ "[3/9 x\n", 0, 0, 0, false },
};

static void check(const struct row *row, const struct progress *p)
{
	if (p->step != row->step || p->steps != row->steps ||
	    p->cached != row->cached ||
	    (p->steps > 0 && p->percent != row->percent))
		fail_msg("%s: %u/%u, %u cached", row->text, p->step, p->steps,
			 p->cached);
}

static void each_tool_is_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rows); i++) {
		struct progress whole = { 0 }, bytes = { 0 };
		size_t len = strlen(rows[i].text);

		progress_put(&whole, rows[i].text, len);
		check(&rows[i], &whole);
		for (size_t k = 0; k < len; k++)
			progress_put(&bytes, rows[i].text + k, 1);
		check(&rows[i], &bytes);
	}
}

static void put(struct progress *p, const char *text)
{
	progress_put(p, text, strlen(text));
}

#define AT(s) ((s)*HALE_NS_PER_S)

static void it_is_said_ever_more_rarely(void **state)
{
	struct progress_pace pace = { 0 };
	struct progress p = { 0 };
	int n = 0;

	(void)state;
	assert_false(progress_due(&pace, &p, false, AT(9), AT(1009)));
	for (uint64_t t = 10; t < 3610; t++)
		n += progress_due(&pace, &p, false, AT(t), AT(1000 + t));
	assert_in_range(n, 40, 70);
}

static void it_never_falls_into_a_line(void **state)
{
	struct progress_pace pace = { 0 };
	struct progress p = { 0 };

	(void)state;
	put(&p, "checking for cc... ");
	assert_false(progress_due(&pace, &p, true, AT(20), AT(20)));
	/* on a stream of its own it may */
	assert_true(progress_due(&pace, &p, false, AT(20), AT(20)));
	pace = (struct progress_pace){ 0 };
	put(&p, "yes\n");
	assert_true(progress_due(&pace, &p, true, AT(21), AT(21)));
}

static void it_never_falls_into_what_is_redrawn(void **state)
{
	struct progress_pace pace = { 0 };
	struct progress p = { 0 };

	(void)state;
	put(&p, "\033[2Jdone\n");
	assert_false(progress_due(&pace, &p, true, AT(20), AT(20)));
	/* colours are no redrawing */
	p = (struct progress){ 0 };
	put(&p, "\033[1;31mred\033[0m\n\033]0;title A\a\n");
	assert_true(progress_due(&pace, &p, true, AT(20), AT(20)));
}

static void it_says(const struct progress *p, uint64_t elapsed,
		    uint64_t expected, const char *text)
{
	char got[128];

	progress_print(p, AT(elapsed), AT(expected), got, sizeof(got));
	assert_string_equal(got, text);
}

static void it_is_one_short_line(void **state)
{
	struct progress p = { 0 };

	(void)state;
	it_says(&p, 41, 0, "41 s");
	put(&p, "[3/9] x\n");
	it_says(&p, 41, 80, "step 3/9, 41 s, about 1 min 20 s in all");
	it_says(&p, 3725, 80,
		"step 3/9, 1 h 2 min, longer than usual (1 min "
		"20 s)");
	put(&p, "[ 41%] x\n");
	it_says(&p, 5, 0, "41 %, 5 s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_tool_is_understood),
		cmocka_unit_test(it_is_said_ever_more_rarely),
		cmocka_unit_test(it_never_falls_into_a_line),
		cmocka_unit_test(it_never_falls_into_what_is_redrawn),
		cmocka_unit_test(it_is_one_short_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
