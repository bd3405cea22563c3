/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all drivers share: saying a fact, reading an option or a small file, and
 * the check that stands where facts come in from another process. Holds no
 * state and judges no truth; it must never let a text through that is not
 * terminated and printable, because everything downstream prints facts as they
 * are.
 */
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"
#include "hale/driver.h"

struct field {
	enum hale_fact_kind kind;
	size_t offset, size;
};

#define FIELD(kind_, arm, member)                                              \
	{                                                                      \
		kind_, offsetof(struct hale_fact, u.arm.member),               \
			sizeof(((struct hale_fact *)0)->u.arm.member)          \
	}
#define OBSERVATION(member) FIELD(HALE_FACT_OBSERVATION, observation, member)
#define DEVICE(member)	    FIELD(HALE_FACT_DEVICE, device, member)
#define MOUNT(member)	    FIELD(HALE_FACT_MOUNT, mount, member)
#define LAYER(member)	    FIELD(HALE_FACT_LAYER, layer, member)
#define COVERAGE(member)    FIELD(HALE_FACT_COVERAGE, coverage, member)
#define BEARER(member)	    FIELD(HALE_FACT_BEARER, bearer, member)
#define DISK(member)	    FIELD(HALE_FACT_DISK_READING, disk, member)
#define RESTS(member)	    FIELD(HALE_FACT_RESTS, rests, member)
#define VICTIM(member)	    FIELD(HALE_FACT_VICTIM, victim, member)

static const struct field texts[] = {
	OBSERVATION(part), OBSERVATION(evidence), DEVICE(name),
	DEVICE(disk),	   DEVICE(identity),	  DEVICE(devpath),
	DEVICE(model),	   DEVICE(serial),	  DEVICE(fs_uuid),
	MOUNT(type),	   MOUNT(source),	  MOUNT(mountpoint),
	LAYER(via),	   COVERAGE(driver),	  COVERAGE(why),
	COVERAGE(remedy),  BEARER(name),	  COVERAGE(part),
	DISK(part),	   DISK(model),		  DISK(serial),
	DISK(firmware),	   RESTS(part),		  RESTS(on),
	RESTS(path),	   VICTIM(comm),	  VICTIM(exe),
	VICTIM(cgroup),
};

static const struct field bools[] = {
	OBSERVATION(holds), OBSERVATION(at_least), DEVICE(present),
	DEVICE(removable),  MOUNT(read_only),	   MOUNT(remote),
	MOUNT(writable),    MOUNT(swap),	   LAYER(redundant),
	LAYER(unmapped),    DISK(asleep),	   DISK(rotational),
	RESTS(holds),	    VICTIM(code_known),	   VICTIM(address_known),
	VICTIM(dumped),	    VICTIM(oom),	   VICTIM(uid_known),
	VICTIM(oom_limit),
};

static bool texts_valid(const struct hale_fact *f)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(texts); i++) {
		const char *text = (const char *)f + texts[i].offset;

		if (texts[i].kind == f->kind &&
		    !hale_text_printable(text, texts[i].size))
			return false;
	}
	return true;
}

/* As bytes: to read a bool that is neither 0 nor 1 is undefined. */
static bool bools_valid(const struct hale_fact *f)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(bools); i++) {
		const unsigned char *b =
			(const unsigned char *)f + bools[i].offset;

		if (bools[i].kind == f->kind && *b > 1)
			return false;
	}
	return true;
}

/* A counter stands for what happened, never for a state. The last number is
 * the middle's own (agent/core/counter.c). */
static bool counter_valid(const struct hale_observation *o)
{
	return o->kind != HALE_OBSERVED_COUNTER ||
	       (hale_condition_info(o->condition)->life != HALE_LIFE_STATE &&
		o->counter != UINT32_MAX && o->join == HALE_JOIN_NONE);
}

static bool observation_valid(const struct hale_observation *o)
{
	bool measure = o->kind == HALE_OBSERVED_MEASURE;

	if ((unsigned int)o->kind >= HALE_OBSERVED_COUNT ||
	    (unsigned int)o->condition >= HALE_CONDITION_COUNT ||
	    (unsigned int)o->quality >= HALE_QUALITY_COUNT ||
	    (unsigned int)o->metric >= HALE_METRIC_COUNT ||
	    (unsigned int)o->ref >= HALE_REF_COUNT ||
	    (unsigned int)o->join >= HALE_JOIN_COUNT)
		return false;
	return o->part[0] != '\0' && counter_valid(o) &&
	       measure == (o->condition == HALE_CONDITION_NONE) &&
	       measure == (o->metric != HALE_METRIC_NONE);
}

static bool coverage_valid(const struct hale_coverage *c)
{
	return (unsigned int)c->sense < HALE_SENSE_COUNT &&
	       (unsigned int)c->sight < HALE_SIGHT_COUNT;
}

static bool disk_valid(const struct hale_disk_reading *d)
{
	return (unsigned int)d->protocol < HALE_DISK_PROTOCOL_COUNT &&
	       (unsigned int)d->ref < HALE_REF_COUNT && d->part[0] != '\0' &&
	       d->n_attributes <= HALE_DISK_ATTRIBUTES_MAX;
}

/* As bytes, like bools_valid(). */
static bool victim_file_valid(const struct hale_victim_file *f)
{
	unsigned char flags[3];

	memcpy(&flags[0], &f->faulted, 1);
	memcpy(&flags[1], &f->truncated, 1);
	memcpy(&flags[2], &f->full, 1);
	return (unsigned int)f->held < HALE_HELD_COUNT && flags[0] <= 1 &&
	       flags[1] <= 1 && flags[2] <= 1 &&
	       hale_text_printable(f->path, sizeof(f->path));
}

static bool victim_valid(const struct hale_victim *v)
{
	/* _NSIG; 0: who looked at it does not know what it dies of */
	if (v->pid == 0 || v->signal > 64 || v->time_ns == 0 ||
	    v->n_files > HALE_VICTIM_FILES_MAX)
		return false;
	for (uint32_t i = 0; i < v->n_files; i++) {
		if (!victim_file_valid(&v->files[i]))
			return false;
	}
	return true;
}

static bool enums_valid(const struct hale_fact *f)
{
	switch (f->kind) {
	case HALE_FACT_OBSERVATION:
		return observation_valid(&f->u.observation);
	case HALE_FACT_DEVICE:
		return (unsigned int)f->u.device.kind < HALE_BLOCK_COUNT &&
		       f->u.device.name[0] != '\0';
	case HALE_FACT_COVERAGE:
		return coverage_valid(&f->u.coverage);
	case HALE_FACT_BEARER:
		return (unsigned int)f->u.bearer.news <
			       HALE_BEARER_NEWS_COUNT &&
		       f->u.bearer.name[0] != '\0';
	case HALE_FACT_DISK_READING:
		return disk_valid(&f->u.disk);
	case HALE_FACT_RESTS:
		return f->u.rests.part[0] != '\0' &&
		       (f->u.rests.on[0] || f->u.rests.path[0]);
	case HALE_FACT_VICTIM:
		return victim_valid(&f->u.victim);
	case HALE_FACT_MAP_BEGIN:
	case HALE_FACT_MOUNT:
	case HALE_FACT_LAYER:
	case HALE_FACT_MAP_END:
	case HALE_FACT_POSITION:
		return true;
	case HALE_FACT_KIND_END:
		break;
	}
	return false;
}

bool hale_fact_valid(const struct hale_fact *f)
{
	return enums_valid(f) && bools_valid(f) && texts_valid(f);
}

void hale_emit_observation(struct hale_probe *p,
			   const struct hale_observation *o)
{
	struct hale_fact f = { .kind = HALE_FACT_OBSERVATION };

	f.u.observation = *o;
	p->emit(p->sink, &f);
}

static void print(char *dst, size_t size, const char *text)
{
	if (text)
		hale_print_text(dst, size, text, strlen(text));
}

void hale_emit_part_coverage(struct hale_probe *p, enum hale_sense sense,
			     const struct hale_part_sight *s)
{
	struct hale_fact f = { .kind = HALE_FACT_COVERAGE };
	struct hale_coverage *c = &f.u.coverage;

	c->sense = sense;
	c->sight = s->sight;
	c->since_ns = p->now_ns;
	print(c->why, sizeof(c->why), s->why);
	print(c->remedy, sizeof(c->remedy), s->remedy);
	print(c->part, sizeof(c->part), s->part);
	p->emit(p->sink, &f);
}

void hale_emit_coverage(struct hale_probe *p, enum hale_sense sense,
			enum hale_sight sight, const char *why,
			const char *remedy)
{
	const struct hale_part_sight whole = { .why = why,
					       .remedy = remedy,
					       .sight = sight };

	hale_emit_part_coverage(p, sense, &whole);
}

bool hale_skips(const struct hale_probe *p, const char *part)
{
	for (size_t i = 0; i < p->n_skip; i++) {
		if (strcmp(p->skip[i], part) == 0)
			return true;
	}
	return false;
}

const char *hale_option(const struct hale_probe *p, const char *key)
{
	for (size_t i = 0; i < p->n_options; i++) {
		if (strcmp(p->options[i].key, key) == 0)
			return p->options[i].value;
	}
	return NULL;
}

/* Fills @buf; its length, or @size where there was more than @size - 1. */
static ssize_t read_up_to(int fd, char *buf, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, buf + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

int hale_read_at(int dirfd, const char *path, char *buf, size_t size)
{
	_cleanup_fd_ int fd = -1;
	ssize_t n;

	if (size == 0)
		return -EMSGSIZE;
	buf[0] = '\0';
	fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	n = read_up_to(fd, buf, size);
	if (n < 0) {
		buf[0] = '\0';
		return (int)n;
	}
	if ((size_t)n == size) {
		buf[size - 1] = '\0';
		return -EMSGSIZE;
	}
	if (n > 0 && buf[n - 1] == '\n')
		n--;
	buf[n] = '\0';
	return (int)n;
}
