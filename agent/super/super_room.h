/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SUPER_ROOM_H
#define HALE_SUPER_ROOM_H

/* What the files of this room ask of each other. Part of super.h. */

#include "agent/daemon/wire.h"

struct config;
struct super;

/* super_core.c */
void super_init_core(struct super *s);
void super_start_core(struct super *s);
/* It saves and ends, and another takes its place. */
void super_replace_core(struct super *s);
/* The same, but not too often. */
void super_replace_core_soon(struct super *s);
/* Down the wire; one that does not take it hangs, and is ended. */
void super_tell(struct super *s, enum wire_down kind, const void *bytes,
		size_t len);
/* @bytes: m->len of them. */
void super_send(struct super *s, const struct wire_down_message *m,
		const void *bytes);
/* As above, with a descriptor, which is closed here. */
void super_hand_over(struct super *s, enum wire_down kind, int fd);
bool super_core_runs(const struct super *s);

/* RUN/fit, for shells */
void super_show_fit(struct super *s, bool fit);

/* super_end.c: what its struct child tells */
void super_init_end(struct super *s);
void super_core_hung_up(void *super);
void super_core_ended(void *super, int status);
void super_core_stuck(void *super);
/* One has lived for so long: until the next, ns. */
uint64_t super_core_delay(struct super *s, uint64_t lived_ns);

/* super_memory.c: the state folder as its path leads to it now, given to user
 * hale where it was root's; -1: there is none that could be used, *@ret_wrong
 * says why. It may block: at the start, or in a child. */
int super_open_state(const struct super *s, const char **ret_wrong);
/* The vault, filled by who ran before, or from the disk. */
void super_take_memory(struct super *s);
/* No core runs: one ended that nobody told to. */
void super_distrust(struct super *s, bool was_ready);

/* super_rescue.c: a command that needs no disk; nothing waits for it */
void super_start_rescue(struct super *s);
void super_stop_rescue(struct super *s);

/* super_reopen.c: a core's sources need root again */
void super_init_reopen(struct super *s);
void super_reopen(struct super *s, uint64_t value);

/* super_probe.c */
void super_init_probe(struct super *s);
/* A core is here and has none. */
void super_want_probe(struct super *s);
/* Its core is gone, or wants it ended. */
void super_end_probe(struct super *s);
void super_give_up_probe(struct super *s, enum wire_reason why);

/* super_waiting.c: what one ship leaves the next, unread */
void super_open_waiting(struct super *s);
/* Before each: nobody has changed its size. */
void super_keep_waiting(const struct super *s);
/* All have ended: where nothing waits, nothing is left. */
void super_close_waiting(struct super *s);

/* super_ship.c */
void super_init_ship(struct super *s);
/* Starts it; anew, where its part of the configuration is another than @old. */
void super_configure_ship(struct super *s, const struct config *old);
/* To a new core: how the history is. */
void super_repeat_ship(struct super *s);

/* super_program.c */
struct super_kind {
	const char *name;    /* "haled: fleet" */
	const char *missing; /* for the log, where it is not installed */
	/* in the child, which is one of ours by now; @fd: its end of the pair
	 */
	int (*work)(struct super *s, int fd);
	bool (*wanted)(const struct super *s); /* by the configuration */
};
void super_init_program(struct super *s, struct super_program *p,
			const struct super_kind *kind);
/* Starts it, ends it or starts it anew: the configuration is another, or a file
 * that it names. */
void super_configure_program(struct super_program *p);
/* In a child: becomes @program as the agent's user, with the @n descriptors
 * from SUPER_EXEC_FD on. Returns the exit status where it could not. */
#define SUPER_EXEC_FD	3
#define SUPER_NOT_FOUND 127
int super_exec(const struct super *s, const char *program, char *const argv[],
	       const int *fds, size_t n);

/* super_fleet.c, super_doors.c */
void super_init_fleet(struct super *s);
void super_init_doors(struct super *s);

/* super_config.c */
void super_init_config(struct super *s);
/* The first time: waits for it. 0, or an exit status. */
int super_read_config(struct super *s);
void super_reload(struct super *s);

#endif
