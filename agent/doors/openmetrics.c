/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Samples and their families, as OpenMetrics 1.0 (its ABNF) or as the older
 * text has them. Decides names, labels, types and order. Must never let what a
 * disk calls itself end a label, nor a build's user make a series. Invariant:
 * a family's lines stand together, and the number of series has a bound that
 * the picture cannot move.
 */
#include <errno.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/doors/openmetrics.h"

/* Family types. */
enum kind {
	GAUGE,
	COUNTER,
	INFO,
	STATESET
};

struct printing {
	struct text *t;
	enum metrics_form form;
	const char *name; /* of the family */
	bool labelled;	  /* a label was printed */
};

static const char *kind_name(enum kind kind, enum metrics_form form)
{
	static const char *const names[] = { "gauge", "counter", "info",
					     "stateset" };

	if (form == METRICS_PLAIN && kind != COUNTER)
		return "gauge";
	return names[kind];
}

/* In the older text a family is called as its samples are. */
static void family(struct printing *p, const char *name, enum kind kind,
		   const char *unit, const char *help)
{
	const char *suffix = "";

	if (p->form == METRICS_PLAIN && kind == COUNTER)
		suffix = "_total";
	if (p->form == METRICS_PLAIN && kind == INFO)
		suffix = "_info";
	p->name = name;
	text_putf(p->t, "# TYPE %s%s %s\n", name, suffix,
		  kind_name(kind, p->form));
	if (unit && p->form == METRICS_OPENMETRICS)
		text_putf(p->t, "# UNIT %s %s\n", name, unit);
	text_putf(p->t, "# HELP %s%s %s\n", name, suffix, help);
}

static void sample(struct printing *p, const char *suffix)
{
	text_putf(p->t, "%s%s", p->name, suffix);
	p->labelled = false;
}

/* Backslash, quote and line feed are escaped; controls become '?'. */
static void label(struct printing *p, const char *name, const char *value)
{
	char clean[HALE_NAME_LABEL_MAX];

	text_putf(p->t, "%s%s=\"", p->labelled ? "," : "{", name);
	p->labelled = true;
	hale_print_text(clean, sizeof(clean), value, strlen(value));
	for (const char *c = clean; *c != '\0'; c++) {
		if (*c == '\\' || *c == '"')
			text_add(p->t, "\\", 1);
		text_add(p->t, c, 1);
	}
	text_put(p->t, "\"");
}

static void begin_value(const struct printing *p)
{
	text_put(p->t, p->labelled ? "} " : " ");
}

static void number(const struct printing *p, uint64_t n)
{
	begin_value(p);
	text_putf(p->t, "%llu\n", (unsigned long long)n);
}

static void seconds(const struct printing *p, uint64_t ns)
{
	begin_value(p);
	text_seconds(p->t, ns);
	text_put(p->t, "\n");
}

/* --- the host --- */

static void print_build(struct printing *p, const struct picture *w)
{
	family(p, "hale_build", INFO, NULL, "The agent's version.");
	sample(p, "_info");
	label(p, "version", w->version ? w->version : "");
	number(p, 1);
	family(p, "hale_agent_up", GAUGE, NULL,
	       "1: the agent answers; 0: what is shown is its last word.");
	sample(p, "");
	number(p, w->up);
	if (w->started_ns != 0) {
		family(p, "hale_agent_start_time_seconds", GAUGE, "seconds",
		       "When the agent started, Unix time.");
		sample(p, "");
		seconds(p, w->started_ns);
	}
	if (w->as_of_ns != 0) {
		family(p, "hale_report_time_seconds", GAUGE, "seconds",
		       "Of which time the agent's last report is, Unix time.");
		sample(p, "");
		seconds(p, w->as_of_ns);
	}
}

static void print_verdict(struct printing *p, const struct picture *w)
{
	Hale__V1__Fitness now = picture_fitness(w);

	family(p, "hale_verdict", STATESET, NULL,
	       "May this host be built on? The one with 1 holds.");
	for (int f = 0; f <= HALE__V1__FITNESS__UNFIT; f++) {
		sample(p, "");
		label(p, "hale_verdict", fitness_name((Hale__V1__Fitness)f));
		number(p, now == (Hale__V1__Fitness)f);
	}
	family(p, "hale_verdict_reasons", GAUGE, NULL,
	       "How many findings and missing senses the verdict rests on.");
	sample(p, "");
	number(p, w->verdict ? w->verdict->reasons_total : 0);
}

/* --- findings --- */

static void print_counts(struct printing *p, const struct picture *w)
{
	uint64_t n[HALE__V1__EFFECT__EFFECT_BLOCKS + 1] = { 0 };

	for (size_t i = 0; i < w->n_findings; i++) {
		if ((unsigned int)w->findings[i]->effect < HALE_ARRAY_SIZE(n))
			n[w->findings[i]->effect]++;
	}
	family(p, "hale_findings", GAUGE, NULL,
	       "Findings that stand, by what they do to builds.");
	for (size_t i = 1; i < HALE_ARRAY_SIZE(n); i++) {
		sample(p, "");
		label(p, "effect", effect_name((Hale__V1__Effect)i));
		number(p, n[i]);
	}
}

static void label_finding(struct printing *p, const Hale__V1__Finding *f)
{
	label(p, "condition", f->condition);
	label(p, "part", f->part->id);
}

/* One pass for each family, the worst effect first, @max series. */
static size_t each(struct printing *p, const struct picture *w, uint32_t max,
		   void (*print)(struct printing *, const Hale__V1__Finding *))
{
	size_t shown = 0;

	for (int e = HALE__V1__EFFECT__EFFECT_BLOCKS; e > 0; e--) {
		for (size_t i = 0; i < w->n_findings && shown < max; i++) {
			if (w->findings[i]->effect != (Hale__V1__Effect)e)
				continue;
			print(p, w->findings[i]);
			shown++;
		}
	}
	return shown;
}

static void print_finding(struct printing *p, const Hale__V1__Finding *f)
{
	sample(p, "");
	label_finding(p, f);
	label(p, "alias", f->part->alias);
	label(p, "effect", effect_name(f->effect));
	number(p, 1);
}

static void print_occurrences(struct printing *p, const Hale__V1__Finding *f)
{
	sample(p, "_total");
	label_finding(p, f);
	number(p, f->count);
	if (p->form == METRICS_PLAIN)
		return;
	sample(p, "_created");
	label_finding(p, f);
	seconds(p, f->first_ns);
}

static void print_last(struct printing *p, const Hale__V1__Finding *f)
{
	sample(p, "");
	label_finding(p, f);
	seconds(p, f->last_ns);
}

static size_t n_effective(const struct picture *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_findings; i++)
		n += w->findings[i]->effect > HALE__V1__EFFECT__EFFECT_NONE &&
		     w->findings[i]->effect <= HALE__V1__EFFECT__EFFECT_BLOCKS;
	return n;
}

static void print_findings(struct printing *p, const struct picture *w,
			   uint32_t max)
{
	size_t shown;

	print_counts(p, w);
	family(p, "hale_finding", GAUGE, NULL, "One finding that stands.");
	shown = each(p, w, max, print_finding);
	family(p, "hale_findings_omitted", GAUGE, NULL,
	       "Findings without a series of their own: [metrics] findings.");
	sample(p, "");
	number(p, n_effective(w) - shown);
	family(p, "hale_finding_occurrences", COUNTER, NULL,
	       "How often it happened.");
	each(p, w, max, print_occurrences);
	family(p, "hale_finding_last_seconds", GAUGE, "seconds",
	       "When it happened last, Unix time.");
	each(p, w, max, print_last);
}

/* --- coverage --- */

static bool is_sense(const Hale__V1__Coverage *c)
{
	return c->part[0] == '\0' && c->sense[0] != '\0';
}

/* Two rows of one driver and sense would be one series twice. */
static bool is_first(const struct picture *w, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (is_sense(w->coverage[k]) &&
		    strcmp(w->coverage[k]->sense, w->coverage[i]->sense) == 0 &&
		    strcmp(w->coverage[k]->driver, w->coverage[i]->driver) == 0)
			return false;
	}
	return true;
}

static const char *sight(Hale__V1__Sight s)
{
	if (s == HALE__V1__SIGHT__SIGHT_LIVE)
		return "1";
	return s == HALE__V1__SIGHT__SIGHT_PARTIAL ? "0.5" : "0";
}

static void print_coverage(struct printing *p, const struct picture *w)
{
	family(p, "hale_coverage", GAUGE, NULL,
	       "What a driver sees of its sense: 1 all, 0.5 a part, 0 "
	       "nothing.");
	for (size_t i = 0; i < w->n_coverage; i++) {
		const Hale__V1__Coverage *c = w->coverage[i];

		if (!is_sense(c) || !is_first(w, i))
			continue;
		sample(p, "");
		label(p, "sense", c->sense);
		label(p, "driver", c->driver);
		begin_value(p);
		text_putf(p->t, "%s\n", w->up ? sight(c->sight) : "0");
	}
}

/* --- builds --- */

static void print_ended(struct printing *p, const struct build_counts *b,
			size_t outcome, size_t cause)
{
	sample(p, "_total");
	label(p, "outcome", build_outcome_name(outcome));
	label(p, "cause", build_cause_name(cause));
	number(p, b->counts[outcome][cause]);
	if (p->form == METRICS_PLAIN)
		return;
	sample(p, "_created");
	label(p, "outcome", build_outcome_name(outcome));
	label(p, "cause", build_cause_name(cause));
	seconds(p, b->since_ns);
}

static void print_builds(struct printing *p, const struct build_counts *b)
{
	family(p, "hale_builds", COUNTER, NULL,
	       "Builds that ended under `hale run`, by outcome and cause.");
	for (size_t o = 0; o < BUILD_OUTCOMES; o++) {
		for (size_t c = 0; c < BUILD_CAUSES; c++) {
			if (b->counts[o][c] > 0)
				print_ended(p, b, o, c);
		}
	}
	family(p, "hale_build_seconds", COUNTER, "seconds",
	       "The time that these builds took in all.");
	for (size_t o = 0; o < BUILD_OUTCOMES; o++) {
		sample(p, "_total");
		label(p, "outcome", build_outcome_name(o));
		seconds(p, b->seconds_ns[o]);
	}
}

/* --- the doors themselves --- */

static void print_hooks(struct printing *p, const struct door_counts *d)
{
	family(p, "hale_notifications", COUNTER, NULL,
	       "Messages to each hook; throttled ones wait for their rate.");
	for (size_t i = 0; i < d->n_hooks; i++) {
		const struct hook_counts *h = &d->hooks[i];
		const uint64_t n[] = { h->delivered, h->failed, h->throttled };
		static const char *const how[] = { "delivered", "failed",
						   "throttled" };

		for (size_t k = 0; k < HALE_ARRAY_SIZE(n); k++) {
			sample(p, "_total");
			label(p, "hook", h->name);
			label(p, "result", how[k]);
			number(p, n[k]);
		}
	}
	family(p, "hale_notifications_waiting", GAUGE, NULL,
	       "Changes that a hook is still to be told of.");
	for (size_t i = 0; i < d->n_hooks; i++) {
		sample(p, "");
		label(p, "hook", d->hooks[i].name);
		number(p, d->hooks[i].waiting);
	}
}

static void print_own(struct printing *p, const struct door_counts *d)
{
	if (d->n_hooks > 0)
		print_hooks(p, d);
	family(p, "hale_doors_requests", COUNTER, NULL,
	       "Requests for metrics that were answered, or refused.");
	sample(p, "_total");
	label(p, "result", "answered");
	number(p, d->scrapes);
	sample(p, "_total");
	label(p, "result", "refused");
	number(p, d->refused);
	family(p, "hale_doors_exports", COUNTER, NULL, "Messages by OTLP.");
	sample(p, "_total");
	label(p, "result", "delivered");
	number(p, d->exported);
	sample(p, "_total");
	label(p, "result", "failed");
	number(p, d->unexported);
}

int metrics_print(const struct picture *w, enum metrics_form form,
		  uint32_t findings_max, struct text *t)
{
	struct printing p = { .t = t, .form = form };

	print_build(&p, w);
	print_verdict(&p, w);
	print_findings(&p, w, findings_max);
	print_coverage(&p, w);
	if (w->builds && w->builds->known)
		print_builds(&p, w->builds);
	if (w->own)
		print_own(&p, w->own);
	if (form == METRICS_OPENMETRICS)
		text_put(t, "# EOF\n");
	return t->cut ? -EMSGSIZE : 0;
}
