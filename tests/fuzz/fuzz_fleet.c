/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a host, or a server, sends of any bytes: refused with a reason, or held
 * to its bounds so that it can be packed again and then reads the same.
 */
#include <stdlib.h>
#include <string.h>

#include "hale/base.h"
#include "hale/text.h"

#include "proto/codec_fleet.h"

#define KINDS 5

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t first_mem[FLEET_ARENA], again_mem[FLEET_ARENA];
static uint8_t pack_mem[FLEET_ARENA];

static void must(int holds)
{
	if (!holds)
		abort();
}

static int read_kind(unsigned int kind, struct codec_arena *a,
		     const struct fleet_bytes *b, void *ret_m)
{
	char why[FLEET_WHY_MAX] = "";
	int r;

	switch (kind) {
	case 0:
		r = fleet_read_state(a, b, ret_m, why);
		break;
	case 1:
		r = fleet_read_finding(a, b, ret_m, why);
		break;
	case 2:
		r = fleet_read_build(a, b, ret_m, why);
		break;
	case 3:
		r = fleet_read_order(a, b, ret_m, why);
		break;
	default:
		r = fleet_read_signed(a, b, ret_m, why);
	}
	must(r <= 0 && (r == 0 || why[0] != '\0'));
	must(hale_text_printable(why, sizeof(why)));
	return r;
}

/* What a page or a terminal would be given. */
static void look(const Hale__Fleet__V1__HostState *m)
{
	must(fleet_id_valid(m->id) && m->report->verdict);
	must(m->n_labels <= FLEET_LABELS_MAX);
	must(m->report->n_findings <= FLEET_FINDINGS_MAX);
	must(hale_text_printable(m->report->host, FLEET_HOST_MAX + 1));
	for (size_t i = 0; i < m->n_labels; i++)
		must(fleet_key_valid(m->labels[i]->key) &&
		     hale_text_printable(m->labels[i]->value,
					 FLEET_LABEL_MAX + 1));
	for (size_t i = 0; i < m->report->n_findings; i++) {
		const Hale__V1__Finding *f = m->report->findings[i];

		must(f->part->id[0] && f->condition[0]);
		must(hale_text_printable(f->evidence, 240));
		must(f->last_ns <= INT64_MAX);
	}
	for (size_t i = 0; i < m->report->verdict->n_reasons; i++) {
		const Hale__V1__Reason *r = m->report->verdict->reasons[i];

		must(!fleet_reason_finding(m, r) == !r->finding);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct fleet_policy all = { 240, true };
	static uint8_t bytes[2][FLEET_STATE_MAX];
	struct codec_arena first = { .mem = first_mem, .size = FLEET_ARENA };
	struct codec_arena again = { .mem = again_mem, .size = FLEET_ARENA };
	struct codec_arena pack = { .mem = pack_mem, .size = FLEET_ARENA };
	unsigned int kind = size > 0 ? data[0] % KINDS : 0;
	struct fleet_bytes b = { data + 1, size - 1, NULL };
	ssize_t n, n2;
	void *m, *m2;

	if (size == 0 || read_kind(kind, &first, &b, &m) < 0)
		return 0;
	if (kind == 0)
		look(m);
	n = fleet_pack(&pack, &all, m, bytes[0], sizeof(bytes[0]));
	must(n > 0);
	b = (struct fleet_bytes){ bytes[0], (size_t)n, NULL };
	must(read_kind(kind, &again, &b, &m2) == 0);
	n2 = fleet_pack(&pack, &all, m2, bytes[1], sizeof(bytes[1]));
	/* of a state the second one has no senses that are live to count */
	must(kind == 0 ? n2 > 0
		       : n2 == n && memcmp(bytes[0], bytes[1], (size_t)n) == 0);
	return 0;
}
