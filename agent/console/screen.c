/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a screen shows. Decides what counts as a change: another text, and
 * nothing else; a host that says the same again moves nothing and wakes nobody.
 * Must never hold more than one text a thing. Invariant: the list runs in
 * rising numbers, and each thing is in it once.
 */
#include "screen.h"

#include <errno.h>

#include "hale/base.h"

#define BUCKETS_FIRST 1024
#define ID_MAX	      128
/* Of the grid's words; the host's page has them whole. */
#define NAME_MAX_B	96
#define CONDITION_MAX_B 48
#define PART_MAX_B	96
#define WHY_MAX_B	160
#define LABEL_MAX_B	64

struct screen_entry {
	struct screen_entry *older, *newer, *chain;
	const char *event; /* of a topic; NULL: a host */
	uint64_t number;
	bool gone;
	uint32_t hash;
	char *json;
	size_t len;
	char id[];
};

static const char *const topic_events[TOPIC_COUNT] = {
	[TOPIC_JUDGMENTS] = "judgments",
	[TOPIC_LINK] = "link",
};

int screen_init(struct screen *t)
{
	memset(t, 0, sizeof(*t));
	t->buckets = calloc(BUCKETS_FIRST, sizeof(*t->buckets));
	if (!t->buckets)
		return -ENOMEM;
	t->buckets_n = BUCKETS_FIRST;
	return 0;
}

static void entry_free(struct screen_entry *e)
{
	free(e->json);
	free(e);
}

void screen_done(struct screen *t)
{
	struct screen_entry *next;

	for (struct screen_entry *e = t->oldest; e; e = next) {
		next = e->newer;
		entry_free(e);
	}
	free(t->buckets);
	memset(t, 0, sizeof(*t));
}

/* --- the list --- */

static void list_take(struct screen *t, struct screen_entry *e)
{
	if (e->older)
		e->older->newer = e->newer;
	else if (t->oldest == e)
		t->oldest = e->newer;
	if (e->newer)
		e->newer->older = e->older;
	else if (t->newest == e)
		t->newest = e->older;
	e->older = e->newer = NULL;
}

static void list_append(struct screen *t, struct screen_entry *e)
{
	e->older = t->newest;
	e->newer = NULL;
	if (t->newest)
		t->newest->newer = e;
	else
		t->oldest = e;
	t->newest = e;
	e->number = ++t->number;
}

/* --- by id --- */

static uint32_t hash_of(const char *id)
{
	uint32_t h = 2166136261u; /* FNV-1a: ids are random already */

	for (; *id; id++)
		h = (h ^ (unsigned char)*id) * 16777619u;
	return h;
}

static struct screen_entry *find(const struct screen *t, const char *id)
{
	uint32_t h = hash_of(id);

	for (struct screen_entry *e = t->buckets[h & (t->buckets_n - 1)]; e;
	     e = e->chain) {
		if (e->hash == h && strcmp(e->id, id) == 0)
			return e;
	}
	return NULL;
}

/* Two a bucket at most in the mean; without memory it stays slower. */
static void grow(struct screen *t)
{
	size_t n = t->buckets_n * 4;
	struct screen_entry **buckets, **at;

	if (t->things < t->buckets_n * 2)
		return;
	buckets = calloc(n, sizeof(struct screen_entry *));
	if (!buckets)
		return;
	for (struct screen_entry *e = t->oldest; e; e = e->newer) {
		if (e->event)
			continue;
		at = &buckets[e->hash & (n - 1)];
		e->chain = *at;
		*at = e;
	}
	free(t->buckets);
	t->buckets = buckets;
	t->buckets_n = n;
}

static void unchain(struct screen *t, const struct screen_entry *e)
{
	struct screen_entry **at = &t->buckets[e->hash & (t->buckets_n - 1)];

	while (*at && *at != e)
		at = &(*at)->chain;
	if (*at)
		*at = e->chain;
}

/* The one that left the fleet longest ago makes room. A reader who has not been
 * told of it since keeps that host until it reads all anew. */
static bool make_room(struct screen *t)
{
	if (t->things < SCREEN_HOSTS_MAX)
		return true;
	for (struct screen_entry *e = t->oldest; e; e = e->newer) {
		if (!e->gone)
			continue;
		unchain(t, e);
		list_take(t, e);
		entry_free(e);
		t->things--;
		return true;
	}
	t->refused++;
	return false;
}

static struct screen_entry *entry_new(struct screen *t, const char *id)
{
	size_t len = strlen(id);
	struct screen_entry *e = calloc(1, sizeof(*e) + len + 1), **at;

	if (!e)
		return NULL;
	memcpy(e->id, id, len + 1);
	e->hash = hash_of(id);
	at = &t->buckets[e->hash & (t->buckets_n - 1)];
	e->chain = *at;
	*at = e;
	t->things++;
	return e;
}

/* --- changes --- */

/* 1, 0: it says so already, -ENOMEM. */
static int set_text(struct screen *t, struct screen_entry *e, const char *json,
		    size_t len)
{
	char *copy;

	if (e->json && e->len == len && memcmp(e->json, json, len) == 0)
		return 0;
	copy = malloc(len + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, json, len);
	copy[len] = '\0';
	free(e->json);
	e->json = copy;
	e->len = len;
	list_take(t, e);
	list_append(t, e);
	return 1;
}

static void row_text(struct jot *out, const struct row *row)
{
	size_t labels = row->labels_n < SCREEN_LABELS_MAX ? row->labels_n
							  : SCREEN_LABELS_MAX;

	jot_put(out, "[");
	jot_string(out, row->id, ID_MAX);
	jot_put(out, ",");
	jot_string(out, row->name, NAME_MAX_B);
	jot_print(out, ",%d,%u,%llu,", (int)row->state, row->flags,
		  (unsigned long long)(row->since_ns / HALE_NS_PER_MS));
	jot_string(out, row->condition, CONDITION_MAX_B);
	jot_put(out, ",");
	jot_string(out, row->part, PART_MAX_B);
	jot_put(out, ",");
	jot_string(out, row->why, WHY_MAX_B);
	jot_print(out, ",%u,[", row->findings);
	for (size_t i = 0; i < labels; i++) {
		jot_put(out, i ? "," : "");
		jot_string(out, row->labels[i], LABEL_MAX_B);
	}
	jot_put(out, "]]");
}

static void forget_new(struct screen *t, struct screen_entry *e)
{
	unchain(t, e);
	t->things--;
	entry_free(e);
}

int screen_put(struct screen *t, const struct row *row)
{
	struct jot out = { 0 };
	struct screen_entry *e = find(t, row->id);
	bool fresh = !e, back = e && e->gone;
	int r;

	if (strlen(row->id) > ID_MAX)
		return -ENOSPC;
	if (fresh && !make_room(t))
		return -ENOSPC;
	row_text(&out, row);
	if (fresh && !out.lost)
		e = entry_new(t, row->id);
	r = e && !out.lost ? set_text(t, e, out.bytes, out.len) : -ENOMEM;
	jot_done(&out);
	if (r < 0 && fresh && e)
		forget_new(t, e);
	if (r < 0)
		return r;
	e->gone = false;
	t->hosts += fresh || back;
	grow(t);
	return r;
}

int screen_remove(struct screen *t, const char *id)
{
	struct screen_entry *e = find(t, id);
	struct jot out = { 0 };
	int r;

	if (!e || e->gone)
		return 0;
	jot_put(&out, "[");
	jot_string(&out, id, ID_MAX);
	jot_put(&out, "]");
	r = out.lost ? -ENOMEM : set_text(t, e, out.bytes, out.len);
	jot_done(&out);
	if (r < 0)
		return r;
	e->gone = true;
	t->hosts--;
	return 1;
}

void screen_retain(struct screen *t, bool (*keep)(const void *, const char *),
		   const void *data)
{
	/* what is removed moves to the end: the walk ends where it began */
	const struct screen_entry *last = t->newest;
	struct screen_entry *next;

	for (struct screen_entry *e = t->oldest; e; e = next) {
		next = e == last ? NULL : e->newer;
		if (!e->event && !e->gone && !keep(data, e->id))
			screen_remove(t, e->id);
	}
}

int screen_say(struct screen *t, enum screen_topic topic, const char *json)
{
	struct screen_entry *e = t->topics[topic];
	bool fresh = !e;
	int r;

	if (fresh)
		e = calloc(1, sizeof(*e) + 1);
	if (!e)
		return -ENOMEM;
	e->event = topic_events[topic];
	r = set_text(t, e, json, strlen(json));
	if (r < 0 && fresh)
		entry_free(e);
	else
		t->topics[topic] = e;
	return r;
}

/* --- reading --- */

static const struct screen_entry *first_after(const struct screen *t,
					      uint64_t after)
{
	const struct screen_entry *e = t->newest;

	if (!e || e->number <= after)
		return NULL;
	while (e->older && e->older->number > after)
		e = e->older;
	return e;
}

bool screen_read(const struct screen *t, uint64_t after, size_t bytes,
		 struct jot *out, struct screen_piece *ret_piece)
{
	const struct screen_entry *e = first_after(t, after);
	struct screen_piece piece = { .event = "hosts" };
	size_t from = out->len;

	if (!e)
		return false;
	if (e->event) {
		jot_add(out, e->json, e->len);
		ret_piece->event = e->event;
		ret_piece->number = e->number;
		ret_piece->rows = 0;
		return true;
	}
	jot_put(out, "[");
	for (; e && !e->event && out->len - from < bytes; e = e->newer) {
		jot_put(out, piece.rows++ ? "," : "");
		jot_add(out, e->json, e->len);
		piece.number = e->number;
	}
	jot_put(out, "]");
	*ret_piece = piece;
	return true;
}
