/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OTLP/HTTP: metrics each interval, and a log record for each change of a
 * finding. Decides what a failure costs: of metrics nothing, since the next
 * message says the same sums; of records nothing either, since what was not
 * acknowledged is told again. What a collector calls bad (400) is not sent
 * twice, as its specification wants it.
 */
#include <errno.h>
#include <sys/random.h>

#include "hale/base.h"

#include "agent/doors/doors.h"
#include "agent/doors/otlp.h"

static void tell(struct doors *d, const char *what, const struct post_result *r)
{
	if (!r->delivered && !d->export_failing)
		doors_log(4, "[otlp] %s: %s", what, r->error);
	else if (r->delivered && d->export_failing)
		doors_log(5, "[otlp] %s: delivered again", what);
	d->export_failing = !r->delivered;
	d->exported += r->delivered;
	d->unexported += !r->delivered;
}

static void on_metrics(void *data, const struct post_result *r)
{
	struct doors *d = data;

	d->metrics_busy = false;
	tell(d, "metrics", r);
}

static void on_logs(void *data, const struct post_result *r)
{
	struct doors *d = data;
	struct notify_result result = { .delivered = r->delivered,
					.after_s = r->after_s };

	tell(d, "logs", r);
	if (r->status == 400)
		result.delivered = true;
	if (getrandom(&result.chance, sizeof(result.chance), GRND_NONBLOCK) < 0)
		result.chance = 0;
	if (notify_result(&d->logs, &result, doors_now_ns()))
		told_save(d);
	d->logs_ns = 1;
}

static int post(struct doors *d, const char *url, const void *bytes, size_t len,
		void (*done)(void *, const struct post_result *))
{
	struct post_request q = {
		.url = url,
		.ca_file = d->config.otlp_ca_file,
		.body = bytes,
		.len = len,
		.done = done,
		.data = d,
	};
	size_t n = 0;

	q.headers[n++] = "Content-Type: application/x-protobuf";
	for (size_t i = 0; d->header[i] && n < POST_HEADERS_MAX; i++)
		q.headers[n++] = d->header[i];
	return post_start(d->post, &q);
}

/* Of metrics or of the records that are due. */
static ssize_t encode(struct doors *d, bool logs, uint8_t *bytes)
{
	_cleanup_free_ uint8_t *mem = malloc(OTLP_ARENA);
	struct codec_arena a = { .mem = mem, .size = OTLP_ARENA };
	struct hook_counts hooks[HALE_HOOKS_MAX];
	struct door_counts counts;
	struct picture p = doors_picture(d, &counts, hooks);

	if (!mem)
		return -ENOMEM;
	return logs ? otlp_logs(&p, &d->logs, doors_time_ns(), &a, bytes)
		    : otlp_metrics(&p, d->config.findings_max, doors_time_ns(),
				   &a, bytes);
}

static void send_one(struct doors *d, bool logs)
{
	_cleanup_free_ uint8_t *bytes = malloc(OTLP_MAX);
	ssize_t n = bytes ? encode(d, logs, bytes) : -ENOMEM;
	struct post_result failed = { .delivered = false };
	int r = n < 0 ? (int)n : 0;

	if (r == 0)
		r = post(d, logs ? d->logs_url : d->metrics_url, bytes,
			 (size_t)n, logs ? on_logs : on_metrics);
	if (r == 0)
		return;
	snprintf(failed.error, sizeof(failed.error), "%s", strerror(-r));
	(logs ? on_logs : on_metrics)(d, &failed);
}

void export_due(struct doors *d)
{
	uint64_t now = doors_now_ns();
	struct picture p = d->report.picture;

	if (!d->config.endpoint[0])
		return;
	if (!d->config.no_metrics && !d->metrics_busy && now >= d->metrics_ns) {
		d->metrics_ns = now + d->config.interval_s * HALE_NS_PER_S;
		d->metrics_busy = true;
		send_one(d, false);
	}
	if (!d->config.no_logs &&
	    notify_plan(&d->logs, &p, d->silent_ns, now, &d->logs_ns))
		send_one(d, true);
}

/* "Name: value" lines; blank ones and those that begin with # are left out. */
static int take_headers(struct doors *d)
{
	char *rest, *line;
	size_t n = 0;
	ssize_t len;

	if (!d->config.headers_file[0])
		return 0;
	len = setup_load(d->config.headers_file, 8192, &d->headers);
	if (len < 0)
		return (int)len;
	rest = d->headers;
	while ((line = strsep(&rest, "\n")) != NULL &&
	       n < POST_HEADERS_MAX - 2) {
		line[strcspn(line, "\r")] = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		if (!strchr(line, ':') || line[0] == ':')
			return -EINVAL;
		d->header[n++] = line;
	}
	d->header[n] = NULL;
	return 0;
}

int export_open(struct doors *d)
{
	size_t len = strlen(d->config.endpoint);

	if (len == 0)
		return 0;
	len -= d->config.endpoint[len - 1] == '/';
	snprintf(d->logs_url, sizeof(d->logs_url), "%.*s/v1/logs", (int)len,
		 d->config.endpoint);
	snprintf(d->metrics_url, sizeof(d->metrics_url), "%.*s/v1/metrics",
		 (int)len, d->config.endpoint);
	/* no name of a [notify.NAME] has a dot */
	HALE_SET(d->logs_hook.name, ".otlp");
	d->logs_hook.least = HALE_EFFECT_NOTES;
	d->logs_hook.limit = 600;
	d->logs_hook.window_s = 3600;
	notify_init(&d->logs, &d->logs_hook);
	return take_headers(d);
}
