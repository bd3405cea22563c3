/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which words of a rustc command do nothing but compile. Decides by a list, as
 * crash_allow.c does, and by where a library is: rustc loads macros, which are
 * programs, out of those. Must never take one that is not below the folder of
 * the build. Pure.
 */
#include "crash_allow.h"

#include "hale/base.h"

static const char *const rustcs[] = { "--crate-name*",
				      "--crate-type*",
				      "--edition*",
				      "--cfg*",
				      "--check-cfg*",
				      "--cap-lints*",
				      "--error-format*",
				      "--json*",
				      "--color*",
				      "--test",
				      "-v",
				      "--verbose",
				      "-g",
				      "-O",
				      "-A*",
				      "-W*",
				      "-D*",
				      "-F*",
				      "--allow*",
				      "--warn*",
				      "--deny*",
				      "--forbid*",
				      "--diagnostic-width*",
				      "--remap-path-prefix*",
				      "-l*",
				      NULL };

static const char *const codegen[] = { "opt-level=*",
				       "debuginfo=*",
				       "panic=*",
				       "codegen-units=*",
				       "metadata=*",
				       "extra-filename=*",
				       "embed-bitcode*",
				       "overflow-checks*",
				       "debug-assertions*",
				       "lto",
				       "lto=*",
				       "strip=*",
				       "target-cpu=*",
				       "target-feature=*",
				       "relocation-model=*",
				       "prefer-dynamic*",
				       "force-frame-pointers*",
				       "split-debuginfo=*",
				       "symbol-mangling-version=*",
				       "force-unwind-tables*",
				       "rpath*",
				       "link-dead-code*",
				       "code-model=*",
				       "instrument-coverage",
				       NULL };

/* Below the build's folder, said in full: macros are loaded from there. */
static bool is_below(const char *path, const char *cwd)
{
	size_t len = strlen(cwd);

	return strncmp(path, cwd, len) == 0 && path[len] == '/' &&
	       !strstr(path, "/../");
}

static bool is_library(const char *value, const char *cwd)
{
	const char *path = strrchr(value, '=');

	/* without a path it is looked for where -L says */
	return !strpbrk(value, "/@") || (path && is_below(path + 1, cwd));
}

static bool is_library_folder(const char *value, const char *cwd)
{
	const char *path = strchr(value, '=');

	return strncmp(value, "native=", 7) == 0 ||
	       is_below(path ? path + 1 : value, cwd);
}

/* What a word that takes a value says of it; @ret_known: it is such a word. */
static bool rustc_value(const char *word, const char *value, const char *cwd,
			bool *ret_known)
{
	*ret_known = true;
	if (strcmp(word, "--extern") == 0)
		return is_library(value, cwd);
	if (strcmp(word, "-L") == 0)
		return is_library_folder(value, cwd);
	if (strcmp(word, "-C") == 0)
		return crash_is_listed(value, strlen(value), codegen);
	if (strcmp(word, "--emit") == 0)
		return !strchr(value, '=');
	/* a file would describe a target, with its linker */
	if (strcmp(word, "--target") == 0)
		return !strpbrk(value, "/.");
	*ret_known = false;
	return false;
}

bool crash_rustc_word_allowed(const char *word, const char *value,
			      const char *cwd)
{
	static const char *const joined[] = { "--extern=", "--emit=",
					      "--target=", "-L", "-C" };
	bool known, right = rustc_value(word, value ? value : "", cwd, &known);

	if (known)
		return right && value;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(joined); i++) {
		size_t n = strlen(joined[i]);
		char name[16];

		if (strncmp(word, joined[i], n) != 0)
			continue;
		snprintf(name, sizeof(name), "%.*s",
			 (int)(n - (word[n - 1] == '=')), word);
		return rustc_value(name, word + n, cwd, &known);
	}
	return crash_is_listed(word, strlen(word), rustcs);
}
