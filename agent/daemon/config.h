/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CONFIG_H
#define HALE_CONFIG_H

/*
 * hale.conf(5): read whole into a fresh struct, or not at all. The struct holds
 * no pointer, so that a child can parse it and hand it over as bytes.
 */

#include <sys/types.h>

#include "agent/core/middle.h"
#include "agent/daemon/config_fleet.h"
#include "agent/daemon/scan.h"

#define CONFIG_FILE_DEFAULT "/etc/hale/hale.conf"
#define CONFIG_OPTIONS_MAX  32 /* lines in drivers' sections */
/* inih keeps a line on the stack: INI_MAX_LINE is 200 in its usual build. */
#define CONFIG_LINE_MAX	 198
#define CONFIG_ERROR_MAX 256

struct config_option {
	char driver[HALE_NAME_MAX];
	char key[HALE_NAME_MAX];
	char value[CONFIG_VALUE_MAX];
};

/* [store], for `haled: ship`. */
struct config_store {
	bool disabled;
	char path[CONFIG_VALUE_MAX]; /* "": builds.db in the state folder */
	uint64_t retention_ns, size_bytes; /* 0: the store's own default */
};

struct config {
	struct hale_policy policy;
	struct config_store store;
	struct config_fleet fleet;
	bool doors; /* hale/doors.h: there is something to open */
	char builders[CONFIG_VALUE_MAX];     /* [crashes] users, as written */
	char unknown_builder[HALE_NAME_MAX]; /* the first that is no user */
	char group[HALE_NAME_MAX]; /* may clear and reload, besides root */
	bool group_given;	   /* by the file, not by default */
	bool group_known;
	gid_t gid;
	char user[HALE_NAME_MAX]; /* who the core is, without root */
	bool user_found;
	uid_t uid;
	gid_t user_gid;
	bool readers_known; /* HALE_LOG_GROUP: may read the kernel's words */
	gid_t readers;
	uint32_t n_options;
	struct config_option options[CONFIG_OPTIONS_MAX];
};

void config_default(struct config *ret_config);

/**
 * config_load() - defaults, and over them what the file says
 * @path: absent is as empty, if @optional.
 * @ret_error: "file:line: what is wrong", one line for people; "" on success.
 *
 * Return: 0; -EINVAL: something in it is wrong; or what open(2) and read(2)
 * say. @ret_config is untouched on failure.
 */
int config_load(const char *path, bool optional, struct config *ret_config,
		char ret_error[CONFIG_ERROR_MAX]);

/* The same of an open file, whose descriptor is closed; @fd: negative errno
 * where it could not be opened. */
int config_load_fd(int fd, const char *path, bool optional,
		   struct config *ret_config, char ret_error[CONFIG_ERROR_MAX]);
int config_open(const char *path);

/* config_valid.c: could config_load() have made these bytes? Before anything
 * is read as what it claims to be: who made them may have fallen. */
bool config_valid(const void *bytes, size_t len);

/* The same of text; @name stands for the file in errors. */
int config_parse(const char *text, const char *name, struct config *ret_config,
		 char ret_error[CONFIG_ERROR_MAX]);

/* Looks up what the config names: the group's number, and the state of the
 * folder of rules, so that a reload after a change there probes kmsg anew. It
 * reads files: never in the loop. Once for each config. */
void config_resolve(struct config *config);

/* One line about a setting that is allowed but does not do what it seems to;
 * NULL: none. After config_resolve(). */
const char *config_doubt(const struct config *config,
			 char ret_text[CONFIG_ERROR_MAX]);

/* config_check.c, for `haled -n`: the file, what it names, and what drivers
 * read besides; says on stderr what is wrong. Returns an exit status. */
int config_check(const char *path, bool optional);

/* The drivers' sections as the host wants them; they point into @config.
 * Returns how many of @ret_options were filled. */
size_t config_driver_options(const struct config *config,
			     struct driver_option ret_options[], size_t max);

/* config_key.c: one line of the file. 0, or -EINVAL with what is wrong about it
 * in @ret_error, without its place. */
int config_set(struct config *config, const char *section, const char *key,
	       const char *value, char ret_error[CONFIG_ERROR_MAX]);

/* config_threshold.c: "2%, 2GiB"; either may be left out. 0 or -EINVAL. */
int config_parse_threshold(const char *value, struct hale_threshold *ret);

/* config_builders.c: [crashes] users. 0 or -EINVAL; and their numbers, where
 * they have some. It reads files, too. */
int config_set_builders(struct config *config, const char *value);
void config_resolve_builders(struct config *config);

/* config_store.c: a key of [store] that config_set() knows. 0 or -EINVAL. */
int config_set_store(struct config_store *s, const char *key,
		     const char *value);

#endif
