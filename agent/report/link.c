/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One server at a time, and only such as are configured: what a server says of
 * others is not followed, and libnats reconnects to none by itself, because
 * when and where is plan.c's to say. Must never do more in a callback than to
 * queue and to wake: those are libnats' threads. Invariant: whatever a server
 * sends, what is kept of it here is at most LINK_QUEUE answers.
 */
#include "agent/report/link.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/eventfd.h>
#include <sys/random.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/report/bound.h"

#define WRITE_MS      1000
#define PING_MS	      20000
#define PINGS_OUT     2
#define IO_BYTES      8192
#define PENDING_BYTES (64 * 1024)
#define TOKEN_DIGITS  16

const char *link_stream(enum fleet_kind kind)
{
	static const char *const names[FLEET_KINDS] = {
		[FLEET_STATE] = "STATE",
		[FLEET_FINDING] = "FINDINGS",
		[FLEET_BUILD] = "BUILDS",
	};

	return kind < FLEET_KINDS ? names[kind] : "";
}

/* --- libnats' threads --- */

static void wake(const struct link *l)
{
	uint64_t one = 1;
	ssize_t n = write(l->fd, &one, sizeof(one));

	(void)n; /* full: it is awake */
}

/* As link_publish() wrote it, to the letter; 0: not such a one. */
static uint64_t token_of(const char *subject)
{
	const char *last = subject ? strrchr(subject, '.') : NULL;

	if (!last || strlen(++last) != TOKEN_DIGITS ||
	    strspn(last, "0123456789abcdef") != TOKEN_DIGITS)
		return 0;
	return strtoull(last, NULL, 16);
}

static void on_answer(natsConnection *nc, natsSubscription *sub, natsMsg *msg,
		      void *data)
{
	int len = natsMsg_GetDataLength(msg);
	struct link *l = data;

	(void)nc;
	(void)sub;
	pthread_mutex_lock(&l->lock);
	if (l->n < LINK_QUEUE && len >= 0) {
		struct link_answer *a =
			&l->queue[(l->first + l->n++) % LINK_QUEUE];

		a->token = token_of(natsMsg_GetSubject(msg));
		a->len = (size_t)len;
		if (a->len <= sizeof(a->bytes) && a->len > 0)
			memcpy(a->bytes, natsMsg_GetData(msg), a->len);
	}
	pthread_mutex_unlock(&l->lock);
	natsMsg_Destroy(msg);
	wake(l);
}

static void on_closed(natsConnection *nc, void *data)
{
	(void)nc;
	wake(data);
}

static void on_error(natsConnection *nc, natsSubscription *sub, natsStatus err,
		     void *data)
{
	const char *text = NULL;
	struct link *l = data;

	(void)sub;
	natsConnection_GetLastError(nc, &text);
	if (err != NATS_NOT_PERMITTED || !text)
		return;
	pthread_mutex_lock(&l->lock);
	hale_print_text(l->refused, sizeof(l->refused), text,
			strnlen(text, LINK_SAID_MAX));
	pthread_mutex_unlock(&l->lock);
	wake(l);
}

static natsStatus on_nonce(char **ret_error, unsigned char **ret_signature,
			   int *ret_len, const char *nonce, void *data)
{
	const struct link *l = data;

	*ret_error = NULL;
	return nats_Sign(l->setup->seed, nonce, ret_signature, ret_len);
}

/* --- options --- */

/* Of "tls://[::1]:4222" the "::1". */
static void host_of(const char *server, char ret[256])
{
	const char *at = strstr(server, "://");

	at = at ? at + 3 : server;
	if (at[0] == '[')
		hale_copy(ret, 256, at + 1, strcspn(at + 1, "]"));
	else
		hale_copy(ret, 256, at, strcspn(at, ":"));
}

/* Whoever has given us any of this does not want to be answered by anybody. */
static bool wants_tls(const struct link_setup *s, const char *server)
{
	return s->ca || s->certificate || strncmp(server, "tls:", 4) == 0;
}

static natsStatus set_tls(natsOptions *o, const struct link_setup *s,
			  const char *server)
{
	char host[256];
	natsStatus r;

	if (!wants_tls(s, server))
		return NATS_OK;
	host_of(server, host);
	r = natsOptions_SetSecure(o, true);
	if (r == NATS_OK)
		r = natsOptions_SetExpectedHostname(o, host);
	if (r == NATS_OK && s->ca)
		r = natsOptions_SetCATrustedCertificates(o, s->ca);
	if (r == NATS_OK && s->certificate && s->key)
		r = natsOptions_SetCertificatesChain(o, s->certificate, s->key);
	return r;
}

static natsStatus set_pace(natsOptions *o)
{
	natsStatus r = natsOptions_SetTimeout(o, LINK_CONNECT_MS);

	if (r == NATS_OK)
		r = natsOptions_SetAllowReconnect(o, false);
	if (r == NATS_OK)
		r = natsOptions_SetIgnoreDiscoveredServers(o, true);
	if (r == NATS_OK)
		r = natsOptions_SetWriteDeadline(o, WRITE_MS);
	if (r == NATS_OK)
		r = natsOptions_SetSendAsap(o, true);
	if (r == NATS_OK)
		r = natsOptions_SetPingInterval(o, PING_MS);
	if (r == NATS_OK)
		r = natsOptions_SetMaxPingsOut(o, PINGS_OUT);
	if (r == NATS_OK)
		r = natsOptions_SetIOBufSize(o, IO_BYTES);
	if (r == NATS_OK)
		r = natsOptions_SetMaxPendingMsgs(o, LINK_QUEUE);
	return r;
}

static natsStatus set_all(natsOptions *o, struct link *l, const char *server)
{
	natsStatus r = natsOptions_SetURL(o, server);

	if (r == NATS_OK)
		r = set_tls(o, l->setup, server);
	if (r == NATS_OK && l->setup->seed)
		r = natsOptions_SetNKey(o, l->setup->id, on_nonce, l);
	if (r == NATS_OK)
		r = natsOptions_SetClosedCB(o, on_closed, l);
	if (r == NATS_OK)
		r = natsOptions_SetErrorHandler(o, on_error, l);
	if (r == NATS_OK)
		r = natsOptions_SetName(o, "haled");
	return r == NATS_OK ? set_pace(o) : r;
}

/* --- the connection --- */

/* Any host can make the server's acknowledgements go to any inbox that it can
 * name, which would fill our queue with them: nobody can name this one. */
static natsStatus name_inbox(struct link *l)
{
	uint64_t n[2];

	if (getrandom(n, sizeof(n), 0) != (ssize_t)sizeof(n))
		return NATS_ERR;
	snprintf(l->inbox_name, sizeof(l->inbox_name),
		 "_INBOX_%s.%016" PRIx64 "%016" PRIx64, l->setup->id, n[0],
		 n[1]);
	return NATS_OK;
}

static natsStatus listen_for_answers(struct link *l)
{
	char subject[LINK_INBOX_MAX + 2];
	natsStatus r = name_inbox(l);

	snprintf(subject, sizeof(subject), "%s.*", l->inbox_name);
	if (r == NATS_OK)
		r = natsConnection_Subscribe(&l->inbox, l->nc, subject,
					     on_answer, l);
	if (r == NATS_OK)
		r = natsSubscription_SetPendingLimits(l->inbox, LINK_QUEUE,
						      PENDING_BYTES);
	return r;
}

static int explain(natsStatus status, const char *text, const char *server,
		   char said[LINK_SAID_MAX])
{
	char line[LINK_SAID_MAX];

	snprintf(line, sizeof(line), "%.80s: %.110s", server,
		 text && text[0] ? text : natsStatus_GetText(status));
	hale_print_text(said, LINK_SAID_MAX, line, strlen(line));
	if (status == NATS_CONNECTION_AUTH_FAILED ||
	    status == NATS_NOT_PERMITTED)
		return -EACCES;
	if (status == NATS_SSL_ERROR ||
	    status == NATS_SECURE_CONNECTION_REQUIRED ||
	    status == NATS_SECURE_CONNECTION_WANTED)
		return -EPROTO;
	return -EHOSTUNREACH;
}

static natsStatus connect_by(struct link *l, natsOptions *o,
			     const char **ret_said)
{
	natsStatus s = NATS_ERR;
	bool cut;

	*ret_said = NULL;
	if (bound_begin(LINK_BOUND_MS) == 0)
		s = natsConnection_Connect(&l->nc, o);
	cut = bound_end();
	if (s != NATS_OK)
		*ret_said = cut ? "it begins to let us in and does not go on"
				: nats_GetLastError(NULL);
	return s != NATS_OK && cut ? NATS_TIMEOUT : s;
}

int link_connect(struct link *l, const char *server,
		 char ret_said[LINK_SAID_MAX])
{
	const char *said = NULL;
	natsOptions *o = NULL;
	natsStatus s;
	int r = 0;

	if (l->nc)
		return -EISCONN;
	s = natsOptions_Create(&o);
	if (s == NATS_OK)
		s = set_all(o, l, server);
	if (s == NATS_OK)
		s = connect_by(l, o, &said);
	if (s == NATS_OK)
		s = listen_for_answers(l);
	if (s != NATS_OK) {
		r = explain(s, said ? said : nats_GetLastError(NULL), server,
			    ret_said);
		link_close(l);
	}
	natsOptions_Destroy(o);
	return r;
}

void link_close(struct link *l)
{
	natsSubscription_Destroy(l->inbox);
	natsConnection_Destroy(l->nc);
	l->inbox = NULL;
	l->nc = NULL;
}

bool link_is_up(const struct link *l)
{
	return l->nc != NULL;
}

bool link_lost(struct link *l, char ret_said[LINK_SAID_MAX])
{
	const char *text = NULL;

	if (!l->nc || !natsConnection_IsClosed(l->nc))
		return false;
	natsConnection_GetLastError(l->nc, &text);
	hale_print_text(ret_said, LINK_SAID_MAX, text ? text : "",
			text ? strnlen(text, LINK_SAID_MAX) : 0);
	link_close(l);
	return true;
}

static natsStatus set_headers(natsMsg *msg, const struct link_message *m)
{
	char hex[2 * FLEET_MESSAGE_ID + 1];
	natsStatus s;

	if (!m->message_id)
		return NATS_OK;
	for (size_t i = 0; i < FLEET_MESSAGE_ID; i++)
		snprintf(hex + 2 * i, 3, "%02x", m->message_id[i]);
	s = natsMsgHeader_Set(msg, "Nats-Msg-Id", hex);
	if (s == NATS_OK)
		s = natsMsgHeader_Set(msg, "Nats-Expected-Stream",
				      link_stream(m->kind));
	return s;
}

int link_publish(struct link *l, const struct link_message *m)
{
	char subject[FLEET_SUBJECT_MAX];
	char reply[LINK_INBOX_MAX + 1 + TOKEN_DIGITS];
	natsMsg *msg = NULL;
	natsStatus s;

	if (!l->nc)
		return -ENOTCONN;
	fleet_subject(m->kind, l->setup->id, subject);
	snprintf(reply, sizeof(reply), "%s.%016" PRIx64, l->inbox_name,
		 m->token);
	s = natsMsg_Create(&msg, subject, reply, m->bytes, (int)m->len);
	if (s == NATS_OK)
		s = set_headers(msg, m);
	if (s == NATS_OK)
		s = natsConnection_PublishMsg(l->nc, msg);
	natsMsg_Destroy(msg);
	return s == NATS_OK ? 0 : s == NATS_NO_MEMORY ? -ENOMEM : -EPIPE;
}

/* --- our side of the queue --- */

bool link_take(struct link *l, struct link_answer *ret_a)
{
	uint64_t count;
	bool any;

	pthread_mutex_lock(&l->lock);
	any = l->n > 0;
	if (any) {
		*ret_a = l->queue[l->first];
		l->first = (l->first + 1) % LINK_QUEUE;
		l->n--;
	} else if (read(l->fd, &count, sizeof(count)) < 0) {
		count = 0; /* it was not awake */
	}
	pthread_mutex_unlock(&l->lock);
	return any;
}

bool link_refused(struct link *l, char ret_said[LINK_SAID_MAX])
{
	bool any;

	pthread_mutex_lock(&l->lock);
	any = l->refused[0] != '\0';
	HALE_SET(*(char(*)[LINK_SAID_MAX])ret_said, l->refused);
	l->refused[0] = '\0';
	pthread_mutex_unlock(&l->lock);
	return any;
}

int link_init(struct link *l, const struct link_setup *setup)
{
	*l = (struct link){ .setup = setup };
	l->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->fd < 0)
		return -errno;
	l->queue = calloc(LINK_QUEUE, sizeof(*l->queue));
	if (!l->queue)
		return -ENOMEM;
	return nats_Open(-1) == NATS_OK ? -pthread_mutex_init(&l->lock, NULL)
					: -ENOMEM;
}

void link_done(struct link *l)
{
	link_close(l);
	nats_CloseAndWait(LINK_CONNECT_MS);
	free(l->queue);
	if (l->fd >= 0)
		close(l->fd);
}
