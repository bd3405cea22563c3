/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEET_PICTURE_OWN_H
#define HALE_FLEET_PICTURE_OWN_H

/* What the picture's files share; for no one else. All pure. */

#include "agent/fleet/intern.h"
#include "agent/fleet/liveness.h"
#include "agent/fleet/picture.h"
#include "agent/fleet/picture_words.h"
#include "hale/base.h"

/* Hosts are kept in pieces, so that none ever moves. */
#define PIECE_HOSTS 4096
#define PIECES_MAX  ((PICTURE_HOSTS_MAX + PIECE_HOSTS - 1) / PIECE_HOSTS)

/* Deadlines are looked at in the second that they fall into; one further ahead
 * than this is looked at on the way, and put further ahead again. */
#define WHEEL_SLOTS 4096

/* Words of intern.h: labels, then conditions, then three numbers a disk. */
struct rows {
	uint32_t n_labels, n_open, n_disks;
	uint32_t at[];
};
#define ROWS_MAX (TOLD_LABELS_MAX + TOLD_OPEN_MAX + 3 * TOLD_DISKS_MAX)

struct quarantine {
	uint64_t since_ns, until_ns;
	enum picture_quarantine kind;
	uint32_t who;
	char *why;
};

struct host {
	char *id;	   /* NULL: nobody's place; else the id and the name */
	char *why;	   /* NULL: "" */
	char *boot;	   /* NULL: "" */
	struct rows *rows; /* NULL: none */
	struct quarantine *order;     /* NULL: none */
	struct quarantine *by_itself; /* as the host says; NULL: it does not */
	struct liveness_order no;
	struct liveness live;
	uint64_t since_ns, change;
	uint64_t link_ns;  /* the last word about its connection */
	uint64_t order_ns; /* the last order's issue */
	int64_t skew_ns;
	uint64_t memory_bytes, dropped;
	uint32_t findings, cpus, version;
	uint32_t next;	       /* in its bucket; of free places: the next */
	uint32_t newer, older; /* by last change */
	uint32_t due_next, due_before; /* in the slot of its deadline */
	uint16_t slot;
	uint8_t said, verdict;
	bool since_at_least, waits;
	bool never; /* expected, not heard yet: @live counts from that day */
};

struct picture {
	struct picture_options o;
	struct intern words;
	struct host *pieces[PIECES_MAX];
	uint32_t n_places, free; /* free: PICTURE_NONE: none */
	uint32_t *buckets;
	uint32_t n_buckets;
	uint32_t newest, oldest; /* by last change */
	uint32_t due[WHEEL_SLOTS];
	uint64_t looked_s; /* up to this second all deadlines were looked at */
	uint64_t fed_ns;   /* fed since; UINT64_MAX: it is not */
	uint64_t order_end_ns; /* the next quarantine that ends by itself */
	uint64_t shrank;       /* number of the change that forgot a host */
	struct picture_counts counts;
};

/* picture_hosts.c: places. */
static inline struct host *picture_host(const struct picture *p, uint32_t i)
{
	return &p->pieces[i / PIECE_HOSTS][i % PIECE_HOSTS];
}
/* NULL: no host is there. */
struct host *picture_there(const struct picture *p, uint32_t i);
/* Its place; PICTURE_NONE: *ret_error says why, -EINVAL, -ENOSPC, -ENOMEM. */
uint32_t picture_place(struct picture *p, const char *id, int *ret_error);
/* Printable text in place of *text. Return: 1 another, 0 the same, -ENOMEM. */
int picture_text(struct picture *p, char **text, const char *value);
/* The id and the name are one piece of memory. Return as picture_text(). */
int picture_name(struct picture *p, struct host *h, const char *name);
void picture_changed(struct picture *p, uint32_t i);

/* picture_rows.c. Return: 1 others, 0 the same, -ENOMEM. */
int picture_rows(struct picture *p, struct host *h, const struct told_state *s);
void picture_rows_drop(struct picture *p, struct host *h);
bool rows_first_of_model(const uint32_t *disks, uint32_t n);

/* picture_live.c: files its deadline anew; who is SILENT at @now_ns. */
void picture_due(struct picture *p, uint32_t i);
void picture_unlink_due(struct picture *p, uint32_t i);
bool picture_silent(const struct picture *p, const struct host *h,
		    uint64_t now_ns, uint64_t *ret_since_ns);
void picture_set_verdict(struct picture *p, uint32_t i, enum picture_verdict v,
			 uint64_t since_ns);

/* picture_order.c. */
void picture_quarantine_drop(struct picture *p, struct quarantine **q);
int picture_by_itself(struct picture *p, struct host *h,
		      const struct told_state *s, uint64_t at_ns);
/* A quarantine that ended by itself. */
bool picture_order_ended(struct picture *p, struct host *h, uint64_t now_ns);

#endif
