/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libhale's front door: builds the question, brings it to the agent or, where
 * there is none, to a scan, and hands the answer out. Each question has its
 * own connection, so an answer that comes too late meets nobody. Must not
 * print, read no configuration, and keep nothing outside its handle.
 */
#include "hale/hale.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "hale/base.h"

#include "answer.h"
#include "ask.h"
#include "detach.h"
#include "exchange.h"
#include "proto/codec.h"
#include "resolve.h"

/* DESIGN.md: a socket that is silent for so long is blind. */
#define ANSWER_MS 250
/* Who waits has the hardware asked anew so often: a disk's health takes it
 * milliseconds of work each time. */
#define FRESH_EVERY_MS 10000
/* Between two questions of one that waits, where no agent tells of changes. */
#define PAUSE_MS 500

/* --- life --- */

int hale_open(const struct hale_options *o, struct hale **ret_hale)
{
	const char *run_dir = o && o->run_dir ? o->run_dir : HALE_RUN_DIR;
	struct hale *h;

	if (o && o->size != sizeof(*o))
		return -EINVAL;
	h = calloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;
	h->watch_fd = -1;
	h->answer_ms = o && o->answer_ms ? o->answer_ms : ANSWER_MS;
	h->run_dir = strdup(run_dir);
	if (o && o->exec_dir)
		h->exec_dir = strdup(o->exec_dir);
	if (!h->run_dir || (o && o->exec_dir && !h->exec_dir)) {
		hale_close(h);
		return -ENOMEM;
	}
	*ret_hale = h;
	return 0;
}

struct hale *hale_close(struct hale *h)
{
	if (!h)
		return NULL;
	if (h->watch_fd >= 0)
		close(h->watch_fd);
	free(h->run_dir);
	free(h->exec_dir);
	free(h);
	return NULL;
}

/* --- questions --- */

static uint64_t memory_available(void)
{
	_cleanup_fd_ int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	char text[512], *at;
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n < 0)
		return 0;
	text[n] = '\0';
	at = strstr(text, "MemAvailable:");
	return at ? strtoull(at + strlen("MemAvailable:"), NULL, 10) * HALE_KIB
		  : 0;
}

/* 30 KiB, mostly unused: what is not touched never becomes memory, and each
 * page that does costs a check as much as a system call. */
struct check_work {
	uint8_t arena[CODEC_ARENA_CHECK];
	struct hale_scope_request req;
};

static int check_with(struct hale *h, const struct hale_check_options *o,
		      struct check_work *w, struct hale_reply **ret_reply)
{
	struct hale_scope_request *req = &w->req;
	struct codec_arena a = { .mem = w->arena, .size = sizeof(w->arena) };
	Hale__V1__Request *q;
	int r = 0;

	memset(req, 0, offsetof(struct hale_scope_request, paths));
	req->host = o->host;
	req->strict = o->strict;
	req->container = o->container;
	req->fresh = o->fresh;
	req->need_bytes = o->need_bytes;
	req->need_inodes = o->need_inodes;
	req->need_memory_bytes = o->need_memory_bytes;
	if (o->need_memory_bytes > 0)
		req->mem_available_bytes = memory_available();
	if (!o->host)
		r = resolve_request(NULL, o->paths, o->n_paths, req);
	if (r < 0)
		return r;
	q = codec_request_check(&a, req);
	if (!q)
		return -ENOMEM;
	r = ask_question(h, q, ret_reply);
	if (r == 0)
		(*ret_reply)->strict = o->strict;
	return r;
}

static int check_once(struct hale *h, const struct hale_check_options *o,
		      struct hale_reply **ret_reply)
{
	struct check_work *w = malloc(sizeof(*w));
	int r = w ? check_with(h, o, w, ret_reply) : -ENOMEM;

	free(w);
	return r;
}

/* Until the agent tells of a change, or it is time to look again anyway. */
static void await_change(struct hale *watcher, int left_ms)
{
	struct hale_reply *report = NULL;
	int ms = left_ms < PAUSE_MS ? left_ms : PAUSE_MS;

	if (hale_watch(watcher, ms, &report) == -ENOTCONN)
		poll(NULL, 0, ms);
	hale_reply_free(report);
}

static bool fit(const struct hale_reply *reply)
{
	struct hale_summary s;

	hale_reply_summary(reply, &s);
	return s.exit_code == HALE_EXIT_OK;
}

static int check_waiting(struct hale *h, const struct hale_check_options *o,
			 struct hale_reply **ret_reply)
{
	long long end = detach_now_ms() + o->wait_ms, asked = 0;
	struct hale_check_options now = *o;
	struct hale watcher = *h; /* the caller's own watch goes on unharmed */
	struct hale_reply *reply = NULL;
	int r, left;

	watcher.watch_fd = -1;
	for (;;) {
		now.fresh = o->fresh && detach_now_ms() >= asked;
		r = check_once(h, &now, &reply);
		if (now.fresh)
			asked = detach_now_ms() + FRESH_EVERY_MS;
		left = detach_left_ms(end);
		if (r < 0 || left == 0 || fit(reply))
			break;
		reply = hale_reply_free(reply);
		await_change(&watcher, left);
	}
	if (watcher.watch_fd >= 0)
		close(watcher.watch_fd);
	if (r == 0)
		*ret_reply = reply;
	return r;
}

int hale_check(struct hale *h, const struct hale_check_options *o,
	       struct hale_reply **ret_reply)
{
	static const struct hale_check_options defaults;

	if (o && o->size != sizeof(*o))
		return -EINVAL;
	o = o ? o : &defaults;
	return o->wait_ms ? check_waiting(h, o, ret_reply)
			  : check_once(h, o, ret_reply);
}

int hale_status(struct hale *h, bool coverage, struct hale_reply **ret_reply)
{
	uint8_t mem[512];
	struct codec_arena a = { .mem = mem, .size = sizeof(mem) };
	Hale__V1__Request *q = codec_request_status(&a, true, coverage);

	return q ? ask_question(h, q, ret_reply) : -ENOMEM;
}

int hale_scope(struct hale *h, const char *path, struct hale_reply **ret_reply)
{
	uint8_t mem[2048];
	struct codec_arena a = { .mem = mem, .size = sizeof(mem) };
	struct hale_scope_path where = { 0 };
	Hale__V1__Request *q;
	int r;

	if (!path || !path[0])
		return -EINVAL;
	HALE_SET(where.path, path);
	r = resolve_paths(NULL, &path, &where, 1);
	if (r < 0)
		return r;
	q = codec_request_scope(&a, &where);
	return q ? ask_question(h, q, ret_reply) : -ENOMEM;
}

int hale_clear(struct hale *h, const char *part, const char *condition,
	       const char *reason, struct hale_reply **ret_reply)
{
	uint8_t mem[1024];
	struct codec_arena a = { .mem = mem, .size = sizeof(mem) };
	Hale__V1__ControlRequest c;
	Hale__V1__Request *q;

	hale__v1__control_request__init(&c);
	if (!part || !part[0] || !reason || !reason[0])
		return -EINVAL;
	c.action = HALE__V1__CONTROL_REQUEST__ACTION__CLEAR;
	c.part = codec_borrow(part);
	c.condition = codec_borrow(condition ? condition : "");
	c.reason = codec_borrow(reason);
	q = codec_request_control(&a, &c);
	return q ? ask_question(h, q, ret_reply) : -ENOMEM;
}

/* --- watching --- */

static int watch_start(struct hale *h)
{
	uint8_t mem[512];
	struct codec_arena a = { .mem = mem, .size = sizeof(mem) };
	Hale__V1__Request *q = codec_request_watch(&a);
	int r;

	if (h->watch_fd >= 0)
		return 0;
	if (!q)
		return -ENOMEM;
	r = exchange_connect(h->run_dir, EXCHANGE_GATE, h->answer_ms,
			     &h->watch_fd);
	return r < 0 ? r : exchange_send(h->watch_fd, q);
}

int hale_watch(struct hale *h, int timeout_ms, struct hale_reply **ret_reply)
{
	const struct answer_way way = { .source = ANSWER_FROM_AGENT };
	Hale__V1__Reply *pb = NULL;
	int r = watch_start(h);

	if (r == 0)
		r = exchange_receive(h->watch_fd, timeout_ms, (int)h->answer_ms,
				     &pb);
	if (r == 0)
		return answer_make(HALE__V1__REPLY__BODY_REPORT, &way, pb,
				   ret_reply);
	if (r == -ETIMEDOUT && h->watch_fd >= 0)
		return -ETIME;
	if (h->watch_fd >= 0)
		close(h->watch_fd);
	h->watch_fd = -1;
	return r == -ENOMEM ? r : -ENOTCONN;
}
