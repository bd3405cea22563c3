/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What anyone may send to the store: a StoreRequest of any bytes. Whatever is
 * accepted is printable, of its sender, and packs again; what others may see of
 * it holds no command. While the store takes nothing each request is answered
 * by one reply all the same, and what waits keeps its bounds.
 */
#include <sys/socket.h>

#include "hale/base.h"
#include "hale/repo.h"
#include "hale/text.h"

#include "agent/ship/ship.h"
#include "proto/codec_read.h"

#define NOW (UINT64_C(1795303800) * HALE_NS_PER_S)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t arena[768 * 1024], packed[1 << 20];

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void take(struct codec_arena *a, Hale__V1__BuildResult *m)
{
	if (told_clean(a, m, "here", 1000, NOW))
		return;
	must(m->uid == 1000);
	must(hale_text_printable(m->headline, strlen(m->headline) + 1));
	must(strchr(m->repo, '@') == NULL || strlen(m->repo) > 0);
	for (size_t i = 0; i < m->n_command; i++)
		must(hale_text_printable(m->command[i],
					 strlen(m->command[i]) + 1));
	must(codec_pack(m, packed, sizeof(packed)) > 0);
	told_to_others(m);
	must(m->n_command == 0);
	for (size_t i = 0; i < m->n_attempts; i++)
		must(m->attempts[i]->n_command == 0);
	must(codec_pack(m, packed, sizeof(packed)) > 0);
}

/* How many replies lie in the socket. */
static uint32_t count_replies(int fd)
{
	struct codec_arena a = { .mem = arena, .size = sizeof(arena) };
	Hale__V1__StoreReply *m;
	uint32_t n = 0;
	ssize_t len;

	while ((len = recv(fd, packed, sizeof(packed), MSG_DONTWAIT)) > 0) {
		a.used = 0;
		must(codec_unpack(&hale__v1__store_reply__descriptor, &a,
				  packed, (size_t)len, &m) == 0);
		n++;
	}
	return n;
}

static void ask(const uint8_t *data, size_t size)
{
	static struct ship ship = { .agent_fd = -1, .gate_fd = -1 };
	static int pair[2] = { -1, -1 };
	struct ship_client *c = &ship.clients[0];

	if (pair[0] < 0)
		must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				pair) == 0);
	*c = (struct ship_client){ .fd = pair[0], .uid = 1000 };
	memset(ship.users, 0, sizeof(ship.users));
	answer_request(&ship, c, data, size);
	if (c->asking)
		client_write(&ship, c);
	must(c->fd >= 0 && !c->asking && count_replies(pair[1]) == 1);
	must(ship.pending.n <= PENDING_PER_USER);
	must(ship.pending.bytes <= PENDING_BYTES_MAX);
	if (ship.pending.n == PENDING_PER_USER)
		pending_done(&ship.pending);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct codec_arena a = { .mem = arena, .size = sizeof(arena) };
	Hale__V1__StoreRequest *m;
	char repo[HALE_REPO_MAX];

	if (size <= SHIP_MESSAGE_MAX)
		ask(data, size);
	if (codec_unpack(&hale__v1__store_request__descriptor, &a, data, size,
			 &m) < 0)
		return 0;
	if (m->body_case == HALE__V1__STORE_REQUEST__BODY_RECORD)
		take(&a, m->record);
	else if (m->body_case == HALE__V1__STORE_REQUEST__BODY_HISTORY)
		hale_repo_name(m->history->repo, repo);
	else if (m->body_case == HALE__V1__STORE_REQUEST__BODY_NEEDS)
		hale_repo_name(m->needs->repo, repo);
	return 0;
}
