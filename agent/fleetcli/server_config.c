/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What nats-server 2.9 is told. It decides which account may do what, and is
 * the place where the layout of docs/guide-fleet.md is law:
 *
 * HOSTS has no JetStream and one service import. A second one would let a
 * server's answer to the first be a request of the second; so the way to a
 * host's last order goes over the same import, by a mapping in FLEET. A host
 * may publish and subscribe to subjects of its own key only.
 * Invariant: nothing gets into these texts that layout_check() or
 * members_parse() did not let through.
 */
#include "hale/base.h"

#include "agent/fleetcli/server_config.h"

static void write_listen(const struct layout_node *n, uint16_t port, FILE *to)
{
	/* a name may be of another interface than clients come to */
	const char *on = layout_is_ip(n->address) ? n->address
			 : layout_is_loopback(n)  ? "127.0.0.1"
						  : "0.0.0.0";

	fprintf(to, strchr(on, ':') ? "\"[%s]:%u\"\n" : "\"%s:%u\"\n", on,
		port);
}

static void write_head(const struct layout *l, const struct layout_node *n,
		       const char *place, FILE *to)
{
	fprintf(to,
		"# Node %s of fleet %s, for nats-server 2.9. Written by "
		"`hale fleet init`.\n"
		"server_name: \"%s\"\nlisten: ",
		n->name, l->name, n->name);
	write_listen(n, n->port, to);
	fprintf(to,
		"pid_file: \"%s/nats.pid\"\n"
		"# A state has 16 KiB at most.\n"
		"max_payload: 64KB\n"
		"# A host that is cut off is known within 15 s.\n"
		"ping_interval: \"5s\"\nping_max: 2\n"
		"authorization { timeout: 20 }\n"
		"tls {\n"
		"  cert_file: \"%s/server.pem\"\n"
		"  key_file: \"%s/server.key\"\n"
		"  timeout: 15\n}\n",
		place, place, place);
	if (l->dev)
		fprintf(to,
			"log_file: \"%s/nats.log\"\nlogfile_size_limit: "
			"16MB\n",
			place);
}

static void write_cluster(const struct layout *l, size_t self,
			  const char *place, FILE *to)
{
	if (l->n_nodes == 1)
		return;
	fprintf(to,
		"# Only who has a certificate of this fleet's CA is a node.\n"
		"cluster {\n"
		"  name: \"%s\"\n"
		"  listen: ",
		l->name);
	write_listen(&l->nodes[self], l->nodes[self].cluster_port, to);
	fprintf(to,
		"  no_advertise: true\n"
		"  tls {\n"
		"    cert_file: \"%s/server.pem\"\n"
		"    key_file: \"%s/server.key\"\n"
		"    ca_file: \"%s/ca.pem\"\n"
		"    verify: true\n"
		"    timeout: 15\n  }\n"
		"  routes: [\n",
		place, place, place);
	for (size_t i = 0; i < l->n_nodes; i++) {
		const struct layout_node *n = &l->nodes[i];

		if (i == self)
			continue;
		fprintf(to,
			strchr(n->address, ':') ? "    \"tls://[%s]:%u\"\n"
						: "    \"tls://%s:%u\"\n",
			n->address, n->cluster_port);
	}
	fputs("  ]\n}\n", to);
}

static const char accounts[] =
	"accounts {\n"
	"  SYS {\n"
	"    include \"system-users.conf\"\n"
	"    exports: [\n"
	"      {stream: \"$SYS.ACCOUNT.HOSTS.CONNECT\", accounts: [FLEET]}\n"
	"      {stream: \"$SYS.ACCOUNT.HOSTS.DISCONNECT\", accounts: [FLEET]}\n"
	"      {service: \"$SYS.REQ.ACCOUNT.HOSTS.CONNZ\", response: stream,\n"
	"       accounts: [FLEET]}\n"
	"    ]\n"
	"  }\n"
	"  # The streams are here, and those who read them.\n"
	"  FLEET {\n"
	"    jetstream: enabled\n"
	"    include \"fleet-users.conf\"\n"
	"    exports: [\n"
	"      {service: \"fleet.*.*\", accounts: [HOSTS]}\n"
	"      {stream: \"orders.*\", accounts: [HOSTS]}\n"
	"    ]\n"
	"    imports: [\n"
	"      {stream: {account: SYS, subject: "
	"\"$SYS.ACCOUNT.HOSTS.CONNECT\"},\n"
	"       to: \"liveness.connect\"}\n"
	"      {stream: {account: SYS, subject: "
	"\"$SYS.ACCOUNT.HOSTS.DISCONNECT\"},\n"
	"       to: \"liveness.disconnect\"}\n"
	"      {service: {account: SYS, subject: "
	"\"$SYS.REQ.ACCOUNT.HOSTS.CONNZ\"},\n"
	"       to: \"liveness.connz\"}\n"
	"    ]\n"
	"    # A host's question for its last order.\n"
	"    mappings: {\n"
	"      \"fleet.orders.*\": \"$JS.API.DIRECT.GET.ORDERS.orders.$1\"\n"
	"    }\n"
	"  }\n"
	"  # No JetStream, and never a second service import.\n"
	"  HOSTS {\n"
	"    include \"hosts.conf\"\n"
	"    imports: [\n"
	"      {service: {account: FLEET, subject: \"fleet.*.*\"}, "
	"to: \"up.*.*\"}\n"
	"      {stream: {account: FLEET, subject: \"orders.*\"}, "
	"to: \"down.orders.*\"}\n"
	"    ]\n"
	"  }\n"
	"}\n"
	"system_account: SYS\n";

void config_server(const struct layout *l, size_t i, const char *place,
		   FILE *to)
{
	write_head(l, &l->nodes[i], place, to);
	write_cluster(l, i, place, to);
	if (l->store[0])
		fprintf(to, "jetstream { store_dir: \"%s\" }\n", l->store);
	else
		fprintf(to, "jetstream { store_dir: \"%s/data\" }\n", place);
	fputs(accounts, to);
}

static void write_list_head(FILE *to)
{
	fputs("# Made by `hale fleet enroll` and `hale fleet revoke` out of "
	      "DIR/members.\nusers: [\n",
	      to);
}

void config_hosts(const struct members *m, FILE *to)
{
	write_list_head(to);
	for (size_t i = 0; i < m->n; i++) {
		const struct member *h = &m->list[i];
		const char *k = h->key;

		if (h->role != MEMBER_HOST)
			continue;
		fprintf(to,
			"  # %s\n  {nkey: %s, permissions: {\n"
			"    publish: [\"up.state.%s\", \"up.findings.%s\",\n"
			"      \"up.builds.%s\", \"up.orders.%s\"],\n"
			"    subscribe: [\"_INBOX_%s.>\", "
			"\"down.orders.%s\"]}}\n",
			h->name, k, k, k, k, k, k, k);
	}
	fputs("]\n", to);
}

/* A consumer's messages go where its maker says, so even this is a trust: see
 * docs/guide-fleet.md. It may make consumers, and change no stream. */
static const char reader_may[] =
	"    publish: [\"$JS.API.INFO\", \"$JS.API.STREAM.INFO.*\",\n"
	"      \"$JS.API.STREAM.NAMES\", \"$JS.API.STREAM.LIST\",\n"
	"      \"$JS.API.STREAM.MSG.GET.*\", \"$JS.API.DIRECT.GET.>\",\n"
	"      \"$JS.API.CONSUMER.>\", \"$JS.ACK.>\", \"$JS.FC.>\",\n"
	"      \"liveness.connz\"],\n"
	"    subscribe: \">\"}}\n";

static const char operator_may[] =
	"    publish: {\n"
	"      allow: [\"$JS.API.>\", \"$JS.ACK.>\", \"$JS.FC.>\", "
	"\"orders.*\",\n"
	"        \"liveness.connz\"],\n"
	"      deny: [\"$JS.API.STREAM.DELETE.*\", "
	"\"$JS.API.STREAM.PURGE.*\",\n"
	"        \"$JS.API.STREAM.MSG.DELETE.*\"]},\n"
	"    subscribe: \">\"}}\n";

void config_users(const struct members *m, FILE *to)
{
	write_list_head(to);
	for (size_t i = 0; i < m->n; i++) {
		const struct member *u = &m->list[i];

		if (u->role != MEMBER_OPERATOR && u->role != MEMBER_READER)
			continue;
		fprintf(to, "  # %s, %s\n  {nkey: %s, permissions: {\n%s",
			u->name, member_role_name(u->role), u->key,
			u->role == MEMBER_READER ? reader_may : operator_may);
	}
	fputs("]\n", to);
}

void config_system(const struct members *m, FILE *to)
{
	write_list_head(to);
	for (size_t i = 0; i < m->n; i++) {
		if (m->list[i].role == MEMBER_SYSTEM)
			fprintf(to, "  # %s\n  {nkey: %s}\n", m->list[i].name,
				m->list[i].key);
	}
	fputs("]\n", to);
}

void config_unit(const char *place, const char *store, FILE *to)
{
	fprintf(to,
		"# SPDX-License-Identifier: Apache-2.0\n"
		"[Unit]\n"
		"Description=NATS server of a hale fleet\n"
		"Wants=network-online.target\n"
		"After=network-online.target\n\n"
		"[Service]\n"
		"ExecStart=/usr/sbin/nats-server -c %s/nats.conf\n"
		"ExecReload=/bin/kill -HUP $MAINPID\n"
		"User=nats\nGroup=nats\n"
		"Restart=always\nRestartSec=2\n"
		"LimitNOFILE=200000\n"
		"NoNewPrivileges=yes\nProtectSystem=strict\n"
		"ProtectHome=yes\nPrivateTmp=yes\nPrivateDevices=yes\n"
		"ReadWritePaths=%s %s\n\n"
		"[Install]\n"
		"WantedBy=multi-user.target\n",
		place, place, store);
}

void config_context(const struct layout *l, enum member_role role, FILE *to)
{
	fprintf(to,
		"# The %s of fleet %s: `hale fleet ls` and others.\n"
		"[fleet]\nname = %s\nservers = ",
		member_role_name(role), l->name, l->name);
	for (size_t i = 0; i < l->n_nodes; i++) {
		fputs(i ? ", " : "", to);
		layout_server(l, i, to);
	}
	fputs("\nca = ca.pem\nseed = user.nk\n", to);
	if (role == MEMBER_OPERATOR)
		fputs("operator = user.nk\n", to);
}

static void write_labels(const char *labels, FILE *to)
{
	while (*labels) {
		size_t n = strcspn(labels, ",");

		fprintf(to, "labels = %.*s\n", (int)n, labels);
		labels += n + (labels[n] == ',');
	}
}

void config_host(const struct layout *l, const struct members *m,
		 const struct config_host *h, FILE *to)
{
	fputs("[fleet]\n", to);
	for (size_t i = 0; i < l->n_nodes; i++) {
		fputs("servers = ", to);
		layout_server(l, i, to);
		fputc('\n', to);
	}
	fprintf(to, "ca = %s/ca.pem\nseed = %s/host.nk\n", h->folder,
		h->folder);
	if (strcmp(h->labels, "-") != 0)
		write_labels(h->labels, to);
	for (size_t i = 0; i < m->n; i++) {
		if (m->list[i].role == MEMBER_OPERATOR)
			fprintf(to, "obey = %s\n", m->list[i].key);
	}
}
