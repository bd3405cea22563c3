/* SPDX-License-Identifier: Apache-2.0 */
/* Plays stories on a machine made of facts, and compares what is said of them
 * with what is right. */
#include <signal.h>

#include "stories.h"

static struct causes c;

/* --- the machine --- */

static void devices(struct world *w)
{
	static const char *const disks[] = { "sda", "sdb", "sdc",
					     "sdd", "sde", "sdf" };
	char identity[32];

	for (uint32_t i = 0; i < HALE_ARRAY_SIZE(disks); i++) {
		snprintf(identity, sizeof(identity), "disk/naa.500%u", i);
		world_disk(w, disks[i], 16 * i, identity);
	}
	world_partition(w, "sda1", 1, "uuid-root");
	world_partition(w, "sda2", 2, "uuid-swap");
	world_partition(w, "sdb1", 17, "uuid-engine");
	world_layered(w, "nvme0n1", 259, 0, HALE_BLOCK_DISK);
	world_layered(w, "md0", 9, 0, HALE_BLOCK_MD);
	world_layered(w, "loop0", 7, 0, HALE_BLOCK_LOOP);
	world_layered(w, "dm-0", 253, 0, HALE_BLOCK_DM);
	world_layered(w, "dm-1", 253, 1, HALE_BLOCK_DM);
}

static void mounts(struct world *w)
{
	struct hale_fact nfs = world_mount_fact(0, 50, "nfs4", "/nfs");

	nfs.u.mount.remote = true;
	world_mount(w, 8, 1, "ext4", "/");
	world_mount(w, 8, 2, "swap", "/dev/sda2");
	world_mount(w, 8, 17, "ext4", "/var/lib/docker");
	world_mount(w, 259, 0, "btrfs", "/home/ci");
	world_mount(w, 9, 0, "xfs", "/raid");
	world_mount(w, 7, 0, "ext4", "/img");
	world_mount(w, 253, 0, "ext4", "/thin");
	world_mount(w, 8, 80, "ext4", "/usb");
	world_mount(w, 0, 40, "tmpfs", "/dev/shm");
	world_fact(w, "storage", &nfs);
}

static void layers(struct world *w)
{
	world_layer(w, "8:1", "8:0", "partition");
	world_layer(w, "8:2", "8:0", "partition");
	world_layer(w, "8:17", "8:16", "partition");
	world_layer(w, "9:0", "8:32", "raid1");
	world_layer(w, "9:0", "8:48", "raid1");
	world_layer(w, "7:0", "8:1", "loop");
	world_layer(w, "253:0", "253:1", "dm");
	world_layer(w, "253:1", "8:64", "dm");
}

static void machine(struct world *w)
{
	struct hale_fact rests = { .kind = HALE_FACT_RESTS };

	world_bare(w);
	world_see_all(w);
	devices(w);
	world_map(w, HALE_FACT_MAP_BEGIN);
	mounts(w);
	layers(w);
	world_map(w, HALE_FACT_MAP_END);
	rests.u.rests.holds = true;
	rests.u.rests.major = 8;
	rests.u.rests.minor = 17;
	HALE_SET(rests.u.rests.part, "engine/docker");
	HALE_SET(rests.u.rests.path, "/var/lib/docker");
	world_fact(w, "engine", &rests);
}

/* --- what happens on it --- */

static enum hale_ref ref_of(const struct event *e)
{
	const char *name = hale_condition_info(e->what)->name;

	if (strchr(e->part, '/') || strcmp(e->part, "host") == 0)
		return HALE_REF_PART;
	if (strncmp(name, "fs.", 3) == 0)
		return HALE_REF_FS;
	return strncmp(name, "array.", 6) == 0 ? HALE_REF_ARRAY : HALE_REF_DISK;
}

static void observe(struct world *w, const struct event *e)
{
	struct hale_observation o =
		world_observation(e->what, ref_of(e), e->part);

	o.count = e->n ? e->n : 1;
	if (e->verb != HAPPENS) {
		o.kind = HALE_OBSERVED_STATE;
		o.holds = e->verb == BEGINS;
	}
	if (e->text)
		HALE_SET(o.evidence, e->text);
	assert_true(world_say(w, "driver", &o));
}

static void measure(struct world *w, const struct event *e)
{
	struct hale_observation o = world_observation(
		HALE_CONDITION_NONE,
		e->verb == STORE ? HALE_REF_DISK : HALE_REF_FS, e->part);

	o.kind = HALE_OBSERVED_MEASURE;
	o.metric = e->verb == INODES  ? HALE_METRIC_FS_INODES
		   : e->verb == STORE ? HALE_METRIC_BACKING_BYTES
				      : HALE_METRIC_FS_BYTES;
	o.value = e->verb == INODES ? e->n : e->n * HALE_MIB;
	o.total = e->verb == INODES ? 1000000 : 100 * HALE_GIB;
	assert_true(world_say(w, "driver", &o));
}

static struct hale_victim victim(const struct world *w, const struct event *e)
{
	struct hale_victim v = causes_victim(w, e->part, e->code);
	uint32_t major, minor;
	char *end;

	v.signal = e->n ? e->n : SIGKILL;
	if (e->code == SENT) {
		v.code_known = true;
		v.code = 0;
	}
	if (e->text)
		HALE_SET(v.cgroup, e->text);
	if (e->file) {
		major = (uint32_t)strtoul(e->file, &end, 10);
		assert_int_equal(*end, ':');
		minor = (uint32_t)strtoul(end + 1, NULL, 10);
		causes_maps(&v, HALE_HELD_MAPPED, major, minor);
		v.files[0].faulted = true;
		v.files[0].truncated = strstr(e->file, "cut") != NULL;
		v.files[0].full = strstr(e->file, "full") != NULL;
	}
	return v;
}

static void die(struct world *w, const struct event *e)
{
	struct hale_victim v = victim(w, e);
	struct hale_observation o =
		world_observation(e->what, HALE_REF_PART, "host");

	v.oom = e->verb == OOMS;
	if (v.oom) {
		snprintf(o.evidence, sizeof(o.evidence),
			 "Killed process %u (%s) anon-rss:8000000kB", v.pid,
			 e->part);
		world_say(w, "kmsg", &o);
	}
	causes_died(w, &v);
}

static void tell(struct world *w, const struct event *e)
{
	w->now += e->after_s * SECOND;
	middle_tick(w->m, w->now);
	switch (e->verb) {
	case END:
		break;
	case HAPPENS:
	case BEGINS:
	case STOPS:
		observe(w, e);
		break;
	case LEFT:
	case INODES:
	case STORE:
		measure(w, e);
		break;
	case DIES:
	case OOMS:
		die(w, e);
		break;
	}
}

/* --- what is said of it --- */

static uint32_t n_wrong;

static void wrong(const struct story *s, const char *what, const char *detail)
{
	print_message("%s: %s: %s\n", s->name, what, detail);
	n_wrong++;
}

/* Where a process is told its number and what follows may be left out. */
static bool is_said(const char *expected, const char *said)
{
	char plain[HALE_EVIDENCE_MAX];
	const char *number = strstr(said, " (pid ");
	const char *rest = number ? strstr(number, ")") : NULL;

	if (!rest)
		return strcmp(expected, said) == 0;
	rest++;
	if (strncmp(rest, ", dead by ", 10) == 0)
		rest += 10 + strcspn(rest + 10, " :");
	snprintf(plain, sizeof(plain), "%.*s%s", (int)(number - said), said,
		 rest);
	return strncmp(plain, expected, strlen(expected)) == 0;
}

static void compare(const struct story *s, const struct root *r,
		    const struct hale_cause *x)
{
	const struct hale_cause_step *dead;
	bool led[HALE_CONDITION_COUNT] = { false };
	uint32_t n_led = 0;

	if (!is_said(r->headline, x->headline))
		wrong(s, "said", x->headline);
	if (r->build != x->build)
		wrong(s, "a build's cause", hale_build_cause_name(x->build));
	if (r->sure != x->confidence)
		wrong(s, "sure", hale_confidence_name(x->confidence));
	for (size_t i = 0; i < HALE_ARRAY_SIZE(r->leads_to); i++) {
		led[r->leads_to[i]] = true;
		if (r->leads_to[i] && !causes_step(x, r->leads_to[i]))
			wrong(s, "does not lead to",
			      hale_condition_info(r->leads_to[i])->name);
	}
	for (uint32_t i = 1; i < x->n_steps; i++) {
		n_led += x->steps[i].death;
		if (!x->steps[i].death && !led[x->steps[i].finding.condition])
			wrong(s, "leads to",
			      hale_condition_info(x->steps[i].finding.condition)
				      ->name);
	}
	dead = r->kills ? causes_death(x, r->kills) : NULL;
	n_led += x->steps[0].death;
	if (n_led != (r->kills ? 1 : 0) || (r->kills && !dead))
		wrong(s, "kills", r->kills ? "not it" : "somebody");
	else if (dead && dead->confidence != r->killed)
		wrong(s, "kills", hale_confidence_name(dead->confidence));
}

static void play(const struct story *s)
{
	uint32_t n = 0, wrong_before = n_wrong;
	struct world w;

	machine(&w);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(s->events); i++)
		tell(&w, &s->events[i]);
	memset(&c.query, 0, sizeof(c.query));
	if (s->asks)
		HALE_SET(c.query.subject, s->asks);
	causes_ask(&c, &w);
	while (n < HALE_ARRAY_SIZE(s->roots) && s->roots[n].headline)
		n++;
	if (c.n != n)
		wrong(s, "number of causes", c.n > n ? "more" : "fewer");
	for (uint32_t i = 0; i < n && i < c.n; i++)
		compare(s, &s->roots[i], &c.list[i]);
	if (n_wrong != wrong_before || getenv("STORIES"))
		causes_print(&c);
	world_end(&w);
}

void stories_check(const struct story *stories, size_t n)
{
	n_wrong = 0;
	for (size_t i = 0; i < n; i++)
		play(&stories[i]);
	assert_int_equal(n_wrong, 0);
}
