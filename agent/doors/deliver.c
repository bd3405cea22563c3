/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages to hooks: what notify.c says is due, as body.c spells it, on its way
 * by HTTP, SMTP or sendmail. Decides nothing about what is told. One message a
 * hook at a time. A hook that fails is said once, and once when it works again.
 */
#include <errno.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/doors/doors.h"
#include "agent/doors/mail.h"
#include "agent/doors/sign.h"

#define PAGERDUTY_URL "https://events.pagerduty.com/v2/enqueue"

static uint32_t by_chance(void)
{
	uint32_t bits = 0;

	if (getrandom(&bits, sizeof(bits), GRND_NONBLOCK) != sizeof(bits))
		return (uint32_t)doors_now_ns();
	return bits;
}

static void tell(struct door_hook *h, bool delivered, const char *why)
{
	const char *name = h->notify.hook->name;

	if (!delivered && !h->failing)
		doors_log(4, "[notify.%s]: %s; what is to be told is kept",
			  name, why);
	else if (delivered && h->failing)
		doors_log(5, "[notify.%s]: delivered again", name);
	h->failing = !delivered;
}

static void finish(struct door_hook *h, const struct post_result *r)
{
	const struct notify_result result = {
		.delivered = r->delivered,
		.after_s = r->after_s,
		.chance = by_chance(),
	};

	tell(h, r->delivered, r->error);
	if (notify_result(&h->notify, &result, doors_now_ns()))
		told_save(h->doors);
	h->doors->hooks_ns = 1; /* there may be more */
}

static void on_done(void *data, const struct post_result *r)
{
	finish(data, r);
}

static void fail(struct door_hook *h, int error)
{
	struct post_result r = { .delivered = false };

	snprintf(r.error, sizeof(r.error), "%s", strerror(error));
	finish(h, &r);
}

/* --- the ways --- */

void deliver_mailed(struct door_hook *h)
{
	struct post_result r = { 0 };
	unsigned char status = 0;
	ssize_t n = recv(h->mailer_fd, &status, 1, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close(h->mailer_fd);
		h->mailer_fd = -1;
		snprintf(r.error, sizeof(r.error), "haled: mail has ended");
	} else {
		snprintf(r.error, sizeof(r.error),
			 status == 255 ? "sendmail could not be run"
				       : "sendmail's exit status was %d",
			 status);
	}
	r.delivered = n == 1 && status == 0;
	finish(h, &r);
}

static void by_sendmail(struct door_hook *h, const struct text *t)
{
	if (h->mailer_fd < 0)
		fail(h, EPIPE);
	else if (send(h->mailer_fd, t->at, t->len,
		      MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		fail(h, errno);
}

static void by_smtp(struct door_hook *h, const struct text *t)
{
	char buf[HALE_DOOR_TEXT_MAX], *to[HALE_RECIPIENTS_MAX + 1];
	const struct post_request q = {
		.url = h->url,
		.ca_file = h->notify.hook->ca_file,
		.body = t->at,
		.len = t->len,
		.from = h->notify.hook->from,
		.to = to,
		.done = on_done,
		.data = h,
	};
	int r;

	mail_addresses(h->notify.hook->to, buf, to);
	r = post_start(h->doors->post, &q);
	if (r < 0)
		fail(h, -r);
}

static void by_http(struct door_hook *h, const struct text *t)
{
	const struct hale_hook *k = h->notify.hook;
	char signature[SIGN_TEXT_MAX], header[SIGN_TEXT_MAX + 32];
	struct post_request q = {
		.url = h->url[0] ? h->url : PAGERDUTY_URL,
		.ca_file = k->ca_file,
		.headers = { "Content-Type: application/json" },
		.body = t->at,
		.len = t->len,
		.done = on_done,
		.data = h,
	};
	int r;

	if (k->kind == HALE_HOOK_WEBHOOK && h->secret[0]) {
		sign_body((struct sign_bytes){ h->secret, strlen(h->secret) },
			  doors_time_ns() / HALE_NS_PER_S,
			  (struct sign_bytes){ t->at, t->len }, signature);
		snprintf(header, sizeof(header), SIGN_HEADER ": %s", signature);
		q.headers[1] = header;
	}
	r = post_start(h->doors->post, &q);
	if (r < 0)
		fail(h, -r);
}

/* --- which are due --- */

static void deliver(struct door_hook *h, const struct picture *p)
{
	const struct body_setup s = {
		.hook = h->notify.hook,
		.routing_key = h->secret,
		.body = h->body,
		.now_ns = doors_time_ns(),
	};
	_cleanup_free_ char *bytes = malloc(BODY_MAX);
	struct text t = { .at = bytes, .size = BODY_MAX };
	int r = bytes ? body_print(&s, &h->notify, p, &t) : -ENOMEM;

	if (r < 0)
		fail(h, -r);
	else if (h->notify.hook->kind != HALE_HOOK_EMAIL)
		by_http(h, &t);
	else if (h->url[0])
		by_smtp(h, &t);
	else
		by_sendmail(h, &t);
}

void deliver_due(struct doors *d)
{
	struct picture p = d->report.picture;
	uint64_t now = doors_now_ns(), next;

	p.host = p.host && p.host[0] ? p.host : d->host;
	p.boot_id = p.boot_id ? p.boot_id : "";
	d->hooks_ns = 0;
	for (size_t i = 0; i < d->n_hooks; i++) {
		struct door_hook *h = &d->hooks[i];

		if (notify_plan(&h->notify, &p, d->silent_ns, now, &next))
			deliver(h, &p);
		else if (next && (!d->hooks_ns || next < d->hooks_ns))
			d->hooks_ns = next;
	}
}
