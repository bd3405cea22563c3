/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fleet's layout: how many servers, where, and how they are called. It
 * decides what is a layout and what is not; it must never let a name through
 * that could be anything but a name in a path, a configuration or a
 * certificate.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>

#include "hale/base.h"

#include "agent/fleetcli/layout.h"

__attribute__((format(printf, 2, 3))) static int
wrong(char why[LAYOUT_WHY_SIZE], const char *text, ...)
{
	va_list args;

	va_start(args, text);
	vsnprintf(why, LAYOUT_WHY_SIZE, text, args);
	va_end(args);
	return -EINVAL;
}

bool layout_name_valid(const char *name, size_t size)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789-_.";
	size_t n = strnlen(name, size);

	return n > 0 && n < size && name[0] != '.' && name[0] != '-' &&
	       strspn(name, letters) == n;
}

bool layout_is_ip(const char *address)
{
	uint8_t to[16];

	return inet_pton(AF_INET, address, to) == 1 ||
	       inet_pton(AF_INET6, address, to) == 1;
}

bool layout_is_loopback(const struct layout_node *n)
{
	return strcmp(n->address, "::1") == 0 ||
	       strcmp(n->address, "localhost") == 0 ||
	       (strncmp(n->address, "127.", 4) == 0 &&
		layout_is_ip(n->address));
}

/* --- from the command line --- */

static int read_port(const char *text, uint16_t *ret)
{
	char *end;
	unsigned long port;

	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	port = strtoul(text, &end, 10);
	if (errno || *end || port == 0 || port > UINT16_MAX)
		return -EINVAL;
	*ret = (uint16_t)port;
	return 0;
}

/* Cuts ":PORT:PORT" off; @text is where it begins. */
static int read_ports(char *text, struct layout_node *n)
{
	char *second = strchr(text, ':');

	if (second)
		*second++ = '\0';
	if (read_port(text, &n->port) < 0)
		return -EINVAL;
	return second ? read_port(second, &n->cluster_port) : 0;
}

/* @text: ADDRESS[:PORT[:CLUSTER_PORT]], which is cut up. */
static int read_address(char *text, struct layout_node *n)
{
	char *ports = strchr(text, ':');

	if (text[0] == '[') {
		char *end = strchr(++text, ']');

		if (!end || (end[1] && end[1] != ':'))
			return -EINVAL;
		ports = end[1] ? end + 1 : NULL;
		*end = '\0';
	} else if (layout_is_ip(text)) {
		ports = NULL; /* IPv6 without brackets */
	}
	if (ports)
		*ports = '\0';
	if (!HALE_SET(n->address, text))
		return -EINVAL;
	return ports ? read_ports(ports + 1, n) : 0;
}

static int read_node(char *word, struct layout_node *n,
		     char why[LAYOUT_WHY_SIZE])
{
	char *address = strchr(word, '=');

	*n = (struct layout_node){ .port = LAYOUT_CLIENT_PORT,
				   .cluster_port = LAYOUT_CLUSTER_PORT };
	if (address)
		*address++ = '\0';
	if (!HALE_SET(n->name, word) || !HALE_SET(n->address, word))
		return wrong(why, "%.40s...: too long a name for a node", word);
	if (address && read_address(address, n) < 0)
		return wrong(why,
			     "%.60s: not an address of a node: wants "
			     "NAME=ADDRESS:PORT:CLUSTER_PORT",
			     n->name);
	return 0;
}

/* @word is cut up. */
static int add_node(char *word, struct layout *l, char why[LAYOUT_WHY_SIZE])
{
	int r;

	if (l->n_nodes == LAYOUT_NODES_MAX)
		return wrong(why, "more than %d nodes: 1, 3 or 5",
			     LAYOUT_NODES_MAX);
	r = read_node(word, &l->nodes[l->n_nodes], why);
	if (r == 0)
		l->n_nodes++;
	return r;
}

int layout_nodes(const char *text, struct layout *l, char why[LAYOUT_WHY_SIZE])
{
	_cleanup_free_ char *copy = strdup(text);
	char *rest = copy, *word;
	int r = copy ? 0 : -ENOMEM;

	l->n_nodes = 0;
	while (r == 0 && (word = strsep(&rest, ", \t"))) {
		if (word[0])
			r = add_node(word, l, why);
	}
	return r;
}

static int check_pair(const struct layout_node *a, const struct layout_node *b,
		      char why[LAYOUT_WHY_SIZE])
{
	bool same = strcmp(a->address, b->address) == 0;

	if (strcasecmp(a->name, b->name) == 0)
		return wrong(why, "two nodes are called %s", a->name);
	if (same && (a->port == b->port || a->cluster_port == b->cluster_port ||
		     a->port == b->cluster_port || b->port == a->cluster_port))
		return wrong(why, "nodes %s and %s share a port of %s", a->name,
			     b->name, a->address);
	return 0;
}

int layout_check(const struct layout *l, char why[LAYOUT_WHY_SIZE])
{
	if (!layout_name_valid(l->name, sizeof(l->name)))
		return wrong(why,
			     "%.60s: not a name for a fleet: letters, "
			     "digits, '-', '_' and '.'",
			     l->name);
	if (l->n_nodes % 2 == 0)
		return wrong(why,
			     "%zu nodes: of 1, 3 or 5 a majority is left "
			     "when one is lost",
			     l->n_nodes);
	for (size_t i = 0; i < l->n_nodes; i++) {
		const struct layout_node *n = &l->nodes[i];

		if (!layout_name_valid(n->name, sizeof(n->name)))
			return wrong(why, "%.60s: not a name for a node",
				     n->name);
		if (!layout_is_ip(n->address) &&
		    !layout_name_valid(n->address, sizeof(n->address)))
			return wrong(why,
				     "%.60s: neither a host name nor an "
				     "IP address",
				     n->address);
		if (n->port == n->cluster_port)
			return wrong(why, "node %s: one port for both, %u",
				     n->name, n->port);
		for (size_t k = 0; k < i; k++) {
			if (check_pair(&l->nodes[k], n, why) < 0)
				return -EINVAL;
		}
	}
	return 0;
}

/* --- DIR/fleet.ini --- */

struct reading {
	struct layout *l;
	char why[LAYOUT_WHY_SIZE];
};

static bool path_fits(const char *value, char *to, size_t size)
{
	return value[0] == '/' && !strpbrk(value, "\"\\\n") &&
	       hale_copy(to, size, value, strlen(value));
}

static int take_node(struct reading *r, const char *value)
{
	char word[LAYOUT_NAME_SIZE + LAYOUT_HOST_SIZE + 16];

	return HALE_SET(word, value) && add_node(word, r->l, r->why) == 0;
}

static int take(void *user, const char *section, const char *key,
		const char *value)
{
	struct reading *r = user;
	struct layout *l = r->l;

	(void)section;
	if (strcmp(key, "name") == 0)
		return HALE_SET(l->name, value);
	if (strcmp(key, "node") == 0)
		return take_node(r, value);
	if (strcmp(key, "at") == 0)
		return path_fits(value, l->at, sizeof(l->at));
	if (strcmp(key, "store") == 0)
		return path_fits(value, l->store, sizeof(l->store));
	if (strcmp(key, "dev") == 0)
		return (l->dev = strcmp(value, "yes") == 0) ||
		       strcmp(value, "no") == 0;
	return 0;
}

int layout_load(const char *dir, struct layout *ret_l,
		char why[LAYOUT_WHY_SIZE])
{
	char path[LAYOUT_PATH_SIZE + 16];
	struct layout l = { 0 };
	struct reading r = { .l = &l };
	_cleanup_file_ FILE *f = NULL;
	int line;

	snprintf(path, sizeof(path), "%s/fleet.ini", dir);
	f = fopen(path, "re");
	if (!f) {
		wrong(why, "%s: %s", path, strerrordesc_np(errno));
		return -errno;
	}
	line = ini_parse_file(f, take, &r);
	if (line != 0)
		return wrong(why, "%s:%d: %s", path, line,
			     r.why[0] ? r.why : "not what belongs there");
	if (layout_check(&l, r.why) < 0)
		return wrong(why, "%.100s: %.130s", path, r.why);
	*ret_l = l;
	return 0;
}

static void write_address(const char *address, FILE *to)
{
	fprintf(to, strchr(address, ':') ? "[%s]" : "%s", address);
}

void layout_write(const struct layout *l, FILE *to)
{
	fprintf(to,
		"# Written by `hale fleet init`, which reads it again.\n"
		"[fleet]\nname = %s\ndev = %s\n",
		l->name, l->dev ? "yes" : "no");
	if (l->at[0])
		fprintf(to, "at = %s\n", l->at);
	if (l->store[0])
		fprintf(to, "store = %s\n", l->store);
	for (size_t i = 0; i < l->n_nodes; i++) {
		const struct layout_node *n = &l->nodes[i];

		fprintf(to, "node = %s=", n->name);
		write_address(n->address, to);
		fprintf(to, ":%u:%u\n", n->port, n->cluster_port);
	}
}

void layout_place(const struct layout *l, const char *dir,
		  const struct layout_node *n, char *ret_path, size_t size)
{
	if (l->at[0])
		snprintf(ret_path, size, "%s", l->at);
	else
		snprintf(ret_path, size, "%s/nodes/%s", dir, n->name);
}

void layout_server(const struct layout *l, size_t i, FILE *to)
{
	fputs("tls://", to);
	write_address(l->nodes[i].address, to);
	fprintf(to, ":%u", l->nodes[i].port);
}
