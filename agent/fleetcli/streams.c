/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The streams of a fleet, through JetStream's API. It decides what they keep
 * and how long; it must never make one from which a message can be taken out
 * before its time. Invariant: one row a stream, and what is there is brought to
 * its row or said to be another.
 */
#include <nats/nats.h>
#include <time.h>

#include "agent/fleetcli/fleetcli.h"
#include "agent/fleetcli/init.h"
#include "agent/fleetcli/nkey.h"
#include "agent/fleetcli/settings.h"

#define API_MS	   5000
#define DAY_NS	   (86400 * (int64_t)HALE_NS_PER_S)
#define CONNECT_MS 5000

struct stream {
	const char *name, *subject, *about;
	int64_t age_ns;	       /* 0: for ever */
	int64_t per_subject;   /* of one host */
	int64_t bytes;	       /* then the oldest go; -1: see below */
	int32_t message;       /* bytes of one, with its headers */
	int64_t duplicates_ns; /* a message id is known so long */
};

/*
 * Of one host so many, so that one that is taken over does not push the others'
 * out. STATE and ORDERS have one of each host, which bounds them; a host that
 * is not heard of for 60 days is forgotten. A state has 16 KiB at most
 * (proto/codec_fleet.h), an event 4; the servers add 100 bytes of header.
 */
static const struct stream streams[] = {
	{ "STATE", "fleet.state.*", "the last state of each host", 60 * DAY_NS,
	  1, -1, 20 * 1024, 120 * (int64_t)HALE_NS_PER_S },
	{ "FINDINGS", "fleet.findings.*", "findings that opened and closed",
	  400 * DAY_NS, 2000, 8 * (int64_t)HALE_GIB, 8 * 1024, DAY_NS },
	{ "BUILDS", "fleet.builds.*", "how builds ended", 90 * DAY_NS, 5000,
	  8 * (int64_t)HALE_GIB, 8 * 1024, DAY_NS / 12 },
	{ "ORDERS", "orders.*", "the last order to each host", 0, 1, -1,
	  8 * 1024, 120 * (int64_t)HALE_NS_PER_S },
};

static void fill(const struct stream *s, size_t replicas,
		 const char *subjects[1], jsStreamConfig *c)
{
	jsStreamConfig_Init(c);
	subjects[0] = s->subject;
	c->Name = s->name;
	c->Description = s->about;
	c->Subjects = subjects;
	c->SubjectsLen = 1;
	c->Retention = js_LimitsPolicy;
	c->Storage = js_FileStorage;
	c->Discard = js_DiscardOld;
	c->MaxAge = s->age_ns;
	c->MaxMsgsPerSubject = s->per_subject;
	c->MaxBytes = s->bytes;
	c->MaxMsgSize = s->message;
	c->Duplicates = s->duplicates_ns;
	c->Replicas = replicas > 3 ? 3 : (int64_t)replicas;
	c->DenyDelete = true;
	c->DenyPurge = true;
	c->AllowRollup = false;
	c->AllowDirect = true;
}

/* Of what a stream is, only that which is of our row. */
static bool is_as(const jsStreamConfig *a, const jsStreamConfig *b)
{
	return a->SubjectsLen == 1 &&
	       strcmp(a->Subjects[0], b->Subjects[0]) == 0 &&
	       a->Retention == b->Retention && a->Storage == b->Storage &&
	       a->Discard == b->Discard && a->MaxAge == b->MaxAge &&
	       a->MaxMsgsPerSubject == b->MaxMsgsPerSubject &&
	       a->MaxBytes == b->MaxBytes && a->MaxMsgSize == b->MaxMsgSize &&
	       a->Duplicates == b->Duplicates && a->Replicas == b->Replicas &&
	       a->DenyDelete == b->DenyDelete && a->DenyPurge == b->DenyPurge &&
	       a->AllowRollup == b->AllowRollup &&
	       a->AllowDirect == b->AllowDirect && !a->Sealed;
}

/* How far an attempt came. */
struct attempt {
	const struct streams_ask *ask;
	char what[FLEET_SERVER_MAX]; /* was tried last */
	char why[200];
};

static natsStatus failed(struct attempt *a, const char *what, natsStatus s)
{
	const char *text = nats_GetLastError(NULL);

	HALE_SET(a->what, what);
	HALE_SET(a->why, text && text[0] ? text : natsStatus_GetText(s));
	return s;
}

static void say(const struct stream *row, const char *done)
{
	printf("stream %-9s %s: %s\n", row->name, row->about, done);
}

/* @info: what is there, which is ours to free. */
static natsStatus mend(jsCtx *js, const struct stream *row, jsStreamInfo *info,
		       struct attempt *a)
{
	const char *subjects[1];
	jsStreamConfig c;
	natsStatus s = NATS_OK;
	bool same;

	fill(row, a->ask->replicas, subjects, &c);
	same = is_as(info->Config, &c);
	jsStreamInfo_Destroy(info);
	if (!same)
		s = js_UpdateStream(NULL, js, &c, NULL, NULL);
	if (s == NATS_OK && (!same || !a->ask->quiet))
		say(row, same ? "as it should be" : "mended");
	return s;
}

static natsStatus apply(jsCtx *js, const struct stream *row, struct attempt *a)
{
	const char *subjects[1];
	jsStreamInfo *info = NULL;
	jsStreamConfig c;
	natsStatus s = js_GetStreamInfo(&info, js, row->name, NULL, NULL);

	if (s == NATS_NOT_FOUND) {
		fill(row, a->ask->replicas, subjects, &c);
		s = js_AddStream(NULL, js, &c, NULL, NULL);
		if (s == NATS_OK)
			say(row, "made");
	} else if (s == NATS_OK) {
		s = mend(js, row, info, a);
	}
	return s == NATS_OK ? s : failed(a, row->name, s);
}

/* --- the connection --- */

static natsStatus options(const struct fleet_settings *f, natsOptions **ret)
{
	const char *urls[FLEET_SERVERS_MAX];
	char key[NKEY_PUBLIC_SIZE];
	natsOptions *o = NULL;
	natsStatus s = natsOptions_Create(&o);

	for (size_t i = 0; i < f->n_servers; i++)
		urls[i] = f->servers[i];
	if (nkey_read_public(f->seed, key) < 0)
		s = NATS_ILLEGAL_STATE;
	if (s == NATS_OK)
		s = natsOptions_SetServers(o, urls, (int)f->n_servers);
	if (s == NATS_OK)
		s = natsOptions_SetTimeout(o, CONNECT_MS);
	if (s == NATS_OK && f->ca[0])
		s = natsOptions_SetSecure(o, true);
	if (s == NATS_OK && f->ca[0])
		s = natsOptions_LoadCATrustedCertificates(o, f->ca);
	if (s == NATS_OK)
		s = natsOptions_SetNKeyFromSeed(o, key, f->seed);
	*ret = o;
	return s;
}

static natsStatus apply_all(natsConnection *nc, struct attempt *a)
{
	natsStatus s;
	jsOptions jo;
	jsCtx *js = NULL;

	jsOptions_Init(&jo);
	jo.Wait = API_MS;
	s = natsConnection_JetStream(&js, nc, &jo);
	for (size_t i = 0; s == NATS_OK && i < HALE_ARRAY_SIZE(streams); i++)
		s = apply(js, &streams[i], a);
	jsCtx_Destroy(js);
	return s;
}

static natsStatus attempt(const struct fleet_settings *f, struct attempt *a)
{
	natsConnection *nc = NULL;
	natsOptions *o = NULL;
	natsStatus s = options(f, &o);

	if (s == NATS_ILLEGAL_STATE) {
		failed(a, f->seed, s);
		HALE_SET(a->why, "not a key, or it cannot be read");
	} else if (s != NATS_OK ||
		   (s = natsConnection_Connect(&nc, o)) != NATS_OK) {
		failed(a, f->servers[0], s);
	} else {
		s = apply_all(nc, a);
	}
	natsConnection_Destroy(nc);
	natsOptions_Destroy(o);
	return s;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Nothing that waiting would mend. Who is refused waits: a server that has only
 * begun refuses now and then whom it takes a moment later. */
static bool is_final(natsStatus s)
{
	return s == NATS_OK || s == NATS_ILLEGAL_STATE || s == NATS_SSL_ERROR;
}

int streams_apply(const struct streams_ask *ask)
{
	const struct timespec pause = { .tv_nsec = 200 * 1000 * 1000 };
	uint64_t end = now_ms() + ask->wait_ms;
	struct attempt a = { .ask = ask };
	char said[FLEET_SAID_MAX] = "";
	static struct fleet_settings f; /* 14 KiB */
	natsStatus s;

	if (settings_load(ask->context, &f, said) < 0)
		return fleet_fail(HALE_EXIT_USAGE, "%s", said);
	while (!is_final(s = attempt(&f, &a)) && now_ms() < end)
		nanosleep(&pause, NULL);
	if (s == NATS_OK)
		return 0;
	return fleet_fail(HALE_EXIT_UNKNOWN, "%s: %s%s", a.what, a.why,
			  s == NATS_NO_SERVER ? "; do the servers run?" : "");
}
