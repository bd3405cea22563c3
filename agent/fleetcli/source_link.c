/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connection to a fleet's servers, by libnats. Decides how it is made and
 * what its failures are called. libnats calls back from threads of its own:
 * those put a message into a bounded queue and wake us by an eventfd, and must
 * never do more. What finds no room is dropped and said so.
 */
#include <errno.h>
#include <sys/random.h>

#include "hale/base.h"

#include "nkey.h"
#include "source_room.h"

#define CONNECT_MS   2000 /* a server; there are several */
#define REFUSALS     3 /* of a hundred connections one is refused by chance */
#define RECONNECT_MS 1000
#define PING_MS	     10000
#define CLOSE_MS     2000

/* Without the place in libnats' source that its texts begin with. */
static const char *words(const char *text)
{
	const char *end = text[0] == '(' ? strstr(text, "): ") : NULL;

	return end ? end + 3 : text;
}

/* --- libnats' threads --- */

static void on_message(natsConnection *nc, natsSubscription *sub, natsMsg *msg,
		       void *data)
{
	(void)nc;
	(void)sub;
	queue_put(&((struct source *)data)->queue, ITEM_MESSAGE, msg, NULL);
}

static void on_event(natsConnection *nc, natsSubscription *sub, natsMsg *msg,
		     void *data)
{
	(void)nc;
	(void)sub;
	queue_put(&((struct source *)data)->queue, ITEM_EVENT, msg, NULL);
}

static void on_down(natsConnection *nc, void *data)
{
	(void)nc;
	queue_put(&((struct source *)data)->queue, ITEM_DOWN, NULL, NULL);
}

static void on_up(natsConnection *nc, void *data)
{
	(void)nc;
	queue_put(&((struct source *)data)->queue, ITEM_UP, NULL, NULL);
}

static void on_closed(natsConnection *nc, void *data)
{
	const char *text = NULL;

	natsConnection_GetLastError(nc, &text);
	queue_put(&((struct source *)data)->queue, ITEM_CLOSED, NULL,
		  text ? words(text) : NULL);
}

static void on_error(natsConnection *nc, natsSubscription *sub, natsStatus err,
		     void *data)
{
	const char *text = NULL;

	(void)sub;
	natsConnection_GetLastError(nc, &text);
	if (err == NATS_NOT_PERMITTED || err == NATS_CONNECTION_AUTH_FAILED)
		queue_put(&((struct source *)data)->queue, ITEM_REFUSED, NULL,
			  text ? words(text) : NULL);
}

/* --- connecting --- */

static natsStatus set_servers(natsOptions *o, const struct fleet_settings *f)
{
	const char *urls[FLEET_SERVERS_MAX];

	for (size_t i = 0; i < f->n_servers; i++)
		urls[i] = f->servers[i];
	return natsOptions_SetServers(o, urls, (int)f->n_servers);
}

static natsStatus set_tls(natsOptions *o, const struct fleet_settings *f)
{
	natsStatus s = NATS_OK;

	if (f->ca[0])
		s = natsOptions_SetSecure(o, true);
	if (s == NATS_OK && f->ca[0])
		s = natsOptions_LoadCATrustedCertificates(o, f->ca);
	if (s == NATS_OK && f->certificate[0])
		s = natsOptions_LoadCertificatesChain(o, f->certificate,
						      f->key);
	return s;
}

static natsStatus set_user(natsOptions *o, const char *seed,
			   char ret_public[FLEET_ID_SIZE])
{
	ret_public[0] = '\0';
	if (!seed[0])
		return NATS_OK;
	if (nkey_read_public(seed, ret_public) < 0)
		return NATS_ILLEGAL_STATE;
	return natsOptions_SetNKeyFromSeed(o, ret_public, seed);
}

static natsStatus set_callbacks(natsOptions *o, struct source *s)
{
	natsStatus r = natsOptions_SetDisconnectedCB(o, on_down, s);

	if (r == NATS_OK)
		r = natsOptions_SetReconnectedCB(o, on_up, s);
	if (r == NATS_OK)
		r = natsOptions_SetClosedCB(o, on_closed, s);
	if (r == NATS_OK)
		r = natsOptions_SetErrorHandler(o, on_error, s);
	return r;
}

static natsStatus set_pace(natsOptions *o)
{
	natsStatus r = natsOptions_SetTimeout(o, CONNECT_MS);

	if (r == NATS_OK)
		r = natsOptions_SetMaxReconnect(o, -1);
	if (r == NATS_OK)
		r = natsOptions_SetReconnectWait(o, RECONNECT_MS);
	if (r == NATS_OK)
		r = natsOptions_SetPingInterval(o, PING_MS);
	if (r == NATS_OK)
		r = natsOptions_SetSendAsap(o, true);
	if (r == NATS_OK)
		r = natsOptions_SetName(o, "hale fleet");
	return r;
}

static natsStatus set_all(natsOptions *o, struct source *s, const char *seed,
			  char user[FLEET_ID_SIZE])
{
	natsStatus r = set_servers(o, &s->settings);

	if (r == NATS_OK)
		r = set_tls(o, &s->settings);
	if (r == NATS_OK)
		r = set_user(o, seed, user);
	if (r == NATS_OK)
		r = set_callbacks(o, s);
	return r == NATS_OK ? set_pace(o) : r;
}

static int say(char said[SOURCE_SAID_MAX], int error, const char *text)
{
	snprintf(said, SOURCE_SAID_MAX, "%.300s", text);
	return error;
}

/* Without the user and password that an address may have. */
static const char *bare(const char *url)
{
	const char *at = strrchr(url, '@'), *host = strstr(url, "://");

	return at ? at + 1 : host ? host + 3 : url;
}

static void list_servers(const struct fleet_settings *f, char ret[160])
{
	size_t at = 0;

	for (size_t i = 0; i < f->n_servers && at < 90; i++)
		at += (size_t)snprintf(ret + at, 160 - at, "%s%.60s",
				       i ? ", " : "", bare(f->servers[i]));
}

/* libnats has a status for each, and texts that name no file. */
static int explain(const struct source *s, natsStatus r, const char *text,
		   char said[SOURCE_SAID_MAX])
{
	const struct fleet_settings *f = &s->settings;
	char all[160] = "";

	list_servers(f, all);
	if (r == NATS_CONNECTION_AUTH_FAILED || r == NATS_NOT_PERMITTED) {
		snprintf(said, SOURCE_SAID_MAX,
			 "%s refuses this user (%.100s): is it revoked, or of "
			 "another fleet?",
			 all, f->seed[0] ? f->seed : "no seed");
		return -EACCES;
	}
	if (r == NATS_SSL_ERROR || r == NATS_SECURE_CONNECTION_REQUIRED ||
	    r == NATS_SECURE_CONNECTION_WANTED) {
		snprintf(said, SOURCE_SAID_MAX,
			 "no TLS with %s (%.90s): is %.80s theirs?", all, text,
			 f->ca[0] ? f->ca : "ca =, which is not set,");
		return -EPROTO;
	}
	snprintf(said, SOURCE_SAID_MAX,
		 "no server answers at %s (%.60s): do they run? %.110s lists "
		 "them",
		 all, text, f->from);
	return -EHOSTUNREACH;
}

/* 0 with options that the caller destroys. */
static int make_options(struct source *s, const char *seed,
			char user[FLEET_ID_SIZE], natsOptions **ret_o,
			char said[SOURCE_SAID_MAX])
{
	natsOptions *o = NULL;
	char line[SOURCE_SAID_MAX];
	natsStatus r = natsOptions_Create(&o);

	if (r == NATS_OK)
		r = set_all(o, s, seed, user);
	if (r == NATS_OK) {
		*ret_o = o;
		return 0;
	}
	if (r == NATS_ILLEGAL_STATE)
		snprintf(line, sizeof(line),
			 "%.200s: no seed of a user's NKey can be read there",
			 seed);
	else
		snprintf(
			line, sizeof(line),
			"a key or certificate of %.150s cannot be used: %.100s",
			s->settings.from, nats_GetLastError(NULL));
	natsOptions_Destroy(o);
	return say(said, -EACCES, line);
}

static int try_connect(struct source *s, const char *seed,
		       char user[FLEET_ID_SIZE], char said[SOURCE_SAID_MAX])
{
	natsOptions *o = NULL;
	const char *text;
	natsStatus n;
	int r = make_options(s, seed, user, &o, said);

	if (r < 0)
		return r;
	n = natsConnection_Connect(&s->nc, o);
	for (int i = 1; i < REFUSALS && n == NATS_CONNECTION_AUTH_FAILED; i++)
		n = natsConnection_Connect(&s->nc, o);
	text = nats_GetLastError(NULL);
	if (n != NATS_OK)
		r = explain(s, n, words(text ? text : natsStatus_GetText(n)),
			    said);
	natsOptions_Destroy(o);
	return r;
}

/* libnats tells of the last server it tried, which may be one that is down
 * where another refuses us: then each is asked for itself, and what a server
 * said counts more than that another is silent. */
static int connect_as(struct source *s, const char *seed,
		      char user[FLEET_ID_SIZE], char said[SOURCE_SAID_MAX])
{
	struct fleet_settings *all;
	int r = try_connect(s, seed, user, said);

	if (r != -EHOSTUNREACH || s->settings.n_servers < 2)
		return r;
	all = malloc(sizeof(*all));
	if (!all)
		return r;
	*all = s->settings;
	s->settings.n_servers = 1;
	for (size_t i = 0; i < all->n_servers && r == -EHOSTUNREACH; i++) {
		HALE_SET(s->settings.servers[0], all->servers[i]);
		r = try_connect(s, seed, user, said);
	}
	s->settings = *all;
	if (r == -EHOSTUNREACH)
		explain(s, NATS_NO_SERVER, natsStatus_GetText(NATS_NO_SERVER),
			said);
	free(all);
	return r;
}

/* A user may read his own inboxes only: nobody else's answers. */
static int subscribe(struct source *s, const char *user,
		     char said[SOURCE_SAID_MAX])
{
	char subject[sizeof(s->base) + 4];
	natsStatus r;

	if (getrandom(&s->random, sizeof(s->random), 0) !=
	    (ssize_t)sizeof(s->random))
		return -EIO;
	snprintf(s->base, sizeof(s->base), "_INBOX%s%s.%016llx",
		 user[0] ? "_" : "", user, (unsigned long long)s->random);
	snprintf(subject, sizeof(subject), "%s.a.>", s->base);
	r = natsConnection_Subscribe(&s->inbox, s->nc, subject, on_message, s);
	if (r == NATS_OK)
		r = natsSubscription_SetPendingLimits(s->inbox, -1, -1);
	if (r != NATS_OK)
		return say(said, -EIO, natsStatus_GetText(r));
	/* where the account is not told of connections, it stays empty */
	natsConnection_Subscribe(&s->liveness, s->nc, "liveness.*", on_event,
				 s);
	return 0;
}

int link_open(struct source *s, char said[SOURCE_SAID_MAX])
{
	char user[FLEET_ID_SIZE];
	int r = queue_init(&s->queue);

	if (r < 0)
		return say(said, r, "no memory");
	/* 0: its threads do not spin */
	if (nats_Open(0) != NATS_OK)
		return say(said, -ENOMEM, "libnats does not start");
	r = connect_as(s, s->settings.seed, user, said);
	return r < 0 ? r : subscribe(s, user, said);
}

/* A consumer is taken to have a listener only where one listens to its very
 * subject: nats-server 2.9 does not count wildcards. */
void link_listen(struct source *s, enum source_stream stream,
		 const char *subject)
{
	natsSubscription **sub = &s->feeds[stream].sub;

	natsSubscription_Destroy(*sub);
	*sub = NULL;
	/* where it fails nothing comes, and the next turn tries again */
	if (natsConnection_Subscribe(sub, s->nc, subject, on_message, s) ==
	    NATS_OK)
		natsSubscription_SetPendingLimits(*sub, -1, -1);
}

bool link_close(struct source *s)
{
	queue_shut(&s->queue);
	for (int i = 0; i < SOURCE_STREAMS; i++)
		natsSubscription_Destroy(s->feeds[i].sub);
	natsSubscription_Destroy(s->inbox);
	natsSubscription_Destroy(s->liveness);
	natsConnection_Destroy(s->nc);
	/* a thread of libnats that is late could still call us */
	if (nats_CloseAndWait(CLOSE_MS) == NATS_TIMEOUT)
		return false;
	queue_done(&s->queue);
	return true;
}
