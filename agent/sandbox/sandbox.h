/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SANDBOX_ROOM_H
#define HALE_SANDBOX_ROOM_H

/*
 * What each of the agent's processes gives up, for good, before it reads
 * anything that a stranger wrote: root, capabilities, new privileges (prctl(2)
 * PR_SET_NO_NEW_PRIVS), the files (landlock(7)) and the system calls
 * (seccomp(2)) that it has no use for. What this kernel lacks, or what may not
 * be given up without root, is told and left. Why: docs/security.md.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum sandbox_role {
	SANDBOX_CORE = 0, /* what is open, and no more */
	SANDBOX_PROBE,	  /* root with the capabilities of its drivers */
	SANDBOX_DRIVER,	  /* a driver's child: its own capabilities only */
	SANDBOX_READER,	  /* reads the configuration and what it names */
	SANDBOX_WRITER,	  /* writes below one folder that is open */
	SANDBOX_SHIP,	  /* below one folder, and sockets of this host */
	SANDBOX_HELPER, /* as DRIVER, and becomes a program, before its exec */
	SANDBOX_LOOK,	/* is a source of the core's there? */
	SANDBOX_REPORTER, /* below one folder, and out to the network */
	SANDBOX_DOORS,	  /* as that, and answers who asks for metrics */
	SANDBOX_ROLES,
};

struct sandbox_user {
	bool known; /* there is such a user, and this process may become it */
	uid_t uid;
	gid_t gid;
};

struct sandbox_setup {
	const struct sandbox_user *user; /* roles that are not root's */
	uint64_t capabilities; /* 1 << CAP_…: PROBE, DRIVER, HELPER */
	/* NULL-terminated paths, or NULL */
	const char *const *writable; /* WRITER, SHIP, REPORTER */
	const char *const *readable; /* LOOK: besides the kernel's own */
};

#define SANDBOX_USER	 "hale"
#define SANDBOX_TEXT_MAX 160

/**
 * sandbox_enter() - this process, and its children, from now on
 * @ret_lacks: what could not be done, in words, "landlock (kernel 5.10)"; "":
 * nothing is lacking.
 *
 * A role whose user is known becomes it, PROBE excepted. Descriptors that are
 * open stay open: close what the role is not to have before. Clears
 * PR_SET_PDEATHSIG where the user changes, as the kernel does, and sets it
 * again to what it was.
 *
 * Return: 0, also where something lacks that this kernel has not or that needs
 * root; negative errno where a thing that should work failed: do not go on.
 */
int sandbox_enter(enum sandbox_role role, const struct sandbox_setup *setup,
		  char ret_lacks[SANDBOX_TEXT_MAX]);

/* What a host may keep from all roles. */
enum sandbox_lack {
	SANDBOX_LACKS_ROOT = 1 << 0, /* to become anybody */
	SANDBOX_LACKS_USER = 1 << 1, /* to become */
	SANDBOX_LACKS_LANDLOCK = 1 << 2,
	SANDBOX_LACKS_SCOPE = 1 << 3, /* landlock's level 6: signals */
	SANDBOX_LACKS_SECCOMP = 1 << 4,
};

/* What sandbox_enter() will not find here, of enum sandbox_lack. Before it is
 * called: afterwards the questions themselves are barred. */
uint32_t sandbox_lacking(const struct sandbox_user *user);

const char *sandbox_role_name(enum sandbox_role role);

/* Looks up @name; reads files: at start only. */
void sandbox_find_user(const char *name, struct sandbox_user *ret_user);

#endif
