/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEETCLI_FLEET_DIR_H
#define HALE_FLEETCLI_FLEET_DIR_H

/*
 * A fleet's folder on the machine of its operator (layout.h): opened by one
 * command at a time, and what enroll and revoke change in it.
 */

#include "agent/fleetcli/files.h"
#include "agent/fleetcli/layout.h"
#include "agent/fleetcli/members.h"

struct fleet_dir {
	char path[LAYOUT_PATH_SIZE]; /* absolute */
	int lock_fd;
	struct layout layout;
	struct members members;
	unsigned int done[FILES_KEPT + 1]; /* files, by enum files_put */
};

#define FLEET_DIR_CLOSED                                                       \
	{                                                                      \
		.lock_fd = -1                                                  \
	}

/**
 * fleet_dir_find() - which folder is meant
 * @word: what the user named, or NULL: the current one if it is a fleet's, else
 * that of `hale fleet init --dev`.
 *
 * Return: 0, or an exit code after one line on stderr.
 */
int fleet_dir_find(const char *word, char ret_path[LAYOUT_PATH_SIZE]);
/* Where `hale fleet init --dev` puts its fleet. False: no home. */
bool fleet_dir_of_dev(char ret_path[LAYOUT_PATH_SIZE]);

/* Locks it, which waits for another command; reads it if there is a fleet in
 * it, else layout.n_nodes is 0. 0, or an exit code after one line. */
int fleet_dir_open(const char *path, struct fleet_dir *d);
void fleet_dir_close(struct fleet_dir *d);

/* One file below it, counted in ->done; FILES_KEPT is told. 0 or an exit code
 * after one line. */
int fleet_dir_put(struct fleet_dir *d, struct files_builder *b,
		  const char *name, mode_t mode, bool replace);
/* Folder below it. 0 or an exit code after one line. */
int fleet_dir_folder(const struct fleet_dir *d, const char *name, mode_t mode);

/* Writes members, and each server's lists out of it. 0 or an exit code. */
int fleet_dir_save(struct fleet_dir *d);

/**
 * fleet_dir_reload() - have the servers read their lists again
 *
 * Those that run from this folder are told by SIGHUP; for others DIR/push is
 * run, if there is one, with the node's name, its address and its folder; for
 * the rest what is to be done is printed. Return: 0, or an exit code: some
 * server does not know yet.
 */
int fleet_dir_reload(struct fleet_dir *d);
/* The process that serves node @i from this folder, 0: none. */
pid_t fleet_dir_server(const struct fleet_dir *d, size_t i);

/* Now, as "2026-11-22T07:10:00Z". */
void fleet_dir_now(char ret[MEMBER_SINCE_SIZE]);
/* Who runs this, "root" or "sudo's" user. */
void fleet_dir_who(char ret[MEMBER_BY_SIZE]);

#endif
