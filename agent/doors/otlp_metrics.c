/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The picture as OTLP metrics. Decides names and attributes; they say what the
 * samples of openmetrics.c say, in OpenTelemetry's spelling. Must never have
 * more points than the picture's bounds. Invariant: sums are cumulative, since
 * the doors opened, so a message that was lost is made good by the next.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/doors/otlp.h"

#define METRICS 8

struct metrics {
	struct codec_arena *a;
	const struct picture *p;
	uint64_t now_ns;
	size_t n;
	void **list;
};

/* A metric and room for @max points; its list grows by add_point(). */
struct points {
	size_t n;
	void **list;
};

static struct points begin(struct metrics *m, size_t max)
{
	return (struct points){ .list = otlp_list(m->a, max) };
}

static Hale__Otlp__NumberDataPoint *add_point(struct metrics *m,
					      struct points *points)
{
	Hale__Otlp__NumberDataPoint *d =
		otlp_new(m->a, &hale__otlp__number_data_point__descriptor);

	if (!d || !points->list)
		return NULL;
	d->time_unix_nano = m->now_ns;
	points->list[points->n++] = d;
	return d;
}

static void set_int(Hale__Otlp__NumberDataPoint *d, uint64_t value)
{
	if (!d)
		return;
	d->value_case = HALE__OTLP__NUMBER_DATA_POINT__VALUE_AS_INT;
	d->as_int = value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

static void set_double(Hale__Otlp__NumberDataPoint *d, double value)
{
	if (!d)
		return;
	d->value_case = HALE__OTLP__NUMBER_DATA_POINT__VALUE_AS_DOUBLE;
	d->as_double = value;
}

/* Three at most. */
static void attribute(struct metrics *m, Hale__Otlp__NumberDataPoint *d,
		      const char *key, const char *value)
{
	if (!d)
		return;
	if (!d->attributes)
		d->attributes = (Hale__Otlp__KeyValue **)otlp_list(m->a, 3);
	if (d->attributes && d->n_attributes < 3)
		d->attributes[d->n_attributes++] = otlp_text(m->a, key, value);
}

static Hale__Otlp__Metric *metric(struct metrics *m, const char *name,
				  const char *unit)
{
	Hale__Otlp__Metric *x = otlp_new(m->a, &hale__otlp__metric__descriptor);

	if (!x)
		return NULL;
	x->name = codec_borrow(name);
	x->unit = codec_borrow(unit);
	m->list[m->n++] = x;
	return x;
}

static void gauge(struct metrics *m, const char *name, const char *unit,
		  const struct points *points)
{
	Hale__Otlp__Metric *x;
	Hale__Otlp__Gauge *g;

	if (points->n == 0)
		return;
	x = metric(m, name, unit);
	g = otlp_new(m->a, &hale__otlp__gauge__descriptor);
	if (!x || !g)
		return;
	x->data_case = HALE__OTLP__METRIC__DATA_GAUGE;
	x->gauge = g;
	g->data_points = (Hale__Otlp__NumberDataPoint **)points->list;
	g->n_data_points = points->n;
}

static void sum(struct metrics *m, const char *name, const char *unit,
		const struct points *points)
{
	Hale__Otlp__Metric *x;
	Hale__Otlp__Sum *s;

	if (points->n == 0)
		return;
	x = metric(m, name, unit);
	s = otlp_new(m->a, &hale__otlp__sum__descriptor);
	if (!x || !s)
		return;
	x->data_case = HALE__OTLP__METRIC__DATA_SUM;
	x->sum = s;
	s->data_points = (Hale__Otlp__NumberDataPoint **)points->list;
	s->n_data_points = points->n;
	s->aggregation_temporality = HALE__OTLP__TEMPORALITY__CUMULATIVE;
	s->is_monotonic = true;
}

static void add_verdict(struct metrics *m)
{
	struct points points = begin(m, 4);

	for (int f = 0; f <= HALE__V1__FITNESS__UNFIT; f++) {
		Hale__Otlp__NumberDataPoint *d = add_point(m, &points);

		set_int(d, picture_fitness(m->p) == (Hale__V1__Fitness)f);
		attribute(m, d, "hale.verdict",
			  fitness_name((Hale__V1__Fitness)f));
	}
	gauge(m, "hale.verdict", "1", &points);
	points = begin(m, 1);
	set_int(add_point(m, &points), m->p->up);
	gauge(m, "hale.agent.up", "1", &points);
}

static void add_counts(struct metrics *m)
{
	struct points points = begin(m, 3);

	for (int e = 1; e <= HALE__V1__EFFECT__EFFECT_BLOCKS; e++) {
		Hale__Otlp__NumberDataPoint *d = add_point(m, &points);
		uint64_t n = 0;

		for (size_t i = 0; i < m->p->n_findings; i++)
			n += m->p->findings[i]->effect == (Hale__V1__Effect)e;
		set_int(d, n);
		attribute(m, d, "hale.effect",
			  effect_name((Hale__V1__Effect)e));
	}
	gauge(m, "hale.findings", "{finding}", &points);
}

static void add_findings(struct metrics *m, uint32_t max)
{
	struct points points = begin(m, max);

	for (int e = HALE__V1__EFFECT__EFFECT_BLOCKS; e > 0; e--) {
		for (size_t i = 0; i < m->p->n_findings && points.n < max;
		     i++) {
			const Hale__V1__Finding *f = m->p->findings[i];
			Hale__Otlp__NumberDataPoint *d;

			if (f->effect != (Hale__V1__Effect)e)
				continue;
			d = add_point(m, &points);
			if (!d)
				return;
			set_int(d, f->count);
			attribute(m, d, "hale.condition", f->condition);
			attribute(m, d, "hale.part", f->part->id);
			attribute(m, d, "hale.effect", effect_name(f->effect));
		}
	}
	gauge(m, "hale.finding.occurrences", "{occurrence}", &points);
}

static void add_coverage(struct metrics *m)
{
	struct points points = begin(m, m->p->n_coverage);

	for (size_t i = 0; i < m->p->n_coverage; i++) {
		const Hale__V1__Coverage *c = m->p->coverage[i];
		Hale__Otlp__NumberDataPoint *d;

		if (c->part[0] != '\0' || c->sense[0] == '\0')
			continue;
		d = add_point(m, &points);
		set_double(d, m->p->up ? (double)c->sight / 2 : 0);
		attribute(m, d, "hale.sense", c->sense);
		attribute(m, d, "hale.driver", c->driver);
	}
	gauge(m, "hale.coverage", "1", &points);
}

static void add_builds(struct metrics *m, const struct build_counts *b)
{
	struct points points = begin(m, BUILD_OUTCOMES * BUILD_CAUSES);

	for (size_t i = 0; i < BUILD_OUTCOMES * BUILD_CAUSES; i++) {
		size_t o = i / BUILD_CAUSES, c = i % BUILD_CAUSES;
		Hale__Otlp__NumberDataPoint *d;

		if (b->counts[o][c] == 0)
			continue;
		d = add_point(m, &points);
		if (!d)
			return;
		d->start_time_unix_nano = b->since_ns;
		set_int(d, b->counts[o][c]);
		attribute(m, d, "hale.outcome", build_outcome_name(o));
		attribute(m, d, "hale.cause", build_cause_name(c));
	}
	sum(m, "hale.builds", "{build}", &points);
}

static void **add_all(struct metrics *m, uint32_t findings_max)
{
	m->list = otlp_list(m->a, METRICS);
	if (!m->list)
		return NULL;
	add_verdict(m);
	add_counts(m);
	add_findings(m, findings_max);
	add_coverage(m);
	if (m->p->builds && m->p->builds->known)
		add_builds(m, m->p->builds);
	return m->list;
}

static Hale__Otlp__ResourceMetrics *resource(struct metrics *m,
					     uint32_t findings_max)
{
	Hale__Otlp__ResourceMetrics *r =
		otlp_new(m->a, &hale__otlp__resource_metrics__descriptor);
	Hale__Otlp__ScopeMetrics *s =
		otlp_new(m->a, &hale__otlp__scope_metrics__descriptor);
	void **scopes = otlp_list(m->a, 1);

	if (!r || !s || !scopes)
		return NULL;
	s->metrics = (Hale__Otlp__Metric **)add_all(m, findings_max);
	s->n_metrics = m->n;
	s->scope = otlp_scope(m->a);
	scopes[0] = s;
	r->resource = otlp_resource(m->a, m->p);
	r->scope_metrics = (Hale__Otlp__ScopeMetrics **)scopes;
	r->n_scope_metrics = 1;
	return r;
}

ssize_t otlp_metrics(const struct picture *p, uint32_t findings_max,
		     uint64_t now_ns, struct codec_arena *a,
		     uint8_t buf[OTLP_MAX])
{
	struct metrics m = { .a = a, .p = p, .now_ns = now_ns };
	Hale__Otlp__MetricsRequest *q =
		otlp_new(a, &hale__otlp__metrics_request__descriptor);
	void **resources = otlp_list(a, 1);

	if (!q || !resources)
		return -ENOMEM;
	resources[0] = resource(&m, findings_max);
	q->resource_metrics = (Hale__Otlp__ResourceMetrics **)resources;
	q->n_resource_metrics = 1;
	return a->full ? -ENOMEM : codec_pack(q, buf, OTLP_MAX);
}
