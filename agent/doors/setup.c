/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is configured, read and opened: before the process is confined, and
 * before it hears of a stranger. Decides what is fatal (a line that is wrong, a
 * secret that is not there) and what is only told (a port that another has).
 * The lines are checked by the same functions as in `haled -n`.
 */
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <sys/socket.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/doors/doors.h"
#include "agent/doors/mail.h"

#define CONFIG_MAX    (64 * 1024)
#define BODY_FILE_MAX 16384

struct reading {
	struct doors *doors;
	const char *at;
	int line;
	char error[HALE_DOOR_ERROR_MAX];
};

/* As fgets(3); leading blanks are cut, which to libinih would make a line a
 * second value of the key above it. */
static char *next_line(char *buf, int size, void *stream)
{
	struct reading *r = stream;
	size_t len = strcspn(r->at, "\n"), blank = strspn(r->at, " \t\r");

	if (*r->at == '\0')
		return NULL;
	blank = blank > len ? len : blank;
	hale_copy(buf, (size_t)size, r->at + blank, len - blank);
	r->at += len + (r->at[len] == '\n');
	r->line++;
	return buf;
}

static int on_key(void *user, const char *section, const char *key,
		  const char *value)
{
	struct reading *r = user;

	if (!hale_doors_owns(section))
		return 1;
	return hale_doors_set(&r->doors->config, section, key, value,
			      r->error) == 0;
}

static ssize_t load_config(const struct doors *d, char **ret_text)
{
	return d->config_fd < 0
		       ? setup_load(d->config_path, CONFIG_MAX, ret_text)
		       : setup_load_fd(d->config_fd, CONFIG_MAX, ret_text);
}

int setup_read(struct doors *d)
{
	_cleanup_free_ char *text = NULL;
	struct reading r = { .doors = d };
	ssize_t len = load_config(d, &text);
	char clean[HALE_DOOR_ERROR_MAX];
	int bad;

	hale_doors_default(&d->config);
	if (len < 0) {
		doors_log(3, "%s: %s", d->config_path, strerror((int)-len));
		return EXIT_FAILURE;
	}
	r.at = text;
	bad = ini_parse_stream(next_line, &r, on_key, &r);
	if (bad == 0 && hale_doors_check(&d->config, r.error) == 0)
		return EXIT_SUCCESS;
	hale_print_text(clean, sizeof(clean), r.error, strlen(r.error));
	if (bad > 0)
		doors_log(3, "%s:%d: %s", d->config_path, bad, clean);
	else
		doors_log(3, "%s: %s", d->config_path, clean);
	return EXIT_FAILURE;
}

/* --- what it names --- */

static int complain(const char *where, const char *what, int r)
{
	doors_log(3, "%s %s: %s%s", where, what, strerror(-r),
		  r == -EACCES ? "; the user hale must be able to read it"
			       : "");
	return r;
}

/* The first line of a file. */
static int load_line(const char *section, const char *path, char *ret,
		     size_t size)
{
	_cleanup_free_ char *text = NULL;
	ssize_t len = setup_load(path, size, &text);

	if (len < 0)
		return complain(section, path, (int)len);
	text[strcspn(text, "\r\n")] = '\0';
	if (text[0] == '\0')
		return complain(section, path, -ENODATA);
	hale_copy(ret, size, text, strlen(text));
	return 0;
}

static int load_url(struct door_hook *h, const char *section)
{
	const struct hale_hook *k = h->notify.hook;
	bool mail = k->kind == HALE_HOOK_EMAIL;
	int r;

	HALE_SET(h->url, k->url);
	if (!k->url_file[0])
		return 0;
	r = load_line(section, k->url_file, h->url, sizeof(h->url));
	if (r < 0)
		return r;
	if (mail ? hale_mail_url_valid(h->url) : hale_url_valid(h->url))
		return 0;
	doors_log(3, "%s %s: not a URL that may be used", section, k->url_file);
	return -EINVAL;
}

static int load_body(struct door_hook *h, const char *section)
{
	const char *path = h->notify.hook->body_file, *fault;
	ssize_t len;

	if (!path[0])
		return 0;
	len = setup_load(path, BODY_FILE_MAX, &h->body);
	if (len < 0)
		return complain(section, path, (int)len);
	fault = hale_template_fault(h->body);
	if (!fault)
		return 0;
	doors_log(3, "%s %s: %s", section, path, fault);
	return -EINVAL;
}

static int open_hook(struct doors *d, const struct hale_hook *k)
{
	struct door_hook *h = &d->hooks[d->n_hooks++];
	char section[64];
	int r;

	snprintf(section, sizeof(section), "[notify.%s]", k->name);
	h->doors = d;
	h->mailer_fd = -1;
	notify_init(&h->notify, k);
	r = load_url(h, section);
	if (r == 0 && k->secret_file[0])
		r = load_line(section, k->secret_file, h->secret,
			      sizeof(h->secret));
	if (r == 0)
		r = load_body(h, section);
	if (r == 0 && k->kind == HALE_HOOK_EMAIL && !h->url[0])
		h->mailer_fd = mailer_start(k);
	return r;
}

/* --- doors --- */

static void open_server(struct doors *d)
{
	char where[128];
	int r;

	d->server.answer = metrics_answer;
	d->server.data = d;
	d->server.listen_fd = -1;
	if (!d->config.listen[0])
		return;
	r = server_open(&d->server, d->config.listen);
	if (r < 0)
		doors_log(3, "[metrics] listen = %s: %s", d->config.listen,
			  strerror(-r));
	if (r < 0)
		return;
	server_where(&d->server, where);
	doors_log(6, "metrics are at %s", where);
}

/* The unit leaves haled no such socket unless it is asked to. */
static void check_network(const struct doors *d)
{
	bool port = d->config.listen[0] && d->config.listen[0] != '/';
	_cleanup_fd_ int fd = -1;

	if (!d->post && !port)
		return;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		doors_log(3,
			  "this service may not use the network (%s): "
			  "hale-doors(8), CAVEATS",
			  strerror(errno));
}

int setup_open(struct doors *d)
{
	int r = 0;

	gethostname(d->host, sizeof(d->host) - 1);
	for (uint32_t i = 0; r == 0 && i < d->config.n_hooks; i++)
		r = open_hook(d, &d->config.hooks[i]);
	if (r == 0) {
		r = export_open(d);
		if (r < 0)
			complain("[otlp]", d->config.headers_file, r);
	}
	if (r < 0)
		return EXIT_FAILURE;
	if (d->n_hooks > 0 || d->config.endpoint[0]) {
		d->post = post_new();
		if (!d->post)
			return EXIT_FAILURE;
	}
	check_network(d);
	open_server(d);
	return EXIT_SUCCESS;
}
