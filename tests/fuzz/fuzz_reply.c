/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hostile agent: whatever it sends, in however many messages, the client
 * takes it as an answer or does not, never as FIT where it did not say so, and
 * what is printed of it, as text, Markdown, for Nagios or as JSON, holds
 * nothing that a terminal would obey. Seeds: seeds_reply.py.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/cli/explain.h"
#include "agent/cli/render.h"
#include "agent/cli/report.h"
#include "agent/lib/answer.h"
#include "agent/lib/exchange.h"
#include "agent/lib/explain.h"

#include "pieces.h"

#define NOW (UINT64_C(1795303800) * HALE_NS_PER_S)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Lines of whole characters, none of them a control character. */
static void harmless(struct out *o)
{
	const char *text = o->text;
	size_t len = o->len;

	while (len > 0) {
		uint32_t c;
		int n = *text == '\n' ? 1 : hale_utf8_next(text, len, &c);

		must(n > 0);
		must(*text == '\n' ||
		     (c >= 0x20 && c != 0x7f && (c < 0x80 || c >= 0xa0)));
		text += n;
		len -= (size_t)n;
	}
	out_done(o);
}

static void as_text(const struct hale_reply *r, const struct hale_summary *s)
{
	struct out o = { .text = NULL };
	struct hale_entry e;

	render_headline(&o, s, NOW);
	render_reasons(&o, r, NOW);
	render_coverage(&o, r, 60);
	render_coverage_brief(&o, r);
	render_scope(&o, r, 80, NOW);
	report_render(&o, r, 80, NOW);
	report_changes(&o, NULL, r, "12:00:00", NOW);
	for (size_t i = 0; hale_reply_finding(r, i, &e); i++) {
		render_brief(&o, &e, NOW);
		must(report_find(r, &e, &e));
	}
	harmless(&o);
	render_nagios(&o, r, NOW);
	harmless(&o);
}

static void as_story(const struct hale_reply *r)
{
	const struct explain_view v = { .all = true, .now_ns = NOW };
	const struct explain_view brief = { .now_ns = NOW };
	struct hale_cause cause;
	struct hale_victim victim;
	struct out o = { .text = NULL };

	for (size_t i = 0; explain_cause(r, i, &cause); i++)
		must(cause.n_steps <= HALE_CAUSE_STEPS_MAX);
	for (size_t i = 0; explain_death(r, i, &victim); i++)
		must(victim.n_files <= HALE_VICTIM_FILES_MAX);
	explain_text(&o, r, &v);
	explain_text(&o, r, &brief);
	harmless(&o);
	explain_markdown(&o, r, &v);
	harmless(&o);
}

/* No build starts by an answer that did not say that it may. */
static void judge(Hale__V1__Reply *pb, Hale__V1__Reply__BodyCase kind)
{
	const struct answer_way way = { .source = ANSWER_FROM_AGENT };
	const Hale__V1__Verdict *v = answer_verdict(pb);
	bool fit = v && v->fitness == HALE__V1__FITNESS__FIT;
	bool may = fit || (v && v->fitness == HALE__V1__FITNESS__DEGRADED);
	struct hale_summary s;
	struct hale_reply *r;
	char *json = NULL;

	if (answer_make(kind, &way, pb, &r) < 0)
		return;
	hale_reply_summary(r, &s);
	must(s.fitness != HALE_FIT || fit);
	must(s.exit_code != 0 || may);
	as_text(r, &s);
	as_story(r);
	if (hale_reply_json(r, &json) == 0)
		must(!strpbrk(json, "\n\r\033"));
	free(json);
	hale_reply_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pieces p = { data, size };
	Hale__V1__Reply *pb = NULL;
	const uint8_t *bytes;
	size_t len;
	int fds[2], r;

	must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == 0);
	while (pieces_next(&p, &bytes, &len))
		(void)!send(fds[1], bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fds[1]);
	r = exchange_receive(fds[0], 100, 100, &pb);
	close(fds[0]);
	if (r < 0)
		return 0;
	for (int kind = HALE__V1__REPLY__BODY__NOT_SET; kind < 24; kind++) {
		if (!answer_sound(pb, (Hale__V1__Reply__BodyCase)kind))
			continue;
		judge(pb, (Hale__V1__Reply__BodyCase)kind);
		return 0;
	}
	hale__v1__reply__free_unpacked(pb, NULL);
	return 0;
}
