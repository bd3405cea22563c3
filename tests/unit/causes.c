/* SPDX-License-Identifier: Apache-2.0 */
/* Asks the cause engine and checks what every answer must hold: steps follow
 * from earlier ones, roots are certain, counts add up. */
#include <signal.h>

#include "causes.h"

static void check(const struct hale_cause *c)
{
	assert_true(c->n_steps > 0 && c->n_steps <= HALE_CAUSE_STEPS_MAX);
	assert_true(c->n_steps <= c->n_steps_total);
	assert_true(c->headline[0] != '\0');
	assert_null(strstr(c->headline, "%s"));
	assert_int_not_equal(c->confidence, HALE_CONFIDENCE_NONE);
	assert_int_equal(c->steps[0].relation, HALE_RELATION_ROOT);
	assert_int_equal(c->steps[0].from, 0);
	for (uint32_t i = 0; i < c->n_steps; i++) {
		const struct hale_cause_step *s = &c->steps[i];

		assert_true(s->death || s->finding.condition);
		if (i == 0)
			continue;
		assert_true(s->from < i);
		assert_int_not_equal(s->relation, HALE_RELATION_ROOT);
		assert_int_not_equal(s->confidence, HALE_CONFIDENCE_NONE);
		assert_true(s->text[0] != '\0');
	}
}

void causes_ask(struct causes *c, struct world *w)
{
	middle_explain(w->m, &c->query, w->now, &c->verdict, &c->told);
	c->n = 0;
	while (middle_cause(w->m, c->n, &c->list[c->n])) {
		check(&c->list[c->n]);
		if (++c->n == EXPLAIN_CAUSES_MAX)
			break;
	}
	assert_int_equal(c->n, c->told.n_causes);
}

void causes_of_all(struct causes *c, struct world *w)
{
	memset(&c->query, 0, sizeof(c->query));
	causes_ask(c, w);
}

void causes_path(struct causes *c, const char *path, uint32_t major,
		 uint32_t minor)
{
	struct hale_scope_request *req = &c->query.scope;

	req->paths[req->n_paths] = world_path(path, major, minor, "");
	req->paths[req->n_paths].implied =
		strcmp(path, "/") == 0 || strcmp(path, "/usr") == 0;
	req->n_paths++;
}

const struct hale_cause_step *causes_step(const struct hale_cause *c,
					  enum hale_condition condition)
{
	for (uint32_t i = 0; c && i < c->n_steps; i++) {
		if (!c->steps[i].death &&
		    c->steps[i].finding.condition == condition)
			return &c->steps[i];
	}
	return NULL;
}

const struct hale_cause_step *causes_death(const struct hale_cause *c,
					   const char *comm)
{
	for (uint32_t i = 0; c && i < c->n_steps; i++) {
		if (c->steps[i].death &&
		    strcmp(c->steps[i].victim.comm, comm) == 0)
			return &c->steps[i];
	}
	return NULL;
}

const struct hale_cause *causes_rooted(const struct causes *c,
				       enum hale_condition root)
{
	for (uint32_t i = 0; i < c->n; i++) {
		if (!c->list[i].steps[0].death &&
		    c->list[i].steps[0].finding.condition == root)
			return &c->list[i];
	}
	return NULL;
}

const struct hale_cause *causes_killing(const struct causes *c,
					const char *comm)
{
	for (uint32_t i = 0; i < c->n; i++) {
		if (causes_death(&c->list[i], comm))
			return &c->list[i];
	}
	fail_msg("no cause has %s die", comm);
	return NULL;
}

struct hale_victim causes_victim(const struct world *w, const char *comm,
				 int32_t code)
{
	static uint32_t pid = 1000;
	struct hale_victim v = { .time_ns = w->now,
				 .pid = ++pid,
				 .signal = SIGBUS,
				 .code_known = code != 0,
				 .code = code,
				 .witnesses = HALE_WITNESS_SIGNAL };

	HALE_SET(v.comm, comm);
	return v;
}

void causes_maps(struct hale_victim *v, enum hale_held held, uint32_t major,
		 uint32_t minor)
{
	struct hale_victim_file *f = &v->files[v->n_files++];

	f->held = held;
	f->major = major;
	f->minor = minor;
	v->witnesses |= HALE_WITNESS_PROC;
	snprintf(f->path, sizeof(f->path), "/some/file%u", v->n_files);
}

void causes_died(struct world *w, const struct hale_victim *v)
{
	const struct hale_fact f = { .kind = HALE_FACT_VICTIM, .u.victim = *v };

	world_fact(w, "trace", &f);
}

void causes_print(const struct causes *c)
{
	for (uint32_t i = 0; i < c->n; i++) {
		const struct hale_cause *x = &c->list[i];

		print_message("%u. %s [%s, %s]%s\n", i + 1, x->headline,
			      hale_confidence_name(x->confidence),
			      hale_build_cause_name(x->build),
			      x->every_build ? " every build" : "");
		for (uint32_t k = 0; k < x->n_paths; k++)
			print_message("   path %s\n", x->paths[k]);
		for (uint32_t k = 0; k < x->n_steps; k++) {
			const struct hale_cause_step *s = &x->steps[k];

			print_message(
				"   %u<-%u %s %s +%u [%s] %s\n", k, s->from,
				s->death ? s->victim.comm
					 : hale_condition_info(
						   s->finding.condition)
						   ->name,
				s->finding.part, s->redone,
				hale_confidence_name(s->confidence), s->text);
		}
	}
}

void causes_machine(struct world *w)
{
	world_bare(w);
	world_see_all(w);
	world_disk(w, "sda", 0, "disk/naa.root");
	world_partition(w, "sda1", 1, "uuid-root");
	world_disk(w, "sdb", 16, "disk/naa.build");
	world_partition(w, "sdb1", 17, "uuid-build");
	world_map(w, HALE_FACT_MAP_BEGIN);
	world_mount(w, 8, 1, "ext4", "/");
	world_mount(w, 8, 17, "ext4", "/home/ci");
	world_mount(w, 0, 40, "tmpfs", "/dev/shm");
	world_layer(w, "8:1", "8:0", "partition");
	world_layer(w, "8:17", "8:16", "partition");
	world_map(w, HALE_FACT_MAP_END);
}

const struct hale_cause *causes_of(struct causes *c, struct world *w,
				   const char *comm)
{
	causes_of_all(c, w);
	return causes_killing(c, comm);
}

void causes_assert_own(const struct hale_cause *x, enum hale_build_cause build,
		       enum hale_confidence confidence)
{
	assert_true(x->steps[0].death);
	assert_int_equal(x->build, build);
	assert_int_equal(x->confidence, confidence);
	assert_false(hale_build_cause_is_host(x->build));
}
