/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which words of a compiler's command are known to do nothing but compile.
 * Decides by a list of what is allowed, because what compilers can be made to
 * run, load or write has no end: what is not known here is refused, and then
 * all of the build is run again instead. Pure. Must never look at one word
 * where the one before gives it its meaning: those that take a value are here
 * only where any value will do.
 */
#include "hale/base.h"

#include "crash_allow.h"
#include "crash_tool.h"

/* --- compilers of C and its like
 * ------------------------------------------------------------- */

static const char *const drivers[] = { "-D*",
				       "-U*",
				       "-I*",
				       "-L*",
				       "-l*",
				       "-O*",
				       "-std=*",
				       "-ansi",
				       "-E",
				       "-S",
				       "-c",
				       "-s",
				       "-v",
				       "-w",
				       "-P",
				       "-r",
				       "-n",
				       "-N",
				       "-q",
				       "-Q",
				       "-pipe",
				       "-quiet",
				       "-version",
				       "-undef",
				       "-pedantic*",
				       "-x*",
				       "-isystem*",
				       "-iquote*",
				       "-include*",
				       "-idirafter*",
				       "-pie",
				       "-no-pie",
				       "-imacros*",
				       "-isysroot",
				       "-nostdinc*",
				       "-static",
				       "-static-*",
				       "-nostdlib*",
				       "-nolibc",
				       "-nodefaultlibs",
				       "-shared",
				       "-shared-*",
				       "-rdynamic",
				       "-symbolic",
				       "-nostartfiles",
				       "-pthread",
				       "-pthreads",
				       "-target",
				       "--target=*",
				       "-imultiarch",
				       "-imultilib",
				       "--param",
				       "--param=*",
				       "-traditional*",
				       "-arch",
				       "-cc1",
				       "-triple",
				       "-emit-obj",
				       "-objc*",
				       "-dynamiclib",
				       "-target-cpu",
				       "-tune-cpu",
				       "-target-feature",
				       "-main-file-name",
				       "-disable-free",
				       "-clear-ast-before-backend",
				       "-mrelocation-model",
				       "-pic-level",
				       "-pic-is-pie",
				       "-disable-llvm-verifier",
				       "-discard-value-names",
				       "-internal-isystem",
				       "-resource-dir",
				       "-internal-externc-isystem",
				       "-debugger-tuning=*",
				       "-z",
				       "-coverage",
				       "--coverage",
				       NULL };

/* Of -f: what loads, runs or writes a file that it names, or the source. */
static const char *const features_refused[] = { "-fplugin*",
						"-fpass-plugin*",
						"-fmodule*",
						"-fdump*",
						"-fopt*",
						"-fprofile*",
						"-fcs-*",
						"-fsave*",
						"-fdiagnostics-format*",
						"-fdiagnostics-add*",
						"-fdiagnostics-set*",
						"-fcrash*",
						"-ftime-trace*",
						"-fltrans*",
						"-fresolution*",
						"-fself*",
						"-fcompare-debug*",
						"-fproc*",
						"-fixit*",
						"-foffload*",
						"-fada*",
						"-fauto*",
						"-fembed*",
						"-fxray*",
						"-findex*",
						"-fthin*",
						"-fwpa*",
						"-fcallgraph*",
						"-mllvm*",
						"-mlinker*",
						"-fbuild-session*",
						"-fmerge-functions*",
						NULL };

static const char *const maps[] = {
	"-ffile-prefix-map=*",		"-fdebug-prefix-map=*",
	"-fmacro-prefix-map=*",		"-fdebug-compilation-dir=*",
	"-fcoverage-compilation-dir=*", NULL
};

/* A linker's, by name in full: it takes any beginning of one as well. */
static const char *const linkers[] = { "-z",
				       "-rpath",
				       "-rpath=*",
				       "--rpath=*",
				       "-rpath-link*",
				       "-R",
				       "-soname*",
				       "--soname=*",
				       "-h",
				       "-m",
				       "-dynamic-linker",
				       "--dynamic-linker=*",
				       "-O*",
				       "-E",
				       "-s",
				       "-S",
				       "-x",
				       "-X",
				       "--as-needed",
				       "--no-as-needed",
				       "--build-id*",
				       "--hash-style=*",
				       "--gc-sections",
				       "--no-gc-sections",
				       "--start-group",
				       "--end-group",
				       "-(",
				       "-)",
				       "--whole-archive",
				       "--no-whole-archive",
				       "--no-undefined",
				       "--export-dynamic",
				       "-export-dynamic",
				       "--version-script*",
				       "--dynamic-list=*",
				       "--exclude-libs*",
				       "--eh-frame-hdr",
				       "-Bstatic",
				       "-Bdynamic",
				       "-Bsymbolic*",
				       "--enable-new-dtags",
				       "--disable-new-dtags",
				       "--fatal-warnings",
				       "--warn-*",
				       "--no-warn-*",
				       "--sort-*",
				       "--strip-*",
				       "--defsym=*",
				       "--wrap=*",
				       "--allow-*",
				       "--push-state",
				       "--pop-state",
				       "--undefined=*",
				       "-u",
				       "--icf=*",
				       "--threads*",
				       "--no-threads",
				       "-T",
				       "-e",
				       "--entry=*",
				       "-pie",
				       "-shared",
				       "-static",
				       "-V",
				       "-v",
				       "-g",
				       NULL };

static const char *const assemblers[] = { "--noexecstack",
					  "--fatal-warnings",
					  "--no-warn",
					  "-mrelax*",
					  "-march=*",
					  "-mtune=*",
					  "-mcpu=*",
					  "--32",
					  "--64",
					  "--x32",
					  "-W",
					  "-I*",
					  "-g*",
					  "--gdwarf*",
					  "--compress-debug-sections*",
					  "-mbranches*",
					  "-mx86*",
					  "--generate-missing*",
					  NULL };

static const char *const preprocessors[] = { "-D*", "-U*", "-I*", NULL };

/* "-Wl,-z,relro": each of them. Values, which begin with no '-', are files to
 * be read and names; '@' is a file of more options. */
static bool are_listed(const char *word, const char *const *list)
{
	for (const char *at = word + strlen("-Wl,"); *at;) {
		size_t len = strcspn(at, ",");

		if (at[0] == '@' ||
		    (at[0] == '-' && !crash_is_listed(at, len, list)))
			return false;
		at += len + (at[len] == ',');
	}
	return true;
}

/* "-fstack-protector-strong", "-march=native"; a path is none. */
static bool is_feature(const char *word)
{
	if (crash_is_listed(word, strlen(word), maps))
		return true;
	return !crash_is_listed(word, strlen(word), features_refused) &&
	       !strpbrk(word, "/@");
}

static bool is_compilers(const char *word)
{
	if (strncmp(word, "-Wl,", 4) == 0)
		return are_listed(word, linkers);
	if (strncmp(word, "-Wa,", 4) == 0)
		return are_listed(word, assemblers);
	if (strncmp(word, "-Wp,", 4) == 0)
		return are_listed(word, preprocessors);
	if (word[1] == 'f' || word[1] == 'm')
		return is_feature(word);
	if (word[1] == 'W' || word[1] == 'g')
		return !strpbrk(word, "/@");
	return crash_is_listed(word, strlen(word), drivers);
}

bool crash_is_listed(const char *word, size_t len, const char *const *list)
{
	for (; *list; list++) {
		size_t n = strlen(*list);
		bool open = (*list)[n - 1] == '*';

		n -= open;
		if (len >= n && memcmp(word, *list, n) == 0 &&
		    (open || len == n))
			return true;
	}
	return false;
}

bool crash_word_allowed(char *const *words, size_t i, const char *cwd)
{
	const char *slash = strrchr(words[0], '/');
	const char *name = slash ? slash + 1 : words[0];
	const char *word = words[i];

	if (word[0] == '@')
		return false;
	if (word[0] != '-')
		return true;
	if (strstr(name, "rustc"))
		return crash_rustc_word_allowed(word, words[i + 1], cwd);
	if (strstr(name, "ld") || strcmp(name, "mold") == 0)
		return crash_is_listed(word, strlen(word), linkers) ||
		       strncmp(word, "-L", 2) == 0 ||
		       strncmp(word, "-l", 2) == 0;
	if (strcmp(name, "as") == 0)
		return crash_is_listed(word, strlen(word), assemblers);
	return is_compilers(word);
}
