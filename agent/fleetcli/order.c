/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale fleet quarantine` and `release`: an operator's word to hosts. Decides
 * who is said to have given it and what an operator is warned of. A host obeys
 * where its own hale.conf takes this operator's key and nowhere else, so this
 * must never say that it did before the host itself says so.
 */
#include <errno.h>
#include <pwd.h>
#include <sys/random.h>

#include "hale/base.h"

#include "agent/cli/args.h"
#include "agent/core/middle.h"
#include "agent/fleet/cap.h"
#include "fleetcli.h"
#include "look.h"
#include "nkey.h"

#define HOSTS_MAX ARGS_LIST_MAX

static const char quarantine_help[] =
	"usage: hale fleet quarantine HOST... --reason TEXT [OPTION]...\n"
	"Takes hosts out: all who look at the fleet see it, with who and "
	"why.\n"
	"Their own gates do not act on it yet.\n"
	"\n"
	"  --reason TEXT      for the record and for who meets it\n"
	"  --until TIME       2h, 3d or \"2026-11-22 18:00\"; else until "
	"released\n"
	"  --wait T           until all of them have obeyed, so long at most\n"
	"  --label NAME       warn by groups of this label (default: the "
	"fleet)\n"
	"  --context DIR      an operator's: DIR/operator of `hale fleet "
	"init`\n"
	"\n"
	"exit: 0, 1 no such host, 64 wrong usage, 69 not taken by the "
	"servers,\n"
	"75 --wait is over and not all have obeyed, 77 not an operator\n"
	"\n"
	"  hale fleet quarantine build-07 --until 3d --reason 'new DIMM "
	"comes'\n";

static const char release_help[] =
	"usage: hale fleet release HOST... [--reason TEXT] [--wait T]\n"
	"Ends a quarantine, of whomever it is.\n"
	"\n"
	"  --reason TEXT      for the record\n"
	"  --wait T           until all of them have obeyed, so long at most\n"
	"  --context DIR      an operator's: DIR/operator of `hale fleet "
	"init`\n"
	"\n"
	"exit: as hale fleet quarantine\n";

struct order {
	struct look look;
	struct look_options options;
	bool quarantine;
	const char *reason, *label;
	char who[128];
	uint64_t until_ns; /* 0: none */
	uint64_t issued_ns;
	uint32_t wait_ms;
	char seed[NKEY_SEED_SIZE];
	uint32_t hosts[HOSTS_MAX];
	size_t n;
};

/* "ada@desk": on whose word a host is out of service. */
static void who_asks(char ret[128])
{
	const char *sudo = getenv("SUDO_USER");
	const struct passwd *pw = getpwuid(getuid());
	char host[65] = "";

	if (gethostname(host, sizeof(host) - 1) < 0)
		host[0] = '\0';
	snprintf(ret, 128, "%.50s@%.64s",
		 sudo && sudo[0] ? sudo : (pw ? pw->pw_name : "?"), host);
}

static int fail(const struct order *o, int code, const char *text,
		const char *detail)
{
	return cli_fail(o->look.cli, code, text, detail);
}

/* --- the words --- */

static int read_until(const struct order *o, const char *word, uint64_t *ret)
{
	uint64_t ns, now = source_now_ns(o->look.source);
	int r;

	if (hale_duration_parse(word, &ns) == 0) {
		*ret = now + ns;
		return 0;
	}
	r = look_time(word, now, ret);
	return r == 0 && *ret <= now ? -ERANGE : r;
}

static int read_seed(struct order *o)
{
	const char *path = o->look.settings.operator_seed;
	int r;

	if (!path[0])
		return fail(o, CLI_EXIT_NOPERM,
			    "this context is no operator's: operator = is not "
			    "set in",
			    o->look.settings.from);
	r = nkey_read_seed(path, o->seed);
	if (r == -EPERM)
		return fail(o, CLI_EXIT_NOPERM,
			    "others may read this key (chmod 600)", path);
	if (r < 0)
		return fail(o, CLI_EXIT_NOPERM, path,
			    r == -EINVAL ? "no user's seed"
					 : strerrordesc_np(-r));
	return 0;
}

/* --- one order --- */

/* Length of a SignedOrder, or negative errno. @buf: 2 * FLEET_EVENT_MAX. */
static ssize_t make(struct order *o, const char *id, uint8_t *buf)
{
	Hale__Fleet__V1__SignedOrder s;
	Hale__Fleet__V1__Order m;
	uint8_t signature[NKEY_SIGNATURE_SIZE], number[FLEET_MESSAGE_ID];
	uint8_t *inner = buf + FLEET_EVENT_MAX;
	struct codec_arena a = { .mem = o->look.memory, .size = FLEET_ARENA };
	char key[NKEY_PUBLIC_SIZE];
	ssize_t n;

	hale__fleet__v1__order__init(&m);
	hale__fleet__v1__signed_order__init(&s);
	if (getrandom(number, sizeof(number), 0) != sizeof(number))
		return -EIO;
	m.message_id.data = number;
	m.message_id.len = sizeof(number);
	m.id = codec_borrow(id);
	m.action = o->quarantine ? HALE__FLEET__V1__ORDER__ACTION__QUARANTINE
				 : HALE__FLEET__V1__ORDER__ACTION__RELEASE;
	m.who = o->who;
	m.reason = codec_borrow(o->reason);
	m.issued_ns = o->issued_ns;
	m.until_ns = o->until_ns;
	n = fleet_pack(&a, FLEET_POLICY_DEFAULT, &m, inner,
		       FLEET_EVENT_MAX / 2);
	if (n < 0)
		return n;
	if (nkey_public(o->seed, key) < 0 ||
	    nkey_sign(o->seed, inner, (size_t)n, signature) < 0)
		return -EINVAL;
	s.order.data = inner;
	s.order.len = (size_t)n;
	s.signer = key;
	s.signature.data = signature;
	s.signature.len = sizeof(signature);
	a.used = 0;
	return fleet_pack(&a, FLEET_POLICY_DEFAULT, &s, buf, FLEET_EVENT_MAX);
}

static void warn_of_cap(const struct order *o, uint32_t host)
{
	const struct cap_options cap = { .label = o->label };
	struct cap_decision d;

	if (o->quarantine && cap_manual(o->look.picture, &cap, host, &d))
		fail(o, 0, d.why, NULL);
}

static int send_one(struct order *o, uint32_t host)
{
	char subject[FLEET_SUBJECT_MAX], said[SOURCE_SAID_MAX];
	uint8_t *bytes = o->look.memory + FLEET_ARENA;
	struct picture_row r;
	ssize_t n;

	if (!picture_row(o->look.picture, host, &r))
		return CLI_EXIT_NOTHING;
	warn_of_cap(o, host);
	n = make(o, r.id, bytes);
	if (n < 0)
		return fail(o, CLI_EXIT_SOFTWARE, "cannot make the order",
			    strerrordesc_np((int)-n));
	snprintf(subject, sizeof(subject), "orders.%.56s", r.id);
	if (source_put(o->look.source, subject, bytes, (size_t)n, said) < 0)
		return fail(o, HALE_EXIT_UNKNOWN, said, NULL);
	return 0;
}

/* --- whether they obey --- */

static bool obeyed(const struct order *o, uint32_t host)
{
	struct picture_row r;

	if (!picture_row(o->look.picture, host, &r))
		return false;
	return o->quarantine ? r.quarantine_holds
			     : r.quarantine == PICTURE_FREE;
}

static size_t obeyed_all(const struct order *o)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n; i++)
		n += obeyed(o, o->hosts[i]);
	return n;
}

static int await_all(struct order *o)
{
	uint64_t end =
		source_now_ns(o->look.source) + o->wait_ms * HALE_NS_PER_MS;
	struct source_event e;

	while (!o->look.fatal && obeyed_all(o) < o->n) {
		uint64_t now = source_now_ns(o->look.source);

		if (now >= end)
			return HALE_EXIT_UNFIT;
		if (source_await(o->look.source,
				 (int)((end - now) / HALE_NS_PER_MS) + 1, &e))
			look_take(&o->look, &e);
	}
	return o->look.fatal;
}

static void tell(const struct order *o)
{
	struct out out = { .color = cli_color(o->look.cli, STDOUT_FILENO) };
	struct picture_row r;

	for (size_t i = 0; i < o->n; i++) {
		bool done = o->wait_ms > 0 && obeyed(o, o->hosts[i]);

		if (!picture_row(o->look.picture, o->hosts[i], &r))
			continue;
		out_text(&out, r.name);
		out_raw(&out, o->quarantine ? ": quarantine" : ": release");
		out_raw(&out, done ? ", obeyed" : " ordered");
		if (r.verdict == PICTURE_SILENT)
			out_raw(&out, "; it is SILENT and hears of it when it "
				      "is back");
		else if (!done)
			out_raw(&out, "; who looks at the fleet sees it, its "
				      "own gate does not act on it yet");
		out_raw(&out, "\n");
	}
	out_flush(&out, STDOUT_FILENO);
	out_done(&out);
}

/* --- the commands --- */

static bool take_wait(struct order *o, const char *wait, int *ret_exit)
{
	uint64_t ns;

	if (!wait)
		return true;
	if (hale_duration_parse(wait, &ns) < 0 || ns / HALE_NS_PER_MS == 0 ||
	    ns / HALE_NS_PER_MS > INT32_MAX) {
		*ret_exit = fail(o, HALE_EXIT_USAGE,
				 "--wait wants a time like 30s, not", wait);
		return false;
	}
	o->wait_ms = (uint32_t)(ns / HALE_NS_PER_MS);
	return true;
}

static int find_hosts(struct order *o, const struct args_list *words)
{
	for (size_t i = 0; i < words->n; i++) {
		uint32_t host = look_host(&o->look, words->items[i]);

		if (host == PICTURE_NONE)
			return CLI_EXIT_NOTHING;
		o->hosts[o->n++] = host;
	}
	return 0;
}

static int look(struct order *o)
{
	const struct source_ask all = { .id = NULL };
	int r = look_open(&o->look, o->look.cli, &o->options);

	if (r == 0)
		r = read_seed(o);
	if (r == 0)
		r = look_follow(&o->look, SOURCE_STATE, &all);
	if (r == 0)
		r = look_past(&o->look);
	if (r == 0)
		r = look_follow(&o->look, SOURCE_ORDERS, &all);
	return r ? r : look_past(&o->look);
}

static int give(struct order *o, const struct args_list *words,
		const char *until)
{
	int r = look(o);

	if (r == 0 && until && read_until(o, until, &o->until_ns) < 0)
		r = fail(o, HALE_EXIT_USAGE,
			 "--until wants a time to come, like 2h or "
			 "\"2026-11-22 18:00\", not",
			 until);
	if (r == 0)
		r = find_hosts(o, words);
	if (r == 0)
		o->issued_ns = source_now_ns(o->look.source);
	for (size_t i = 0; r == 0 && i < o->n; i++)
		r = send_one(o, o->hosts[i]);
	if (r == 0 && o->wait_ms > 0)
		r = await_all(o);
	if (r == 0 || r == HALE_EXIT_UNFIT)
		tell(o);
	nkey_wipe(o->seed, sizeof(o->seed));
	return r;
}

static int run(struct order *o, const char *help, int argc, char **argv)
{
	const char *until = NULL, *wait = NULL;
	const struct args_option options[] = {
		{ "reason", ARGS_TEXT, &o->reason },
		{ "wait", ARGS_TEXT, &wait },
		{ "context", ARGS_TEXT, &o->options.context },
		{ "until", ARGS_TEXT, &until },
		{ "label", ARGS_TEXT, &o->label },
	};
	struct cli cli = *o->look.cli;
	struct args a = { .cli = &cli,
			  .help = help,
			  .options = options,
			  .n_options = o->quarantine ? 5 : 3,
			  .max_operands = HOSTS_MAX };
	int r;

	if (!args_parse(&a, argc - 1, argv + 1, &r) || !take_wait(o, wait, &r))
		return r;
	if (a.operands.n == 0)
		return fail(o, HALE_EXIT_USAGE, "wants a HOST: its name or id",
			    NULL);
	if (o->quarantine && !o->reason[0])
		return fail(o, HALE_EXIT_USAGE,
			    "wants --reason: who meets the host will ask",
			    NULL);
	who_asks(o->who);
	o->look.cli = &cli;
	r = give(o, &a.operands, until);
	look_spoiled(&o->look);
	look_close(&o->look);
	return r;
}

int fleet_quarantine(int argc, char **argv)
{
	static const struct cli cli = { .name = "fleet quarantine" };
	static struct order o = { .quarantine = true,
				  .reason = "",
				  .look.cli = &cli };

	return run(&o, quarantine_help, argc, argv);
}

int fleet_release(int argc, char **argv)
{
	static const struct cli cli = { .name = "fleet release" };
	static struct order o = { .reason = "", .look.cli = &cli };

	return run(&o, release_help, argc, argv);
}
