/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Follows the gate: every report of the agent, whole, into the store. Must
 * never press the core: it reads what comes, writes at its own pace, and where
 * a report could not be stored it asks for all of it anew later, keeping only
 * what the agent will not tell again. Invariant: after a report is stored, the
 * open findings here are those of the agent; so a restart catches up by its
 * first report.
 */
#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "hale/base.h"

#include "agent/ship/ship.h"
#include "proto/codec.h"

#define MESSAGES_MAX 256
#define AGAIN_NS     HALE_NS_PER_S
/* A storm changes findings ten times a second; the history needs it less. The
 * gate sends away who takes nothing for 2 s. */
#define PACE_NS HALE_NS_PER_S

static void forget_report(struct ship *s)
{
	for (size_t i = 0; i < s->n_report; i++)
		hale__v1__reply__free_unpacked(s->report[i], NULL);
	free(s->report);
	s->report = NULL;
	s->n_report = 0;
}

void watch_lose(struct ship *s, uint64_t delay_ns)
{
	if (s->gate_fd >= 0)
		close(s->gate_fd);
	s->gate_fd = -1;
	s->gate_ns = ship_mono_ns() + delay_ns;
	forget_report(s);
}

static int ask(int fd)
{
	uint8_t mem[512], bytes[64];
	struct codec_arena a = { .mem = mem, .size = sizeof(mem) };
	ssize_t n = codec_pack(codec_request_watch(&a), bytes, sizeof(bytes));

	if (n < 0)
		return (int)n;
	return send(fd, bytes, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0
		       ? -errno
		       : 0;
}

void watch_connect(struct ship *s)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int n = snprintf(address.sun_path, sizeof(address.sun_path),
			 "%s/gate.sock", s->run_dir);

	s->gate_fd = socket(AF_UNIX,
			    SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->gate_fd < 0 || (size_t)n >= sizeof(address.sun_path) ||
	    connect(s->gate_fd, (const struct sockaddr *)&address,
		    sizeof(address)) < 0 ||
	    ask(s->gate_fd) < 0) {
		watch_lose(s, AGAIN_NS);
		return;
	}
	s->gate_ns = 0;
	s->report_lost = false;
	ship_tell_anew(s);
}

/* --- a whole report --- */

static size_t count(const struct ship *s)
{
	size_t n = s->missed.n;

	for (size_t i = 0; i < s->n_report; i++)
		n += s->report[i]->report->n_findings +
		     s->report[i]->report->n_closed;
	return n;
}

/* The agent forgets them in an hour. What stands it tells again. */
static void keep_ended(struct ship *s)
{
	for (size_t i = 0; i < s->n_report; i++) {
		const Hale__V1__HostReport *m = s->report[i]->report;

		for (size_t k = m->n_closed; k-- > 0;)
			missed_keep(&s->missed, m->closed[k]);
	}
}

static void store_report(struct ship *s)
{
	uint64_t as_of = s->report[0]->report->as_of_ns;
	Hale__V1__Finding **all = calloc(count(s) + 1, sizeof(*all));
	size_t n = 0;
	int r = -ENOMEM;

	ship_follow(as_of);
	/* first what is older: what is told again is as it is told now */
	for (size_t i = 0; all && i < s->missed.n; i++)
		all[n++] = s->missed.findings[i];
	for (size_t i = 0; all && i < s->n_report; i++) {
		const Hale__V1__HostReport *m = s->report[i]->report;

		for (size_t k = 0; k < m->n_closed; k++)
			all[n++] = m->closed[k];
		for (size_t k = 0; k < m->n_findings; k++)
			all[n++] = m->findings[k];
	}
	if (all && s->db && s->pending.n == 0) {
		r = db_add_findings(s->db, all, n, as_of);
		ship_judge(s, r);
	}
	s->report_lost = r < 0;
	free(all);
	if (r == 0)
		missed_stored(&s->missed);
	else
		keep_ended(s);
}

static bool take(struct ship *s, Hale__V1__Reply *m)
{
	Hale__V1__Reply **more;

	if (m->body_case != HALE__V1__REPLY__BODY_REPORT ||
	    s->n_report == MESSAGES_MAX)
		return false;
	more = realloc(s->report, (s->n_report + 1) * sizeof(*more));
	if (!more)
		return false;
	s->report = more;
	s->report[s->n_report++] = m;
	return true;
}

/* One that cannot be read, were it for lack of memory, is missing in its
 * report, and what it told would count as ended: all is asked for anew. */
static Hale__V1__Reply *receive(struct ship *s, bool *ret_gone)
{
	_cleanup_free_ uint8_t *bytes = malloc(SHIP_MESSAGE_MAX);
	Hale__V1__Reply *m = NULL;
	ssize_t n = bytes ? recv(s->gate_fd, bytes, SHIP_MESSAGE_MAX,
				 MSG_DONTWAIT | MSG_TRUNC)
			  : -1;

	*ret_gone = !bytes || n == 0 || n > SHIP_MESSAGE_MAX ||
		    (n < 0 && errno != EAGAIN && errno != EINTR);
	if (n > 0 && !*ret_gone) {
		m = hale__v1__reply__unpack(NULL, (size_t)n, bytes);
		*ret_gone = !m;
	}
	return m;
}

void watch_read(struct ship *s)
{
	bool gone = false, last;
	Hale__V1__Reply *m;

	while ((m = receive(s, &gone)) != NULL) {
		last = m->last;
		if (!take(s, m)) {
			hale__v1__reply__free_unpacked(m, NULL);
			gone = true;
			break;
		}
		if (!last)
			continue;
		store_report(s);
		forget_report(s);
		s->gate_ns = ship_mono_ns() + PACE_NS;
		s->busy = true;
		return;
	}
	if (gone)
		watch_lose(s, AGAIN_NS);
}
