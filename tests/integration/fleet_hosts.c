/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many hosts in one program, for tests and measuring: they speak the reporter's
 * protocol (a request to their subject, an acknowledgement by the stream) on a
 * few connections. By script, a line a message; or as a load, as fast as the
 * servers take it or at a rate. Invariant: each line of a script is answered by
 * one line, once the servers have taken it or refused.
 */
#include <errno.h>
#include <nats/nats.h>
#include <pthread.h>
#include <time.h>

#include "hale/base.h"

#include "fleet/hosts.h"

#define CONNECTIONS_MAX 64
#define ACK_MS		20000

struct load {
	const char *server, *seed, *user, *ca, *prefix;
	uint32_t hosts, connections, window, unfit, heartbeat;
	uint32_t ahead;		 /* seconds, of the hosts' clocks */
	uint64_t rate, messages; /* a second; in all. 0: no bound */
	natsConnection *nc[CONNECTIONS_MAX];
	natsSubscription *acks[CONNECTIONS_MAX];
	char inbox[CONNECTIONS_MAX][96];
	pthread_mutex_t lock;
	pthread_cond_t moved;
	uint64_t sent, acked, refused, bytes;
	uint64_t *sent_ns; /* of each message, then how long it took */
};

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * HALE_NS_PER_S + (uint64_t)t.tv_nsec;
}

static uint64_t now_of(const struct load *l)
{
	return clock_ns(CLOCK_REALTIME) + l->ahead * HALE_NS_PER_S;
}

static int fail(const char *what, natsStatus s)
{
	const char *text = nats_GetLastError(NULL);

	fprintf(stderr, "fleet_hosts: %s: %s (%s)\n", what,
		natsStatus_GetText(s), text ? text : "");
	return 1;
}

/* --- connecting --- */

static natsStatus options(const struct load *l, natsOptions **ret)
{
	natsStatus s = natsOptions_Create(ret);

	if (s == NATS_OK)
		s = natsOptions_SetURL(*ret, l->server);
	if (s == NATS_OK && l->seed)
		s = natsOptions_SetNKeyFromSeed(*ret, l->user, l->seed);
	if (s == NATS_OK && l->ca)
		s = natsOptions_LoadCATrustedCertificates(*ret, l->ca);
	if (s == NATS_OK && l->user) {
		char prefix[80];

		snprintf(prefix, sizeof(prefix), "_INBOX_%.60s", l->user);
		s = natsOptions_SetCustomInboxPrefix(*ret, prefix);
	}
	return s;
}

/* "<inbox>.<number of the message>" */
static void on_ack(natsConnection *nc, natsSubscription *sub, natsMsg *msg,
		   void *data)
{
	const char *dot = strrchr(natsMsg_GetSubject(msg), '.');
	uint64_t n = dot ? strtoull(dot + 1, NULL, 10) : 0;
	struct load *l = data;
	const char *text = natsMsg_GetData(msg);
	bool good =
		text && strstr(text, "\"seq\"") && !strstr(text, "\"error\"");

	(void)nc;
	(void)sub;
	pthread_mutex_lock(&l->lock);
	l->acked += good;
	l->refused += !good;
	if (l->sent_ns && n < l->messages)
		l->sent_ns[n] = clock_ns(CLOCK_MONOTONIC) - l->sent_ns[n];
	pthread_cond_signal(&l->moved);
	pthread_mutex_unlock(&l->lock);
	natsMsg_Destroy(msg);
}

static int connect_all(struct load *l)
{
	for (uint32_t i = 0; i < l->connections; i++) {
		natsOptions *o = NULL;
		char subject[128];
		natsStatus s = options(l, &o);

		if (s == NATS_OK)
			s = natsConnection_Connect(&l->nc[i], o);
		/* one of a hundred is refused by chance */
		for (int k = 1; k < 3 && s == NATS_CONNECTION_AUTH_FAILED; k++)
			s = natsConnection_Connect(&l->nc[i], o);
		natsOptions_Destroy(o);
		snprintf(l->inbox[i], sizeof(l->inbox[i]),
			 "_INBOX%s%.60s.%llx.%u", l->user ? "_" : "",
			 l->user ? l->user : "",
			 (unsigned long long)clock_ns(CLOCK_REALTIME), i);
		snprintf(subject, sizeof(subject), "%s.*", l->inbox[i]);
		if (s == NATS_OK)
			s = natsConnection_Subscribe(&l->acks[i], l->nc[i],
						     subject, on_ack, l);
		if (s == NATS_OK)
			s = natsSubscription_SetPendingLimits(l->acks[i], -1,
							      -1);
		if (s != NATS_OK)
			return fail(l->server, s);
	}
	return 0;
}

static void disconnect(struct load *l)
{
	for (uint32_t i = 0; i < l->connections; i++) {
		natsSubscription_Destroy(l->acks[i]);
		natsConnection_Destroy(l->nc[i]);
	}
	nats_CloseAndWait(2000);
}

static void subject_of(const struct load *l, enum fleet_kind kind,
		       uint32_t host, char ret[FLEET_SUBJECT_MAX])
{
	char id[FLEET_ID_SIZE];

	host_id(host, id);
	snprintf(ret, FLEET_SUBJECT_MAX, "%s.%s.%s", l->prefix,
		 fleet_kind_name(kind), id);
}

/* --- a load --- */

/* Waits for room in the window and for the rate's next moment. */
static int await_turn(struct load *l, uint64_t begun_ns)
{
	struct timespec until;
	uint64_t due =
		l->rate ? begun_ns + l->sent * HALE_NS_PER_S / l->rate : 0;
	int r = 0;

	if (due > clock_ns(CLOCK_MONOTONIC)) {
		until = (struct timespec){ (time_t)(due / HALE_NS_PER_S),
					   (long)(due % HALE_NS_PER_S) };
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
	}
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ACK_MS / 1000;
	pthread_mutex_lock(&l->lock);
	while (l->sent - l->acked - l->refused >= l->window && r == 0)
		r = pthread_cond_timedwait(&l->moved, &l->lock, &until);
	pthread_mutex_unlock(&l->lock);
	return r;
}

static natsStatus send_state(struct load *l, uint64_t n)
{
	static uint8_t bytes[FLEET_STATE_MAX];
	struct said s = { .host = (uint32_t)(n % l->hosts),
			  .fitness = HALE__V1__FITNESS__FIT,
			  .seq = clock_ns(CLOCK_REALTIME),
			  .heartbeat_s = l->heartbeat,
			  .now_ns = now_of(l) };
	char subject[FLEET_SUBJECT_MAX], reply[128];
	uint32_t c = s.host % l->connections;
	ssize_t len;

	if (s.host < l->unfit) {
		s.fitness = HALE__V1__FITNESS__UNFIT;
		s.condition = "disk.medium_error";
		s.part = "disk/naa.5000c50000000000";
		s.evidence = "critical medium error, dev sda, sector 7814037 "
			     "op 0x0:(READ) flags 0x0";
	}
	len = host_state(&s, bytes);
	if (len < 0)
		return NATS_INVALID_ARG;
	subject_of(l, FLEET_STATE, s.host, subject);
	snprintf(reply, sizeof(reply), "%s.%llu", l->inbox[c],
		 (unsigned long long)n);
	l->bytes += (uint64_t)len;
	l->sent_ns[n] = clock_ns(CLOCK_MONOTONIC);
	return natsConnection_PublishRequest(l->nc[c], subject, reply, bytes,
					     (int)len);
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void tell(struct load *l, uint64_t ns)
{
	double s = (double)ns / 1e9;

	qsort(l->sent_ns, l->acked, sizeof(*l->sent_ns), by_size);
	printf("{\"hosts\": %u, \"messages\": %llu, \"acked\": %llu, "
	       "\"refused\": %llu, \"seconds\": %.3f, \"per_second\": %.0f, "
	       "\"payload_bytes\": %.1f, \"ack_p50_us\": %llu, "
	       "\"ack_p99_us\": %llu}\n",
	       l->hosts, (unsigned long long)l->sent,
	       (unsigned long long)l->acked, (unsigned long long)l->refused, s,
	       (double)l->acked / s, (double)l->bytes / (double)l->sent,
	       (unsigned long long)(l->sent_ns[l->acked / 2] / 1000),
	       (unsigned long long)(l->sent_ns[l->acked * 99 / 100] / 1000));
}

static int run_load(struct load *l)
{
	uint64_t begun = clock_ns(CLOCK_MONOTONIC);
	uint32_t window = l->window;
	int r = 0;

	if (l->messages == 0)
		l->messages = l->hosts;
	l->sent_ns = calloc(l->messages + 1, sizeof(*l->sent_ns));
	if (!l->sent_ns)
		return 1;
	while (l->sent < l->messages && r == 0) {
		natsStatus s;

		r = await_turn(l, begun);
		s = r == 0 ? send_state(l, l->sent) : NATS_TIMEOUT;
		if (s != NATS_OK)
			return fail("publish", s);
		l->sent++;
	}
	l->window = 1; /* until all have come */
	r = await_turn(l, begun);
	l->window = window;
	if (r != 0 || l->refused > 0)
		fprintf(stderr, "fleet_hosts: %llu of %llu acknowledged\n",
			(unsigned long long)l->acked,
			(unsigned long long)l->sent);
	tell(l, clock_ns(CLOCK_MONOTONIC) - begun);
	free(l->sent_ns);
	l->sent_ns = NULL;
	return l->acked == l->sent ? 0 : 1;
}

/* --- a script --- */

static int say(struct load *l, const char *text)
{
	static uint8_t bytes[FLEET_STATE_MAX];
	char subject[FLEET_SUBJECT_MAX];
	struct said in = { .now_ns = now_of(l), .heartbeat_s = l->heartbeat };
	natsMsg *answer = NULL;
	enum fleet_kind kind;
	uint64_t begun;
	natsStatus s;
	ssize_t len;

	in.seq = clock_ns(CLOCK_REALTIME);
	len = host_line(text, &in, &kind, bytes);
	if (len == -EINVAL)
		return 1;
	subject_of(l, kind, in.host, subject);
	if (len < 0) {
		printf("refused %s\n", strerrordesc_np((int)-len));
		return fflush(stdout);
	}
	begun = clock_ns(CLOCK_REALTIME);
	s = natsConnection_Request(&answer, l->nc[0], subject, bytes, (int)len,
				   ACK_MS);
	if (s == NATS_OK && strstr(natsMsg_GetData(answer), "\"error\""))
		s = NATS_ERR;
	natsMsg_Destroy(answer);
	if (s == NATS_OK)
		printf("done %llu\n", (unsigned long long)begun);
	else
		printf("refused %s\n", natsStatus_GetText(s));
	return fflush(stdout);
}

static int run_script(struct load *l)
{
	char line[600];

	while (fgets(line, sizeof(line), stdin)) {
		if (say(l, line) != 0)
			return fail(line, NATS_INVALID_ARG);
	}
	return 0;
}

/* --- the command line --- */

static bool take(struct load *l, const char *name, const char *value)
{
	struct {
		const char *name;
		const char **to;
	} texts[] = { { "--server", &l->server },
		      { "--seed", &l->seed },
		      { "--user", &l->user },
		      { "--ca", &l->ca },
		      { "--prefix", &l->prefix } };
	struct {
		const char *name;
		uint32_t *to;
	} numbers[] = { { "--hosts", &l->hosts },
			{ "--connections", &l->connections },
			{ "--window", &l->window },
			{ "--unfit", &l->unfit },
			{ "--heartbeat", &l->heartbeat },
			{ "--ahead", &l->ahead } };

	for (size_t i = 0; i < HALE_ARRAY_SIZE(texts); i++) {
		if (strcmp(name, texts[i].name) == 0) {
			*texts[i].to = value;
			return true;
		}
	}
	for (size_t i = 0; i < HALE_ARRAY_SIZE(numbers); i++) {
		if (strcmp(name, numbers[i].name) == 0) {
			*numbers[i].to = (uint32_t)strtoul(value, NULL, 10);
			return true;
		}
	}
	if (strcmp(name, "--rate") == 0)
		l->rate = strtoull(value, NULL, 10);
	else if (strcmp(name, "--messages") == 0)
		l->messages = strtoull(value, NULL, 10);
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	static struct load l = { .server = "nats://127.0.0.1:4222",
				 .prefix = "up",
				 .hosts = 1000,
				 .connections = 1,
				 .heartbeat = 30,
				 .window = 4096 };
	int r;

	for (int i = 2; i + 1 < argc; i += 2) {
		if (!take(&l, argv[i], argv[i + 1]))
			argc = 0;
	}
	if (argc < 2 || argc % 2 != 0 || l.connections > CONNECTIONS_MAX ||
	    l.connections == 0 || l.hosts == 0) {
		fputs("usage: fleet_hosts load|say [--NAME VALUE]...\n",
		      stderr);
		return 64;
	}
	pthread_mutex_init(&l.lock, NULL);
	pthread_cond_init(&l.moved, NULL);
	r = connect_all(&l);
	if (r == 0)
		r = strcmp(argv[1], "load") == 0 ? run_load(&l)
						 : run_script(&l);
	disconnect(&l);
	return r;
}
