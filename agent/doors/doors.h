/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_DOORS_ROOM_H
#define HALE_DOORS_ROOM_H

/*
 * `haled: doors` as a whole: one loop over the agent that started it, the gate
 * whose reports it follows, those who ask for metrics, and what goes out. The
 * gate and the builds never wait for it.
 */

#include "agent/doors/notify.h"
#include "agent/doors/post.h"
#include "agent/doors/server.h"

#define DOORS_MESSAGES_MAX 256
#define DOORS_SECRET_MAX   512

/* A hook, what it is to be told, and the way to it. */
struct door_hook {
	struct doors *doors;
	struct notify notify;
	char url[512];		       /* of url or url_file */
	char secret[DOORS_SECRET_MAX]; /* without a line's end; "" */
	char *body;		       /* a webhook's own; NULL */
	int mailer_fd;		       /* -1: none */
	bool failing;		       /* which was said */
};

struct doors {
	const char *run_dir, *state_dir, *config_path;
	int config_fd; /* -1: @config_path is to be opened */
	int agent_fd;  /* its end closes ours; -1: none */
	struct hale_doors config;

	/* watch.c */
	int gate_fd;
	uint64_t gate_ns; /* connect, or read on, from then; 0: read */
	Hale__V1__Reply *coming[DOORS_MESSAGES_MAX], *kept[DOORS_MESSAGES_MAX];
	size_t n_coming, n_kept;
	struct report report; /* of @kept */
	uint64_t silent_ns;   /* it does not answer since; 0: it does */
	bool changed;	      /* a report has come */
	char host[65];

	/* builds.c */
	struct build_counts builds;
	uint64_t builds_ns; /* not before */
	size_t n_seen, at_seen;
	uint64_t seen[1024]; /* builds, by a number of each */

	struct server server;
	uint64_t textfile_ns; /* when to write it */
	bool textfile_failed;

	struct post *post; /* NULL: nothing goes out */
	size_t n_hooks;
	struct door_hook hooks[HALE_HOOKS_MAX];
	uint64_t hooks_ns; /* when one of them is due; 0: on change */

	/* export.c */
	struct hale_hook logs_hook;
	struct notify logs;
	uint64_t logs_ns, metrics_ns;
	bool metrics_busy, export_failing;
	uint64_t exported, unexported;
	char *headers; /* of headers_file, lines cut apart */
	const char *header[POST_HEADERS_MAX + 1];
	char logs_url[256], metrics_url[256];
};

/* doors.c: an exit status */
int doors_run(struct doors *d);
void doors_log(int level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* CLOCK_BOOTTIME, for pacing; and ns since the epoch */
uint64_t doors_now_ns(void);
uint64_t doors_time_ns(void);
/* As a picture, with builds and the doors' own counts. */
struct picture doors_picture(struct doors *d, struct door_counts *counts,
			     struct hook_counts hooks[HALE_HOOKS_MAX]);

/* setup.c: the configuration, and what it names; 0, or an exit status. Before
 * the process is confined. */
int setup_read(struct doors *d);
/* Opens the sockets and the way out. */
int setup_open(struct doors *d);
/* setup_file.c: bytes of a file, to be freed; terminated. @fd stays open. */
ssize_t setup_load(const char *path, size_t max, char **ret_text);
ssize_t setup_load_fd(int fd, size_t max, char **ret_text);

/* confine.c: 0, or negative errno: do not go on */
int doors_confine(struct doors *d);

/* watch.c */
void watch_connect(struct doors *d);
void watch_read(struct doors *d);
void watch_done(struct doors *d);

/* builds.c */
void builds_look(struct doors *d);

/* metrics.c */
ssize_t metrics_answer(void *doors, const struct http_request *r,
		       char **ret_body, const char **ret_type);
void textfile_write(struct doors *d);
void textfile_remove(const struct doors *d);

/* deliver.c: what is due to hooks */
void deliver_due(struct doors *d);
void deliver_mailed(struct door_hook *h);

/* export.c: OTLP */
int export_open(struct doors *d);
void export_due(struct doors *d);

/* told_file.c: what hooks were told, in the state folder */
void told_load(struct doors *d);
void told_save(struct doors *d);

#endif
