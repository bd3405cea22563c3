/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client of a fleet's servers that does what it is told, good or bad, for the
 * tests: fleet_client SERVER CA|- SEED VERB... It decides nothing; what it sees
 * it prints, a line each, and a wait of it ends after a minute.
 */
#include <nats/nats.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include "hale/base.h"

#include "agent/fleetcli/nkey.h"
#include "proto/codec_fleet.h"

#define WAIT_MS 60000

/*
 *	inbox PREFIX             its own inboxes are below that; first of all
 *	reply SUBJECT            of the next pub
 *	header NAME=VALUE        of the next pub
 *	pub SUBJECT TEXT         nothing is awaited but that the server read it
 *	ask SUBJECT TEXT         "ANSWER", "status 404", or "no answer"
 *	state SUBJECT ID NAME N  ask, with a state: FIT, of a host ID
 *	all SUBJECT TEXT N       the answers of N servers
 *	last STREAM SUBJECT      "TEXT" of the last message, or "none"
 *	count STREAM             messages of a stream
 *	ids SUBJECT              "MESSAGE-ID SUBJECT" of all that a stream has
 *	sub SUBJECT              listens there
 *	next                     "SUBJECT TEXT" of what came, or "nothing"
 *	refused                  "refused: WHAT" by the server, or "allowed"
 *	hold                     "held", then until stdin or the connection
 *ends: "let go" or "closed: WHY"
 */

struct client {
	natsConnection *nc;
	jsCtx *js;
	natsSubscription *sub;
	char reply[256], name[64], value[256], prefix[256];
	unsigned int asked;
	int closed_fd;
	/* what libnats' thread says */
	pthread_mutex_t lock;
	char error[256];
};

static struct client me = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void on_error(natsConnection *nc, natsSubscription *sub, natsStatus err,
		     void *data)
{
	const char *text = NULL;

	(void)sub;
	(void)data;
	natsConnection_GetLastError(nc, &text);
	pthread_mutex_lock(&me.lock);
	/* its text may be of something later, or gone; what it is stays */
	snprintf(me.error, sizeof(me.error), "%s%.200s",
		 err == NATS_NOT_PERMITTED ? "no permission: " : "",
		 text && text[0] ? text : natsStatus_GetText(err));
	pthread_mutex_unlock(&me.lock);
}

static void on_closed(natsConnection *nc, void *data)
{
	on_error(nc, NULL, NATS_CONNECTION_CLOSED, data);
	eventfd_write(me.closed_fd, 1);
}

static natsStatus set_up(natsOptions *o, char **argv)
{
	const char *servers[1] = { argv[1] };
	char key[NKEY_PUBLIC_SIZE];
	natsStatus s = natsOptions_SetServers(o, servers, 1);

	if (s == NATS_OK)
		s = natsOptions_SetTimeout(o, WAIT_MS);
	if (s == NATS_OK)
		s = natsOptions_SetAllowReconnect(o, false);
	if (s == NATS_OK)
		s = natsOptions_SetErrorHandler(o, on_error, NULL);
	if (s == NATS_OK)
		s = natsOptions_SetClosedCB(o, on_closed, NULL);
	if (s == NATS_OK && strcmp(argv[2], "-") != 0)
		s = natsOptions_SetSecure(o, true);
	if (s == NATS_OK && strcmp(argv[2], "-") != 0)
		s = natsOptions_LoadCATrustedCertificates(o, argv[2]);
	if (s != NATS_OK || strcmp(argv[3], "-") == 0)
		return s;
	if (nkey_read_public(argv[3], key) < 0)
		return NATS_INVALID_ARG;
	snprintf(me.prefix, sizeof(me.prefix), "_INBOX_%s", key);
	return natsOptions_SetNKeyFromSeed(o, key, argv[3]);
}

static void fail(const char *what, natsStatus s)
{
	printf("%s: %s\n", what, natsStatus_GetText(s));
	fflush(stdout);
	exit(EXIT_FAILURE);
}

static void flush(void)
{
	natsConnection_FlushTimeout(me.nc, WAIT_MS);
}

static void take_header(const char *word)
{
	const char *value = strchr(word, '=');

	if (!value)
		fail(word, NATS_INVALID_ARG);
	hale_copy(me.name, sizeof(me.name), word, (size_t)(value - word));
	HALE_SET(me.value, value + 1);
}

static natsStatus publish_bytes(const char *subject, const void *bytes,
				size_t len)
{
	natsMsg *m = NULL;
	natsStatus s = natsMsg_Create(
		&m, subject, me.reply[0] ? me.reply : NULL, bytes, (int)len);

	if (s == NATS_OK && me.name[0])
		s = natsMsgHeader_Set(m, me.name, me.value);
	if (s == NATS_OK)
		s = natsConnection_PublishMsg(me.nc, m);
	natsMsg_Destroy(m);
	me.reply[0] = me.name[0] = '\0';
	return s;
}

static natsStatus publish(const char *subject, const char *text)
{
	return publish_bytes(subject, text, strlen(text));
}

static void print(natsMsg *m)
{
	const char *status = NULL;

	if (natsMsgHeader_Get(m, "Status", &status) == NATS_OK &&
	    natsMsg_GetDataLength(m) == 0)
		printf("status %s\n", status);
	else
		printf("%.*s\n", natsMsg_GetDataLength(m), natsMsg_GetData(m));
}

static void ask_bytes(const char *subject, const void *bytes, size_t len)
{
	natsSubscription *sub = NULL;
	natsMsg *m = NULL;
	natsStatus s;

	snprintf(me.reply, sizeof(me.reply), "%.180s.%u", me.prefix,
		 me.asked++);
	s = natsConnection_SubscribeSync(&sub, me.nc, me.reply);
	if (s == NATS_OK)
		s = publish_bytes(subject, bytes, len);
	if (s == NATS_OK)
		s = natsSubscription_NextMsg(&m, sub, WAIT_MS);
	if (s == NATS_OK)
		print(m);
	else
		printf("no answer\n");
	natsMsg_Destroy(m);
	natsSubscription_Destroy(sub);
}

static void ask(const char *subject, const char *text)
{
	ask_bytes(subject, text, strlen(text));
}

/* A host's state, by hale's own encoder; @id is whose it says it is. */
static void ask_state(const char *subject, char *id, char *name, uint64_t seq)
{
	static uint8_t memory[FLEET_ARENA], bytes[FLEET_STATE_MAX];
	struct codec_arena a = { .mem = memory, .size = sizeof(memory) };
	Hale__Fleet__V1__HostState m;
	Hale__V1__HostReport report;
	Hale__V1__Verdict verdict;
	ssize_t len;

	hale__fleet__v1__host_state__init(&m);
	hale__v1__host_report__init(&report);
	hale__v1__verdict__init(&verdict);
	verdict.fitness = HALE__V1__FITNESS__FIT;
	report.host = name;
	report.verdict = &verdict;
	m.id = id;
	m.report = &report;
	m.seq = seq;
	m.spool_id = 7;
	m.heartbeat_s = 30;
	len = fleet_pack(&a, FLEET_POLICY_DEFAULT, &m, bytes, sizeof(bytes));
	if (len < 0)
		fail("state", NATS_INVALID_ARG);
	ask_bytes(subject, bytes, (size_t)len);
}

/* Each of @n servers answers. */
static void ask_all(const char *subject, const char *text, const char *n)
{
	natsSubscription *sub = NULL;
	natsMsg *m = NULL;
	natsStatus s;

	snprintf(me.reply, sizeof(me.reply), "%.180s.%u", me.prefix,
		 me.asked++);
	s = natsConnection_SubscribeSync(&sub, me.nc, me.reply);
	if (s == NATS_OK)
		s = publish(subject, text);
	for (int left = atoi(n); s == NATS_OK && left > 0; left--) {
		s = natsSubscription_NextMsg(&m, sub, WAIT_MS);
		if (s == NATS_OK)
			print(m);
		natsMsg_Destroy(m);
		m = NULL;
	}
	natsSubscription_Destroy(sub);
}

/* By the stream's leader: others may be a moment behind. */
static void last(const char *stream, const char *subject)
{
	natsMsg *m = NULL;
	natsStatus s = js_GetLastMsg(&m, me.js, stream, subject, NULL, NULL);

	if (s == NATS_OK)
		printf("%.*s\n", natsMsg_GetDataLength(m), natsMsg_GetData(m));
	else
		printf(s == NATS_NOT_FOUND ? "none\n" : "no answer\n");
	natsMsg_Destroy(m);
}

static void count(const char *stream)
{
	jsStreamInfo *info = NULL;

	if (js_GetStreamInfo(&info, me.js, stream, NULL, NULL) == NATS_OK)
		printf("%llu\n", (unsigned long long)info->State.Msgs);
	else
		printf("no answer\n");
	jsStreamInfo_Destroy(info);
}

/* In its order; of one that is empty, nothing after a minute. */
static void ids(const char *subject)
{
	jsMsgMetaData *meta = NULL;
	natsSubscription *sub = NULL;
	uint64_t left = 1;
	const char *id;
	jsSubOptions o;
	natsMsg *m;

	jsSubOptions_Init(&o);
	o.Ordered = true;
	if (js_SubscribeSync(&sub, me.js, subject, NULL, &o, NULL) != NATS_OK)
		fail(subject, NATS_NOT_FOUND);
	while (left > 0 &&
	       natsSubscription_NextMsg(&m, sub, WAIT_MS) == NATS_OK) {
		if (natsMsgHeader_Get(m, "Nats-Msg-Id", &id) == NATS_OK)
			printf("%s %s\n", id, natsMsg_GetSubject(m));
		natsMsg_GetMetaData(&meta, m);
		left = meta ? meta->NumPending : 0;
		jsMsgMetaData_Destroy(meta);
		natsMsg_Destroy(m);
	}
	natsSubscription_Destroy(sub);
}

static void next(void)
{
	natsMsg *m = NULL;

	if (me.sub && natsSubscription_NextMsg(&m, me.sub, WAIT_MS) == NATS_OK)
		printf("%s %.*s\n", natsMsg_GetSubject(m),
		       natsMsg_GetDataLength(m), natsMsg_GetData(m));
	else
		printf("nothing\n");
	natsMsg_Destroy(m);
}

/* The server says so before it answers a ping that comes later; libnats tells
 * it in a thread of its own. */
static void refused(void)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
	char error[sizeof(me.error)] = "";

	flush();
	for (int ms = 0; ms < WAIT_MS && !error[0]; ms += 10) {
		pthread_mutex_lock(&me.lock);
		HALE_SET(error, me.error);
		me.error[0] = '\0';
		pthread_mutex_unlock(&me.lock);
		nanosleep(&pause, NULL);
	}
	printf(error[0] ? "refused: %s\n" : "allowed\n", error);
}

static void hold(void)
{
	struct pollfd p[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
			       { .fd = me.closed_fd, .events = POLLIN } };

	printf("held\n");
	fflush(stdout);
	poll(p, 2, 10 * WAIT_MS);
	if (p[1].revents) {
		pthread_mutex_lock(&me.lock);
		printf("closed: %s\n", me.error);
		pthread_mutex_unlock(&me.lock);
	} else {
		printf("let go\n");
	}
}

/* Words of a verb, itself counted; 0: no such verb. */
static int run(char **word, int left)
{
	const char *a = left > 1 ? word[1] : "", *b = left > 2 ? word[2] : "";
	const char *verb = word[0];

	if (strcmp(verb, "inbox") == 0)
		return HALE_SET(me.prefix, a) ? 2 : 0;
	if (strcmp(verb, "reply") == 0)
		return HALE_SET(me.reply, a) ? 2 : 0;
	if (strcmp(verb, "header") == 0)
		return take_header(a), 2;
	if (strcmp(verb, "pub") == 0)
		return publish(a, b), flush(), 3;
	if (strcmp(verb, "ask") == 0)
		return ask(a, b), 3;
	if (strcmp(verb, "state") == 0 && left > 4)
		return ask_state(a, word[2], word[3],
				 strtoull(word[4], NULL, 10)),
		       5;
	if (strcmp(verb, "all") == 0)
		return ask_all(a, b, left > 3 ? word[3] : ""), 4;
	if (strcmp(verb, "last") == 0)
		return last(a, b), 3;
	if (strcmp(verb, "count") == 0)
		return count(a), 2;
	if (strcmp(verb, "ids") == 0)
		return ids(a), 2;
	if (strcmp(verb, "sub") == 0)
		return natsConnection_SubscribeSync(&me.sub, me.nc, a), flush(),
		       2;
	if (strcmp(verb, "next") == 0)
		return next(), 1;
	if (strcmp(verb, "refused") == 0)
		return refused(), 1;
	if (strcmp(verb, "hold") == 0)
		return hold(), 1;
	return 0;
}

int main(int argc, char **argv)
{
	natsOptions *o = NULL;
	natsStatus s;
	jsOptions jo;

	if (argc < 4 || (me.closed_fd = eventfd(0, EFD_CLOEXEC)) < 0)
		fail("usage: fleet_client SERVER CA SEED VERB...",
		     NATS_INVALID_ARG);
	jsOptions_Init(&jo);
	jo.Wait = WAIT_MS;
	s = natsOptions_Create(&o);
	if (s == NATS_OK)
		s = set_up(o, argv);
	if (s == NATS_OK)
		s = natsConnection_Connect(&me.nc, o);
	/* one of a hundred is refused by chance (libnats 3.4, nats 2.9) */
	for (int i = 1; i < 3 && s == NATS_CONNECTION_AUTH_FAILED; i++)
		s = natsConnection_Connect(&me.nc, o);
	if (s == NATS_OK)
		s = natsConnection_JetStream(&me.js, me.nc, &jo);
	if (s != NATS_OK)
		fail("cannot connect", s);
	for (int i = 4, n; i < argc; i += n) {
		n = run(argv + i, argc - i);
		if (n == 0)
			fail(argv[i], NATS_INVALID_ARG);
		fflush(stdout);
	}
	jsCtx_Destroy(me.js);
	natsSubscription_Destroy(me.sub);
	natsConnection_Destroy(me.nc);
	natsOptions_Destroy(o);
	nats_Close();
	return 0;
}
