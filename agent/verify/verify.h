/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_VERIFY_VERIFY_H
#define HALE_VERIFY_VERIFY_H

/*
 * `hale verify`: what its files share. One run tests one disk (or those beneath
 * a path, one after the other) or the memory, and ends in one Verification
 * message: for people, as JSON, and for the agent.
 */

#include "hale/base.h"
#include "hale/verdict.h"
#include "hale/verify.h"

#include "hale.pb-c.h"

enum {
	VERIFY_GOOD = 0,
	VERIFY_BAD = 1,
	VERIFY_USAGE = 64,
	VERIFY_UNKNOWN = 69,
	VERIFY_INTERRUPTED = 130,
};

enum verify_self_test {
	VERIFY_SHORT_IF_ANY = 0, /* where the disk has one */
	VERIFY_SHORT,
	VERIFY_LONG,
	VERIFY_NO_SELF_TEST,
};

#define VERIFY_SAMPLE	   HALE_GIB /* 10 s of a disk that spins */
#define VERIFY_DISK_NS	   (600 * HALE_NS_PER_S)
#define VERIFY_MEMORY_NS   (60 * HALE_NS_PER_S)
#define VERIFY_SHARE	   250 /* permille of what is available */
#define VERIFY_SHARE_MOST  900
#define VERIFY_PASSES_MOST 1000000

struct verify_options {
	const char *operand; /* of a disk; NULL: the memory */
	const char *run_dir;
	bool json, full, wake;
	bool time_set;
	enum verify_self_test self_test;
	uint64_t sample, size, time_ns;
	uint32_t share, passes; /* passes 0: until the time is over */
};

#define VERIFY_BAD_MAX	 16
#define VERIFY_NOTES_MAX 12
#define VERIFY_TEXT	 160

/* What comes out of one test. Points into itself: not to be copied. */
struct verify_result {
	Hale__V1__Verification m;
	Hale__V1__Part part;
	char id[HALE_PART_MAX], alias[HALE_NAME_MAX];
	char model[HALE_UUID_MAX + 1], serial[HALE_UUID_MAX + 1];
	char bad[VERIFY_BAD_MAX][VERIFY_TEXT];
	char notes[VERIFY_NOTES_MAX][VERIFY_TEXT];
	char *bad_list[VERIFY_BAD_MAX], *note_list[VERIFY_NOTES_MAX];
	char evidence[HALE_EVIDENCE_MAX], outcome[HALE_OUTCOME_TEXT];
	bool unknown;	   /* something asked for could not be done */
	uint64_t bad_left; /* more bad ones than are listed */
};

struct verify {
	const struct verify_options *o;
	int signal_fd;
	uint64_t began_ns, deadline_ns; /* CLOCK_MONOTONIC; 0: none */
	uint64_t said_ns;		/* progress */
	bool interrupted, terminal, line;
};

/* options.c: 0, or an exit status + 1 after one line on stderr. */
int verify_options_read(int argc, char **argv, struct verify_options *ret);

/* wait.c */
uint64_t verify_now_ns(void);
int verify_begin(struct verify *v, const struct verify_options *o);
/* 1: @fd can be read, 0: @ms have passed, -EINTR: we are told to end, -ETIME:
 * the time is over. @fd -1: none. */
int verify_wait(struct verify *v, int fd, int ms);
/* In a child: signals as they were, and it ends with @parent. @quiet: those of
 * a terminal are ignored, and it has its own way to see its parent end. */
void verify_child(pid_t parent, bool quiet);
/* verify_wait() of a half second, in silence: adds to @silence_ns what of it
 * was truly waited, which is nothing while we were stopped, or the machine was.
 */
int verify_wait_in_silence(struct verify *v, int fd, uint64_t *silence_ns);
/* Ends a child, and waits for it unless it sits in the kernel. */
void verify_end_child(pid_t pid);

/* result.c */
void result_init(struct verify_result *r, Hale__V1__Verification__Tested what);
void result_bad(struct verify_result *r, const char *text, ...)
	__attribute__((format(printf, 2, 3)));
void result_note(struct verify_result *r, const char *text, ...)
	__attribute__((format(printf, 2, 3)));
/* Draws the conclusion; returns the exit code. */
int result_end(struct verify_result *r, const struct verify *v);
void result_print(const struct verify_result *r, const struct verify *v);

/* progress.c: "hale verify: TEXT" on stderr. Returns @code. */
int verify_fail(int code, const char *text, ...)
	__attribute__((format(printf, 2, 3)));

/* ask.c: 0, -ENOENT: no agent, or negative errno. @ret_reply: to be freed by
 * hale__v1__reply__free_unpacked(). */
int ask_failing(const struct verify *v, const char *name,
		const struct hale_scope_path *path,
		Hale__V1__Reply **ret_reply);
/* Tells what was done; the agent's words go into the result. */
void ask_verified(const struct verify *v, struct verify_result *r);

/* disk.c, memory.c: an exit code */
int verify_disk(struct verify *v);
int verify_memory(struct verify *v);

#endif
