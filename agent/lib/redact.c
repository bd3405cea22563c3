/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets out of commands and log lines. Decides by the names of options and
 * variables, by the shape of URLs, and by the prefixes that well-known services
 * give their tokens, what is one. It errs towards hiding: a masked word harms
 * nobody. It cannot know a secret that looks like any other word. Invariant:
 * nothing of a masked value is in the output, not even its length.
 */
#include "hale/repo.h"

#include <ctype.h>

#include "hale/base.h"

static const char mask[] = "***";
/* Looked at so far for an '@': a text of nothing but URLs is read once. */
#define USERINFO_MAX 1024

struct output {
	char *text;
	size_t size, len;
};

static void put(struct output *o, const char *text, size_t len)
{
	if (o->size == 0)
		return;
	if (len > o->size - 1 - o->len)
		len = o->size - 1 - o->len;
	memcpy(o->text + o->len, text, len);
	o->len += len;
	o->text[o->len] = '\0';
}

/* --- names --- */

static bool has_word(const char *const *words, const char *text, size_t len)
{
	for (; *words; words++) {
		if (strlen(*words) == len &&
		    strncasecmp(*words, text, len) == 0)
			return true;
	}
	return false;
}

/* Where a name of this ends, its value is where the secret lies, or whose. */
static const char *const harmless_ends[] = { "stdin", "file", "path", "dir",
					     "env",   "name", "type", "url",
					     "ttl",   NULL };
static const char *const secret_words[] = {
	"token",      "password", "passwd",	 "pass",   "passphrase",
	"secret",     "secrets",  "apikey",	 "auth",   "authtoken",
	"credential", "pat",	  "credentials", "bearer", "authorization",
	"pwd",	      "cookie",	  "privatekey",	 NULL
};
/* "key" alone names many things; after these it is a secret. */
static const char *const key_owners[] = { "api",    "access",  "private",
					  "secret", "signing", "encryption",
					  "master", "account", "ssh",
					  NULL };

/* "npm_config__authToken": camel case counts as well as separators. */
static size_t word_end(const char *name, size_t from, size_t len)
{
	size_t i = from;

	while (i < len && isalnum((unsigned char)name[i]) &&
	       (i == from || !isupper((unsigned char)name[i]) ||
		isupper((unsigned char)name[i - 1])))
		i++;
	return i;
}

/* PWD and OLDPWD are folders. */
static bool is_folder_variable(const char *name, size_t len)
{
	return (len == 3 && memcmp(name, "PWD", 3) == 0) ||
	       (len == 6 && memcmp(name, "OLDPWD", 6) == 0);
}

static bool is_secret_name(const char *name, size_t len)
{
	bool secret = false, owner = false, harmless = false;
	size_t from = 0;

	if (is_folder_variable(name, len))
		return false;
	while (from < len) {
		size_t end = word_end(name, from, len), n = end - from;
		const char *word = name + from;

		if (n > 0) {
			secret |= has_word(secret_words, word, n);
			secret |= owner && n == 3 &&
				  strncasecmp(word, "key", 3) == 0;
			owner = has_word(key_owners, word, n);
			harmless = has_word(harmless_ends, word, n);
		}
		from = n > 0 && end < len && isupper((unsigned char)name[end])
			       ? end
			       : end + 1;
	}
	return secret && !harmless;
}

/* --- values within a word --- */

/* "ghp_", "AKIA": and at least so many more characters. */
static const struct {
	const char *prefix;
	size_t more;
} shapes[] = {
	{ "ghp_", 16 },	  { "gho_", 16 },     { "ghu_", 16 },
	{ "ghs_", 16 },	  { "ghr_", 16 },     { "github_pat_", 16 },
	{ "glpat-", 16 }, { "npm_", 30 },     { "pypi-", 32 },
	{ "xoxb-", 16 },  { "xoxp-", 16 },    { "dckr_pat_", 16 },
	{ "AKIA", 16 },	  { "ASIA", 16 },     { "AIza", 30 },
	{ "sk-", 20 },	  { "sk_live_", 16 }, { "eyJ", 40 },
	{ "hvs.", 20 },
};

static bool in_token(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

/* How long a token of a known shape at @text is; 0: none is there. */
static size_t token_len(const char *text, size_t len)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(shapes); i++) {
		size_t n = strlen(shapes[i].prefix), end = n;

		if (len <= n || memcmp(text, shapes[i].prefix, n) != 0)
			continue;
		while (end < len && in_token(text[end]))
			end++;
		if (end - n >= shapes[i].more)
			return end;
	}
	return 0;
}

/* Of "user:password@host" after "://": up to the last '@' before a '/'. A slash
 * within a password is against the rules of URLs; the '@' beyond it counts. */
static size_t userinfo_len(const char *text, size_t len)
{
	size_t found = 0, slash;
	const char *at;
	bool colon;

	len = len < USERINFO_MAX ? len : USERINFO_MAX;
	at = memchr(text, '/', len);
	slash = at ? (size_t)(at - text) : len;
	colon = memchr(text, ':', slash) != NULL;
	for (size_t i = 0; i < len; i++) {
		bool here = i < slash || (found == 0 && colon);

		if (here && text[i] == '@')
			found = i;
	}
	return found;
}

static bool in_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

/* Does a name that asks for a secret end right before @at? */
static bool named_before(const char *text, size_t at)
{
	size_t from = at;

	while (from > 0 && (text[from - 1] == '"' || text[from - 1] == '\''))
		from--;
	at = from;
	while (from > 0 && in_name(text[from - 1]))
		from--;
	return from < at && is_secret_name(text + from, at - from);
}

/* A value ends where a shell, a query or a list would end it. One that begins
 * with a quote ends with it, be it in a later word: @quote is set then. */
static size_t value_len(const char *text, size_t len, char *quote)
{
	size_t i = 0;

	if (len > 0 && (text[0] == '"' || text[0] == '\'')) {
		const char *end = memchr(text + 1, text[0], len - 1);

		*quote = end ? '\0' : text[0];
		return end ? (size_t)(end - text) + 1 : len;
	}
	while (i < len && !strchr("&;,|<>()", text[i]))
		i++;
	return i;
}

/* One word without blanks. */
static void put_word(struct output *o, const char *text, size_t len,
		     char *quote)
{
	size_t i = 0;

	while (i < len) {
		bool begins = i == 0 || !in_token(text[i - 1]);
		size_t n = begins ? token_len(text + i, len - i) : 0;

		if (n > 0) {
			put(o, mask, 3);
			i += n;
			continue;
		}
		put(o, text + i, 1);
		i++;
		if (i >= 3 && memcmp(text + i - 3, "://", 3) == 0)
			n = userinfo_len(text + i, len - i);
		else if ((text[i - 1] == '=' || text[i - 1] == ':') &&
			 named_before(text, i - 1))
			n = value_len(text + i, len - i, quote);
		else
			n = 0;
		if (n > 0)
			put(o, mask, 3);
		i += n;
	}
}

/* --- words of a command --- */

static bool is_numeric_user(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)text[i]) && text[i] != ':')
			return false;
	}
	return true;
}

/* What this word makes of the one after it. */
static void look_ahead(struct hale_redact *r, const char *text, size_t len)
{
	static const char *const schemes[] = { "bearer", "basic", NULL };
	const char *name = text + strspn(text, "-\"'");
	size_t n = len - (size_t)(name - text);

	r->next = r->user = false;
	if (n > len || memchr(text, '=', len))
		return;
	while (n > 0 && strchr("\"'", name[n - 1]))
		n--;
	if (n > 0 && name[n - 1] == ':') /* "Authorization: …" */
		r->next = is_secret_name(name, n - 1);
	else if (text[0] == '-')
		r->next = is_secret_name(name, n);
	else
		r->next = has_word(schemes, name, n);
	r->user = text[0] == '-' && ((len == 2 && text[1] == 'u') ||
				     (n == 4 && memcmp(name, "user", 4) == 0));
}

static const char *const auth_schemes[] = { "bearer", "basic", "token", NULL };

/* The rest of a value whose quote was opened in an earlier word. */
static size_t skip_quoted(struct hale_redact *r, const char *text, size_t len)
{
	const char *end = memchr(text, r->quote, len);

	if (end)
		r->quote = '\0';
	return end ? (size_t)(end - text) + 1 : len;
}

static void take_word(struct hale_redact *r, struct output *o, const char *text,
		      size_t len)
{
	size_t skip = r->quote ? skip_quoted(r, text, len) : 0;
	bool pair;

	text += skip;
	len -= skip;
	if (len == 0)
		return;
	pair = r->user && memchr(text, ':', len) && !is_numeric_user(text, len);
	if (r->next && has_word(auth_schemes, text, len)) {
		put(o, text, len); /* the word after it is the secret */
		return;
	}
	if ((r->next && text[0] != '-') || pair) {
		put(o, mask, 3);
		r->next = r->user = false;
		if (text[0] == '"' || text[0] == '\'')
			value_len(text, len, &r->quote);
		return;
	}
	put_word(o, text, len, &r->quote);
	look_ahead(r, text, len);
}

/* A whole word of a command that is a secret, blanks and all: the value of the
 * option before it, or what follows NAME=. Returns how much of it is not. */
static size_t plain_part(struct hale_redact *r, const char *text)
{
	size_t len = strlen(text), name = 0;
	size_t scheme = strcspn(text, " ");
	bool pair = r->user && strchr(text, ':') && !is_numeric_user(text, len);

	while (in_name(text[name]))
		name++;
	if (r->next && text[scheme] && has_word(auth_schemes, text, scheme))
		return scheme + 1;
	if ((r->next && strncmp(text, "--", 2) != 0) || pair)
		return 0;
	if (text[name] == '=' && text[name + 1] && named_before(text, name))
		return name + 1;
	return len;
}

static void take_text(struct hale_redact *r, struct output *o, const char *text,
		      size_t len)
{
	const char *end = text + len;

	while (text < end) {
		size_t blanks = strspn(text, " \t\r\n"), n;

		blanks = blanks < (size_t)(end - text) ? blanks
						       : (size_t)(end - text);
		if (!r->quote)
			put(o, text, blanks);
		text += blanks;
		n = strcspn(text, " \t\r\n");
		n = n < (size_t)(end - text) ? n : (size_t)(end - text);
		if (n > 0)
			take_word(r, o, text, n);
		text += n;
	}
}

void hale_redact(struct hale_redact *r, const char *text, char *ret_text,
		 size_t size)
{
	struct hale_redact alone = { .next = false };
	struct output o = { .text = ret_text, .size = size };
	size_t len = strlen(text), plain = r ? plain_part(r, text) : len;

	if (size > 0)
		ret_text[0] = '\0';
	if (!r)
		r = &alone;
	r->quote = '\0';
	if (plain == len) {
		take_text(r, &o, text, len);
		return;
	}
	/* "--token=" names what was masked, not what comes */
	put(&o, text, plain);
	put(&o, mask, 3);
	r->next = r->user = false;
}
