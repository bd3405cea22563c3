/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_CAUSE_H
#define HALE_CORE_CAUSE_H

/*
 * The cause engine's inside. Findings that stand or ended lately, and deaths,
 * are nodes; a table says what may follow from what; each node follows from one
 * other at most. What follows from none is a root, and a root with all that
 * follows from it is a cause.
 *
 *   cause.c        the door: nodes, their links, which chains are told
 *   cause_edges.c  the table: what follows from what
 *   cause_link.c   finds what a finding follows from
 *   cause_death.c  finds what a death follows from, by its signal
 *   cause_mapped.c likewise, by what it had mapped
 *   cause_ground.c what lies beneath a part, and which paths rest on it
 *   cause_about.c  the words of a root
 *   cause_tell.c   a chain made readable
 */

#include "cause_edges.h"
#include "scope.h"

/* cause.c: what a node is about. Of a death its finding, or NULL. */
const struct ledger_entry *cause_entry(const struct middle *m,
				       const struct cause_node *n);
/* A finding of process.sigbus that no death tells of is read as one. */
void cause_victim(const struct middle *m, const struct cause_node *n,
		  struct hale_victim *ret_victim);
static inline bool cause_is_death(const struct cause_node *n)
{
	return n->kind == CAUSE_KEPT || n->kind == CAUSE_ASKED;
}

/* cause_choose.c */
static inline bool cause_is_scoped(const struct hale_cause_query *q)
{
	return q->scope.host || q->scope.n_paths > 0;
}
/* Before links: which nodes the question is about, and which lie in it. */
void cause_ask(struct middle *m);
/* After them: which trees are told, and in which order. */
void cause_choose(struct middle *m);

/* cause_link.c: nanoseconds between what @c tells of and @t_ns; *ret_after:
 * @c came later. */
uint64_t cause_apart(const struct middle *m, const struct cause_node *c,
		     uint64_t t_ns, bool *ret_after);
/* Is the row's time kept? *ret_ns: how far they are apart. */
bool cause_in_time(const struct middle *m, const struct cause_edge *row,
		   const struct cause_node *c, const struct cause_node *e,
		   uint64_t *ret_ns);
/* The next row for this pair from @row on; cause_n_edges: none. */
size_t cause_row(const struct cause_work *w, enum hale_condition from,
		 enum hale_condition to, size_t row);
void cause_rows(struct cause_work *w);
void cause_link_finding(struct middle *m, uint32_t i);
enum hale_relation cause_relation(enum cause_needs needs);
/* May @i follow from @from, or would that close a circle? */
bool cause_may_follow(const struct cause_work *w, uint32_t i, uint32_t from);

/* cause_death.c */
void cause_link_death(struct middle *m, uint32_t i);

/* cause_ground.c: fills @way of all nodes; false where nothing is known. */
bool cause_ground_of(struct middle *m, const struct cause_node *n);
void cause_ground_device(struct middle *m, uint32_t major, uint32_t minor);
void cause_ground_tools(struct middle *m);
void cause_ground_clear(struct middle *m);
/* Is it a filesystem mounted from this very device? Then it stands on it, not
 * the other way round. */
bool cause_ground_bears(const struct middle *m, const struct ledger_entry *e,
			const struct cause_node *fs);
/* Is it a filesystem of another host? */
bool cause_is_remote(const struct middle *m, const struct cause_node *n);
/* In a container the same name means another file. */
bool cause_is_contained(const char *cgroup);
/* Which paths rest on the root of a chain. */
void cause_paths(struct middle *m, uint32_t root, struct hale_cause *ret);

/* cause_about.c */
enum hale_build_cause cause_build(const struct middle *m, uint32_t root);
void cause_headline(const struct middle *m, uint32_t root, char *ret_text,
		    size_t size);
/* Is @e the filesystem that @c's evidence says its store is? cause_store.c */
bool cause_names_store(const struct ledger_entry *c,
		       const struct ledger_entry *e);
/* Are both disks files on one store, which @c speaks for? */
bool cause_is_one_store(const struct ledger_entry *c,
			const struct ledger_entry *e);
const char *cause_prevents(const struct middle *m, uint32_t root);

/* cause_tell.c: "sde", "/home/ci", "cc1 (pid 71)" */
void cause_name(const struct middle *m, const struct cause_node *n,
		char *ret_text, size_t size);

#endif
