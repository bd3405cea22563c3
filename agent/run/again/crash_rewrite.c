/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a compiler's command safe to be run once more. Decides which options
 * name an output (they go to a folder of our own, or are left out), which are
 * refused by name for a clear word of why, and leaves all others to the list of
 * what is allowed (crash_allow.c). A log is text that anybody may have written:
 * a compiler that only compiles is all that it may start. Invariant: no word of
 * the result is unknown, or names a file to be written outside of that folder;
 * the kernel's own bar (crash_run.c) stands behind it.
 */
#include <errno.h>

#include "hale/base.h"
#include "hale/text.h"

#include "crash_tool.h"
#include "words.h"

enum what {
	KEEP = 0,
	DROP,	   /* the word */
	DROP_TWO,  /* and the next */
	OUTPUT,	   /* the next word is the output */
	OUTPUT_IN, /* the word's rest is */
	OUT_DIR,   /* the next word is the folder of outputs */
	REFUSE
};

static const struct option_of_compiler {
	const char *text;
	bool whole; /* it is all of the word, not its beginning */
	enum what what;
} options[] = {
	/* that run or load what they name */
	{ "@", false, REFUSE }, /* words from a file */
	{ "-wrapper", false, REFUSE },
	{ "-fplugin", false, REFUSE },
	{ "-fpass-plugin", false, REFUSE },
	{ "-iplugindir", false, REFUSE },
	{ "-load", false, REFUSE },
	{ "--load", false, REFUSE },
	{ "-plugin", false, REFUSE },
	{ "--plugin", false, REFUSE },
	{ "-Wl,-plugin", false, REFUSE },
	{ "-Wl,--plugin", false, REFUSE },
	{ "-specs", false, REFUSE },
	{ "--specs", false, REFUSE },
	{ "--config", false, REFUSE },
	{ "-config", false, REFUSE },
	{ "-fuse-ld=/", false, REFUSE },
	{ "--ld-path", false, REFUSE },
	{ "-fmodule-mapper", false, REFUSE },
	{ "-Clinker", false, REFUSE },
	{ "linker=", false, REFUSE },
	{ "--codegen", false, REFUSE },
	{ "-Z", false, REFUSE },
	{ "codegen-backend", false, REFUSE },
	{ "-", true, REFUSE }, /* what was its input is gone */
	/* outputs; the longer of two that begin alike comes first */
	{ "-opt-record-file", true, DROP_TWO },
	{ "-Map=", false, DROP },
	{ "-Map", true, DROP_TWO },
	{ "-o", true, OUTPUT },
	{ "--output", true, OUTPUT },
	{ "--output=", false, OUTPUT_IN },
	{ "--out-dir", true, OUT_DIR },
	{ "-object", true, KEEP },
	{ "-objc", false, KEEP },
	{ "-o", false, OUTPUT_IN },
	{ "-MF", true, DROP_TWO },
	{ "-MT", true, DROP_TWO },
	{ "-MQ", true, DROP_TWO },
	{ "-MJ", true, DROP_TWO },
	{ "-M", false, DROP },
	{ "-dependency-file", true, DROP_TWO },
	{ "-serialize-diagnostic", false, REFUSE },
	{ "-diagnostic-log-file", true, DROP_TWO },
	{ "-coverage-notes-file", true, DROP_TWO },
	{ "-coverage-data-file", true, DROP_TWO },
	{ "-coverage-notes-file=", false, DROP },
	{ "-coverage-data-file=", false, DROP },
	{ "-split-dwarf-file", true, DROP_TWO },
	{ "-split-dwarf-output", true, DROP_TWO },
	{ "-dumpdir", true, DROP_TWO },
	{ "-auxbase-strip", true, OUTPUT },
	{ "-save-temps", false, DROP },
	{ "--save-temps", false, DROP },
	{ "-fdump-", false, DROP },
	{ "-d", true, DROP },
	{ "-Wp,-MD,", false, DROP },
	{ "-Wp,-MMD,", false, DROP },
	{ "-Wa,-a", false, DROP },
	{ "-Wl,-Map", false, DROP },
	{ "-Wl,--Map", false, DROP },
	{ "-Wl,--dependency-file", false, DROP },
	{ "--out-implib", false, REFUSE },
	{ "-Wl,--out-implib", false, REFUSE },
	{ "-Cincremental", false, DROP },
	{ "incremental=", false, DROP },
	{ "-fmodule-output", false, REFUSE },
	{ "-fmodules-cache-path", false, REFUSE },
	{ "-foptimization-record-file", false, DROP },
	{ "-fsave-optimization-record", false, DROP },
	{ "-ftime-trace", false, DROP },
	{ "-stats-file", false, DROP },
};

static bool fits(const struct option_of_compiler *o, const char *word)
{
	return o->whole ? strcmp(word, o->text) == 0
			: strncmp(word, o->text, strlen(o->text)) == 0;
}

static enum what what_is(const char *word)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(options); i++) {
		if (fits(&options[i], word))
			return options[i].what;
	}
	return KEEP;
}

/* What a compiler loads by name: of Rust's macros, and of nothing else. */
static bool loads_from_elsewhere(const char *word, const char *cwd)
{
	const char *path = strchr(word, '='), *end = strrchr(word, '.');
	size_t len = strlen(cwd);

	path = path ? path + 1 : word;
	if (!end || strcmp(end, ".so") != 0 || path[0] != '/')
		return false;
	return strncmp(path, cwd, len) != 0 || path[len] != '/' ||
	       strstr(path, "/../") != NULL;
}

/* gcc's -B names where its programs are; ld's -Bstatic does not. */
static bool is_prefix(const char *word)
{
	return strncmp(word, "-B", 2) == 0 && strcmp(word, "-Bstatic") != 0 &&
	       strcmp(word, "-Bdynamic") != 0 &&
	       strncmp(word, "-Bsymbolic", 10) != 0;
}

/* "--emit=link=/path" writes there; "--emit=dep-info,link" does not. */
static bool emits_to(const char *word)
{
	return strncmp(word, "--emit=", 7) == 0 && strchr(word + 7, '=');
}

static int refuse(const char *word, char *ret_why)
{
	char text[HALE_EVIDENCE_MAX];

	snprintf(text, sizeof(text), "its option %.80s", word);
	hale_print_text(ret_why, HALE_EVIDENCE_MAX, text, strlen(text));
	return -EPERM;
}

struct rewriting {
	const char *dir, *cwd;
	char **out;
	size_t n;
	bool named; /* an output was */
};

static int put(struct rewriting *w, const char *word)
{
	w->out[w->n] = strdup(word);
	return w->out[w->n++] ? 0 : -ENOMEM;
}

static int put_output(struct rewriting *w, const char *option, bool folder)
{
	char path[HALE_PATH_MAX + 8];

	snprintf(path, sizeof(path), folder ? "%s" : "%s/out", w->dir);
	w->named = true;
	return put(w, option) < 0 || put(w, path) < 0 ? -ENOMEM : 0;
}

/* One word, or two: moves *i on to the last of them. */
static int rewrite_word(struct rewriting *w, char *const *words, size_t *i,
			char *ret_why)
{
	const char *word = words[*i], *next = words[*i + 1];
	enum what what = what_is(word);

	/* -C linker=x, --extern x=y.so: seen when it is their turn */
	if (what == REFUSE ||
	    (what != KEEP && what != DROP && what != OUTPUT_IN && !next))
		return refuse(word, ret_why);
	if (strcmp(word, "-C") == 0 && next && what_is(next) == DROP) {
		(*i)++;
		return 0;
	}
	switch (what) {
	case KEEP:
		if (!crash_word_allowed(words, *i, w->cwd))
			return refuse(word, ret_why);
		return put(w, word);
	case DROP_TWO:
		(*i)++;
		return 0;
	case OUTPUT:
	case OUT_DIR:
		(*i)++;
		return put_output(w, word, what == OUT_DIR);
	case OUTPUT_IN:
		return put_output(w, "-o", false);
	case DROP:
	case REFUSE:
		break;
	}
	return 0;
}

static bool is_rustc(const char *program)
{
	return strstr(program, "rustc") != NULL;
}

static int rewrite(struct rewriting *w, char *const *words, const char *cwd,
		   char *ret_why)
{
	int r = put(w, words[0]);

	for (size_t i = 1; words[i] && r == 0; i++) {
		if (is_prefix(words[i]) || emits_to(words[i]) ||
		    loads_from_elsewhere(words[i], cwd))
			return refuse(words[i], ret_why);
		r = rewrite_word(w, words, &i, ret_why);
	}
	if (r == 0 && !w->named)
		r = is_rustc(words[0]) ? put_output(w, "--out-dir", true)
				       : put_output(w, "-o", false);
	return r;
}

int crash_rewrite(char *const *words, const char *dir, const char *cwd,
		  char ret_why[HALE_EVIDENCE_MAX], char ***ret_words)
{
	struct rewriting w = { .dir = dir, .cwd = cwd };
	int r;

	/* each word becomes two at most, and two are added */
	w.out = calloc(2 * words_count(words) + 3, sizeof(*w.out));
	if (!w.out)
		return -ENOMEM;
	r = rewrite(&w, words, cwd, ret_why);
	if (r < 0) {
		words_free(w.out);
		return r;
	}
	*ret_words = w.out;
	return 0;
}
