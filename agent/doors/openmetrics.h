/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_DOORS_OPENMETRICS_H
#define HALE_DOORS_OPENMETRICS_H

/*
 * The picture as text for Prometheus. OPENMETRICS is OpenMetrics 1.0 (info,
 * stateset, units, _created, # EOF); PLAIN is the older text format 0.0.4,
 * which node-exporter's textfile collector reads and which knows none of these
 * types. The names of all samples are the same in both. Pure.
 */

#include "agent/doors/picture.h"
#include "agent/doors/text.h"

enum metrics_form {
	METRICS_OPENMETRICS = 0,
	METRICS_PLAIN,
};

/* A label's value is cut there: a part's id has 96 bytes. */
#define HALE_NAME_LABEL_MAX 256

#define METRICS_TYPE_OPENMETRICS                                               \
	"application/openmetrics-text; version=1.0.0; charset=utf-8"
#define METRICS_TYPE_PLAIN "text/plain; version=0.0.4; charset=utf-8"

/* Enough for all that a picture may hold. */
#define METRICS_MAX (768 * 1024)

/**
 * metrics_print() - all of it
 * @findings_max: series of findings at most, the worst first; those left out
 * are counted in hale_findings_omitted.
 *
 * Return: 0, or -EMSGSIZE where @t is too small: what is there is of no use.
 */
int metrics_print(const struct picture *p, enum metrics_form form,
		  uint32_t findings_max, struct text *t);

#endif
