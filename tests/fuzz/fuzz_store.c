/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What anyone may send to the store: a StoreRequest of any bytes. Whatever is
 * accepted is printable, of its sender, and packs again; what others may see of
 * it holds no command.
 */
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct codec_arena a = { .mem = arena, .size = sizeof(arena) };
	Hale__V1__StoreRequest *m;
	char repo[HALE_REPO_MAX];

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
