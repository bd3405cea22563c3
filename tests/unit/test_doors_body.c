/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a hook is sent, of a disk that calls itself whatever it likes: it ends
 * no string, begins no header and wakes nobody.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/doors/mail.h"

static char out[BODY_MAX];
static struct hale_hook hook;
static struct notify n;
static Hale__V1__Part part;
static Hale__V1__Finding finding;
static char condition[] = "disk.medium_error", id[] = "disk/naa.5000";
static char meaning[] = "It fails", empty[] = "";
static char evil[] = "sd\"e\r\nBcc: x@example.org\n.\n<!channel>{host}\xff";
static const struct picture picture = { .up = true,
					.host = "build1",
					.boot_id = "b" };

static int setup(void **state)
{
	(void)state;
	memset(&hook, 0, sizeof(hook));
	memset(&n, 0, sizeof(n));
	HALE_SET(hook.name, "ops");
	HALE_SET(hook.from, "hale@example.org");
	HALE_SET(hook.to, "a@example.org, b@example.org");
	hale__v1__part__init(&part);
	hale__v1__finding__init(&finding);
	part.id = id;
	part.alias = evil;
	finding.part = &part;
	finding.condition = condition;
	finding.evidence = evil;
	finding.meaning = meaning;
	finding.advice = finding.clears = empty;
	n.hook = &hook;
	n.n_changes = 1;
	n.counts.waiting = 1;
	n.changes[0].finding = &finding;
	HALE_SET(n.changes[0].what.condition, condition);
	HALE_SET(n.changes[0].what.part, id);
	HALE_SET(n.changes[0].what.alias, evil);
	n.changes[0].what.effect = HALE_EFFECT_BLOCKS;
	return 0;
}

static const char *print(enum hale_hook_kind kind, const char *body)
{
	const struct body_setup s = { .hook = &hook,
				      .routing_key = "key",
				      .body = body,
				      .now_ns = 1500000000 * HALE_NS_PER_S };
	struct text t = { .at = out, .size = sizeof(out) };

	hook.kind = kind;
	assert_int_equal(body_print(&s, &n, &picture, &t), 0);
	return out;
}

#define HAS(text, part)	  assert_non_null(strstr((text), (part)))
#define LACKS(text, part) assert_null(strstr((text), (part)))

/* Quotes that are not escaped come in pairs, and no control is there. */
static void is_json(const char *text)
{
	size_t quotes = 0, depth = 0;

	for (const char *c = text; *c != '\0'; c++) {
		assert_true((unsigned char)*c >= ' ');
		if (*c == '\\')
			c++;
		else if (*c == '"')
			quotes++;
		else if (quotes % 2 == 0 && (*c == '{' || *c == '['))
			depth++;
		else if (quotes % 2 == 0 && (*c == '}' || *c == ']'))
			depth--;
	}
	assert_int_equal(quotes % 2, 0);
	assert_int_equal(depth, 0);
}

static void a_webhook_is_json(void **state)
{
	const char *t = print(HALE_HOOK_WEBHOOK, NULL);

	(void)state;
	is_json(t);
	HAS(t, "\"change\":\"opened\",\"condition\":\"disk.medium_error\"");
	HAS(t, "\"sent\":\"2017-07-14T02:40:00Z\",\"more\":0");
	HAS(t, "sd\\\"e??Bcc");
	/* what a value says is no template */
	HAS(t, "{host}");
}

static void a_body_of_ones_own_is_json_too(void **state)
{
	const char *t =
		print(HALE_HOOK_WEBHOOK, "{{\"{condition}\":\"{evidence}\"}}");

	(void)state;
	is_json(t);
	HAS(t, "{\"disk.medium_error\":\"sd\\\"e??Bcc");
}

static void slack_wakes_nobody(void **state)
{
	const char *t = print(HALE_HOOK_SLACK, NULL);

	(void)state;
	is_json(t);
	LACKS(t, "<!channel>");
	HAS(t, "&lt;!channel&gt;");
	HAS(t, "build1: disk.medium_error blocks on ");
}

static void pagerduty_has_what_it_wants(void **state)
{
	const char *t = print(HALE_HOOK_PAGERDUTY, NULL);

	(void)state;
	is_json(t);
	HAS(t, "{\"routing_key\":\"key\",\"event_action\":\"trigger\","
	       "\"dedup_key\":\"hale/build1/disk.medium_error/disk/naa.5000\"");
	HAS(t, "\"severity\":\"critical\"");
	n.changes[0].kind = CHANGE_CLOSED;
	n.changes[0].finding = NULL;
	t = print(HALE_HOOK_PAGERDUTY, NULL);
	is_json(t);
	HAS(t, "\"event_action\":\"resolve\"");
	HAS(t, "\"dedup_key\":\"hale/build1/disk.medium_error/disk/naa.5000\"");
	LACKS(t, "payload");
}

static void a_mails_headers_are_its_own(void **state)
{
	const char *t = print(HALE_HOOK_EMAIL, NULL);
	const char *body = strstr(t, "\n\n");

	(void)state;
	assert_non_null(body);
	HAS(t, "From: hale@example.org\nTo: a@example.org,\n b@example.org\n");
	HAS(t,
	    "\nSubject: [hale] build1 UNKNOWN: disk.medium_error sd\"e??Bcc");
	HAS(t, "\nDate: Fri, 14 Jul 2017 02:40:00 +0000\n");
	LACKS(t, "\nBcc:");
	LACKS(t, "\n.\n");
	LACKS(t, "\r");
}

static void the_same_change_has_the_same_key(void **state)
{
	char a[CHANGE_KEY_MAX], b[CHANGE_KEY_MAX];

	(void)state;
	change_key(&n.changes[0], "build1", a);
	change_key(&n.changes[0], "build1", b);
	assert_string_equal(a, b);
	change_key(&n.changes[0], "build2", b);
	assert_string_not_equal(a, b);
	n.changes[0].what.first_ns = 5; /* it came back */
	change_key(&n.changes[0], "build1", b);
	assert_string_not_equal(a, b);
}

static void many_are_told_in_few_words(void **state)
{
	const char *t;
	size_t lines = 0;

	(void)state;
	for (size_t i = 0; i < CHANGES_MAX; i++)
		n.changes[i] = n.changes[0];
	n.n_changes = CHANGES_MAX;
	n.counts.waiting = 90;
	t = print(HALE_HOOK_EMAIL, NULL);
	HAS(t, "and 80 more: hale status\n");
	HAS(t, ", and 89 more\n");
	for (t = strstr(t, "\n\n") + 2; *t != '\0'; t++)
		lines += *t == '\n';
	assert_int_equal(lines, 12);
	is_json(print(HALE_HOOK_WEBHOOK, NULL));
	HAS(out, "\"more\":58");
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

/* What does not fit is left for the next message: one that can never be sent
 * would be the end of all. */
static void what_does_not_fit_comes_later(void **state)
{
	static char quotes[240], slashes[256], name[96];
	char more[32];
	const char *t;

	(void)state;
	memset(quotes, '"', sizeof(quotes) - 1);
	memset(slashes, '\\', sizeof(slashes) - 1);
	memset(name, '"', sizeof(name) - 1);
	part.id = part.alias = part.model = name;
	part.where = slashes;
	finding.evidence = finding.meaning = quotes;
	finding.advice = finding.clears = quotes;
	for (size_t i = 0; i < CHANGES_MAX; i++) {
		n.changes[i] = n.changes[0];
		HALE_SET(n.changes[i].what.part, name);
		HALE_SET(n.changes[i].what.alias, name);
	}
	n.n_changes = n.counts.waiting = CHANGES_MAX;
	t = print(HALE_HOOK_WEBHOOK, NULL);
	is_json(t);
	assert_in_range(n.n_changes, 1, CHANGES_MAX - 1);
	snprintf(more, sizeof(more), "\"more\":%zu,",
		 CHANGES_MAX - n.n_changes);
	HAS(t, more);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_webhook_is_json),
		TEST(a_body_of_ones_own_is_json_too),
		TEST(slack_wakes_nobody),
		TEST(pagerduty_has_what_it_wants),
		TEST(a_mails_headers_are_its_own),
		TEST(the_same_change_has_the_same_key),
		TEST(many_are_told_in_few_words),
		TEST(what_does_not_fit_comes_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
