/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_VICTIM_H
#define DRIVERS_VICTIM_H

/*
 * A dying process as /proc shows it (kernel: fs/proc/array.c, task_mmu.c;
 * proc(5)). The parsers are pure; every text may be cut or missing.
 */

#include "hale/driver.h"

/* One line of /proc/<pid>/maps. */
struct victim_map {
	uint64_t start, end, offset;
	uint32_t major, minor; /* the superblock's, also of btrfs */
	uint64_t inode;	       /* 0: no file */
	bool usable;	       /* may be read, written or executed */
	bool shared, executable;
	const char *path; /* into the line */
};

/* @line: terminated, without its newline; is written to. */
bool victim_map_parse(char *line, struct victim_map *ret_map);

/* /proc/<pid>/stat: name, parent, group, session. False: it is no such text. */
bool victim_stat_parse(const char *text, struct hale_victim *v);

/* /proc/<pid>/status: a number after "Tgid:", "Uid:", …; false: none. */
bool victim_status_number(const char *text, const char *key, uint32_t *ret);

/* /proc/<pid>/cgroup: the path in v2's tree, the line "0::"; "" without. */
void victim_cgroup_parse(const char *text, char *ret_path, size_t size);

/* Something that it held. */
struct victim_held {
	struct hale_victim_file file;
	char type[HALE_NAME_MAX]; /* of its filesystem; "": not known */
	uint64_t start, end;	  /* of one mapping of it */
	uint64_t reach;		  /* offset in it where that mapping ends */
	uint64_t inode;
	bool shared, executable;
	size_t prefix; /* length of the mount point found so far */
};

/* Distinct files; a linker maps as many as it has inputs. */
#define VICTIM_HELD_MAX 96

struct victim_holds {
	uint32_t n;
	struct victim_held held[VICTIM_HELD_MAX];
};

/* Takes a mapping in; files that are mapped several times are one. */
void victim_hold_map(struct victim_holds *h, const struct victim_map *m,
		     const struct hale_victim *v);
/* @path: where a link of /proc leads; what is no file is left out. */
void victim_hold_path(struct victim_holds *h, const char *path,
		      enum hale_held how);

/* Those that tell most, into @v->files: where the fault was, what is cut short
 * or full, its program, and one of each filesystem. */
void victim_choose(const struct victim_holds *h, struct hale_victim *v);

/* victim_look.c: reads what is there of @v->pid, and says it, piece by piece,
 * as long as it is there. */
void victim_look(struct hale_probe *p, const struct hale_victim *v);

/* victim_files.c: which filesystems they are on, as the process has them
 * mounted; and whether they are cut short, or full. May wait for a disk. */
void victim_place(int root_fd, uint32_t pid, struct victim_holds *h);
void victim_measure(int root_fd, uint32_t pid, const struct hale_victim *v,
		    struct victim_holds *h);

#endif
