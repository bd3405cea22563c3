/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mail's text. Decides its headers. Must never let a line of a header hold
 * what came from outside unless it is plain ASCII without a line's end: that is
 * how a disk's name would become a "Bcc:". Lines of the body stay below the 998
 * bytes of RFC 5322, 2.1.1.
 */
#include <time.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/doors/mail.h"

/* Printable ASCII, the rest '?'. */
static void put_header_text(struct text *t, const char *s, size_t max)
{
	for (size_t i = 0; i < max && s[i] != '\0'; i++) {
		char c = s[i];

		text_add(t, c >= ' ' && c < 0x7f ? &c : "?", 1);
	}
}

static void put_date(struct text *t, uint64_t now_ns)
{
	time_t s = (time_t)(now_ns / HALE_NS_PER_S);
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed",
					    "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr",
					      "May", "Jun", "Jul", "Aug",
					      "Sep", "Oct", "Nov", "Dec" };
	struct tm tm;

	if (!gmtime_r(&s, &tm))
		return;
	text_putf(t, "Date: %s, %d %s %d %02d:%02d:%02d +0000\n",
		  days[tm.tm_wday % 7], tm.tm_mday, months[tm.tm_mon % 12],
		  tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void put_subject(struct text *t, const struct notify *n,
			const struct picture *p)
{
	const struct change *c = &n->changes[0];

	text_put(t, "Subject: [hale] ");
	put_header_text(t, p->host, 64);
	text_putf(t, " %s: ", fitness_name(picture_fitness(p)));
	put_header_text(t, c->what.condition, 40);
	text_put(t, " ");
	put_header_text(t, c->what.alias[0] ? c->what.alias : c->what.part, 95);
	text_putf(t, " %s", change_name(c->kind));
	if (n->counts.waiting > 1)
		text_putf(t, ", and %u more", n->counts.waiting - 1);
	text_put(t, "\n");
}

void mail_print(const struct body_setup *s, const struct notify *n,
		const struct picture *p, struct text *t)
{
	char key[CHANGE_KEY_MAX], buf[HALE_DOOR_TEXT_MAX];
	char *to[HALE_RECIPIENTS_MAX + 1];
	size_t n_to = mail_addresses(s->hook->to, buf, to);

	change_key(&n->changes[0], p->host, key);
	text_putf(t, "From: %s\n", s->hook->from);
	for (size_t i = 0; i < n_to; i++)
		text_putf(t, "%s%s", i == 0 ? "To: " : ",\n ", to[i]);
	text_put(t, "\n");
	put_subject(t, n, p);
	put_date(t, s->now_ns);
	text_putf(t, "Message-ID: <%s.%llu@hale.invalid>\n", key,
		  (unsigned long long)(s->now_ns / HALE_NS_PER_S));
	text_put(t, "Auto-Submitted: auto-generated\nMIME-Version: 1.0\n"
		    "Content-Type: text/plain; charset=utf-8\n"
		    "Content-Transfer-Encoding: 8bit\n\n");
	body_lines(s, n, p, t);
}

size_t mail_addresses(const char *to, char buf[HALE_DOOR_TEXT_MAX],
		      char *ret_list[HALE_RECIPIENTS_MAX + 1])
{
	size_t n = 0;
	char *rest = buf, *word;

	hale_copy(buf, HALE_DOOR_TEXT_MAX, to, strlen(to));
	while (n < HALE_RECIPIENTS_MAX &&
	       (word = strsep(&rest, " ,")) != NULL) {
		if (word[0] != '\0')
			ret_list[n++] = word;
	}
	ret_list[n] = NULL;
	return n;
}
