/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints facts so that a person, grep or a fixture can say what was expected.
 * Every field that a driver can set shows; times show only as set or not.
 */
#include <inttypes.h>

#include "facts.h"

static const char *const block_kinds[] = { "disk",    "partition", "loop",
					   "dm",      "md",	   "memory",
					   "network", "optical" };
static const char *const sights[] = { "blind", "partial", "live" };
static const char *const refs[] = { "part", "disk", "fs", "array" };
static const char *const metrics[] = { "none", "fs_bytes", "fs_inodes",
				       "backing_bytes" };

static void print_observation(FILE *out, const struct hale_observation *o)
{
	static const char *const kinds[] = { "event", "state", "measure",
					     "counter" };
	bool measure = o->kind == HALE_OBSERVED_MEASURE;

	fprintf(out, "observation %s %s %s=%s", kinds[o->kind],
		measure ? metrics[o->metric]
			: hale_condition_info(o->condition)->name,
		refs[o->ref], o->part);
	if (o->quality == HALE_QUALITY_UNREADABLE)
		fputs(" unreadable", out);
	else if (o->kind == HALE_OBSERVED_STATE)
		fprintf(out, " holds=%d", o->holds);
	else if (o->kind == HALE_OBSERVED_EVENT)
		fprintf(out, " count=%s%u", o->at_least ? "at_least:" : "",
			o->count);
	fprintf(out, " value=%" PRIu64 " total=%" PRIu64 " evidence=\"%s\"\n",
		o->value, o->total, o->evidence);
}

static void print_device(FILE *out, const struct hale_device *d)
{
	fprintf(out, "device %s %u:%u %s %s identity=%s", d->name, d->major,
		d->minor, block_kinds[d->kind],
		d->present ? "present" : "absent", d->identity);
	fprintf(out, " model=\"%s\" serial=\"%s\"", d->model, d->serial);
	if (d->disk[0])
		fprintf(out, " disk=%s", d->disk);
	if (d->fs_uuid[0])
		fprintf(out, " fs=%s", d->fs_uuid);
	fprintf(out, "%s%s at=%s\n", d->removable ? " removable" : "",
		d->since_ns ? " since" : "", d->devpath);
}

static void print_mount(FILE *out, const struct hale_mount *m)
{
	fprintf(out, "mount %u:%u %s on=%s source=%s%s%s%s%s\n", m->major,
		m->minor, m->type, m->mountpoint, m->source,
		m->read_only ? " ro" : "", m->remote ? " remote" : "",
		m->writable ? " writable" : "", m->swap ? " swap" : "");
}

static void print_layer(FILE *out, const struct hale_layer *l)
{
	fprintf(out, "layer %u:%u", l->upper_major, l->upper_minor);
	if (l->unmapped)
		fputs(" unmapped", out);
	else
		fprintf(out, " -> %u:%u", l->lower_major, l->lower_minor);
	fprintf(out, " via=%s%s\n", l->via, l->redundant ? " redundant" : "");
}

static void print_coverage(FILE *out, const struct hale_coverage *c)
{
	fprintf(out, "coverage %s%s%s %s why=\"%s\" remedy=\"%s\"\n",
		hale_sense_name(c->sense), c->part[0] ? " of " : "", c->part,
		sights[c->sight], c->why, c->remedy);
}

static void print_disk(FILE *out, const struct hale_disk_reading *d)
{
	fprintf(out, "disk %s %s%s", d->part, d->model,
		d->asleep ? " asleep" : "");
	for (int v = 0; v < HALE_DISK_VALUE_COUNT; v++) {
		if (hale_disk_knows(d, (enum hale_disk_value)v))
			fprintf(out, " %d=%" PRIu64, v, d->value[v]);
	}
	fputc('\n', out);
}

static void print_victim(FILE *out, const struct hale_victim *v)
{
	static const char *const held[] = { "mapped", "exe", "cwd", "open",
					    "parent" };

	fprintf(out, "victim %u/%u (%s) signal=%u", v->pid, v->thread, v->comm,
		v->signal);
	if (v->code_known)
		fprintf(out, " code=%d", v->code);
	fprintf(out,
		" parent=%u group=%u session=%u uid=%d%s%s by=%u exe=%s "
		"cgroup=%s\n",
		v->parent, v->group, v->session,
		v->uid_known ? (int)v->uid : -1, v->dumped ? " dumped" : "",
		v->oom ? " oom" : "", v->witnesses, v->exe, v->cgroup);
	for (uint32_t i = 0; i < v->n_files; i++) {
		const struct hale_victim_file *f = &v->files[i];

		fprintf(out, "  %s %u:%u%s%s%s %s\n", held[f->held], f->major,
			f->minor, f->faulted ? " faulted" : "",
			f->truncated ? " truncated" : "",
			f->full ? " full" : "", f->path);
	}
}

bool facts_print(FILE *out, const struct hale_fact *f)
{
	if (!hale_fact_valid(f)) {
		fprintf(out, "INVALID fact of kind %d\n", (int)f->kind);
		return false;
	}
	switch (f->kind) {
	case HALE_FACT_OBSERVATION:
		print_observation(out, &f->u.observation);
		break;
	case HALE_FACT_DEVICE:
		print_device(out, &f->u.device);
		break;
	case HALE_FACT_MAP_BEGIN:
		fputs("map {\n", out);
		break;
	case HALE_FACT_MOUNT:
		print_mount(out, &f->u.mount);
		break;
	case HALE_FACT_LAYER:
		print_layer(out, &f->u.layer);
		break;
	case HALE_FACT_MAP_END:
		fputs("}\n", out);
		break;
	case HALE_FACT_COVERAGE:
		print_coverage(out, &f->u.coverage);
		break;
	case HALE_FACT_POSITION:
		fprintf(out, "position %" PRIu64 "\n", f->u.position);
		break;
	case HALE_FACT_BEARER:
		fprintf(out, "bearer %u of %s\n",
			(unsigned int)f->u.bearer.news, f->u.bearer.name);
		break;
	case HALE_FACT_DISK_READING:
		print_disk(out, &f->u.disk);
		break;
	case HALE_FACT_RESTS:
		fprintf(out, "rests %s on %s%s %u:%u holds=%d\n",
			f->u.rests.part, f->u.rests.on, f->u.rests.path,
			f->u.rests.major, f->u.rests.minor, f->u.rests.holds);
		break;
	case HALE_FACT_VICTIM:
		print_victim(out, &f->u.victim);
		break;
	case HALE_FACT_KIND_END:
		break;
	}
	return true;
}
