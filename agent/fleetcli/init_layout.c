/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which layout `hale fleet init` makes: what is there already, changed by what
 * the user says; else the defaults. It must never change a fleet that is there
 * without being told to.
 */
#include <arpa/inet.h>
#include <errno.h>

#include "agent/fleetcli/fleetcli.h"
#include "agent/fleetcli/init.h"

#define DEFAULT_NODES "nats-1,nats-2,nats-3"

/* A port of loopback that nobody has now; 0: none. */
static uint16_t free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	_cleanup_fd_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		return 0;
	return ntohs(a.sin_port);
}

static bool all_on_loopback(const struct layout *l)
{
	for (size_t i = 0; i < l->n_nodes; i++) {
		if (!layout_is_loopback(&l->nodes[i]))
			return false;
	}
	return true;
}

static void set_dev(const struct init_options *o, struct layout *l)
{
	uint16_t port = o->port ? o->port : free_port();

	l->dev = true;
	l->n_nodes = 1;
	l->nodes[0] = (struct layout_node){ .name = "dev",
					    .address = "127.0.0.1",
					    .port = port,
					    .cluster_port = 1 };
}

static int set_nodes(const struct init_options *o, struct layout *l,
		     char why[LAYOUT_WHY_SIZE])
{
	if (o->dev) {
		set_dev(o, l);
		return 0;
	}
	return layout_nodes(o->nodes ? o->nodes : DEFAULT_NODES, l, why);
}

/* What follows from the nodes, where the user said nothing. */
static void set_places(const struct init_options *o, struct layout *l)
{
	bool here = all_on_loopback(l);

	l->at[0] = l->store[0] = '\0';
	if (o->at || !here)
		HALE_SET(l->at, o->at ? o->at : LAYOUT_AT);
	if (o->store || !here)
		HALE_SET(l->store, o->store ? o->store : LAYOUT_STORE);
}

static int make_new(const struct init_options *o, struct layout *l,
		    char why[LAYOUT_WHY_SIZE])
{
	int r = set_nodes(o, l, why);

	HALE_SET(l->name, o->name ? o->name : "hale");
	set_places(o, l);
	return r < 0 ? r : layout_check(l, why);
}

/* Only what the user named is another than it was. */
static int change(const struct init_options *o, struct layout *l,
		  char why[LAYOUT_WHY_SIZE])
{
	int r = 0;

	if (o->nodes)
		r = layout_nodes(o->nodes, l, why);
	if (o->dev && o->port_set && o->port)
		l->nodes[0].port = o->port;
	if (o->name)
		HALE_SET(l->name, o->name);
	if (o->at)
		HALE_SET(l->at, o->at);
	if (o->store)
		HALE_SET(l->store, o->store);
	return r < 0 ? r : layout_check(l, why);
}

static bool same_text(const struct layout *a, const struct layout *b)
{
	struct files_builder x, y;
	bool same = false;

	if (files_begin(&x) < 0)
		return false;
	if (files_begin(&y) == 0) {
		layout_write(a, x.to);
		layout_write(b, y.to);
		fflush(x.to);
		fflush(y.to);
		same = x.len == y.len && memcmp(x.at, y.at, x.len) == 0;
		fclose(y.to);
		free(y.at);
	}
	fclose(x.to);
	free(x.at);
	return same;
}

int init_layout(const struct init_options *o, struct fleet_dir *d)
{
	bool new = d->layout.n_nodes == 0;
	struct layout l = d->layout;
	char why[LAYOUT_WHY_SIZE] = "";

	if (!new && o->dev != l.dev)
		return fleet_fail(HALE_EXIT_USAGE,
				  l.dev ? "%s is a fleet of --dev: name "
					  "another folder for a real one"
					: "%s is a real fleet, not one of "
					  "--dev: name another folder",
				  d->path);
	if ((new ? make_new(o, &l, why) : change(o, &l, why)) < 0)
		return fleet_fail(HALE_EXIT_USAGE, "%s", why);
	if (!new && !o->replace && !same_text(&l, &d->layout))
		return fleet_fail(FLEET_CANTCREAT,
				  "%s is a fleet with another layout; "
				  "--replace changes it to this one",
				  d->path);
	d->layout = l;
	return 0;
}
