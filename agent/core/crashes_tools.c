/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which programs a crash of is telling: tools that builds run by the thousand
 * and that hardly ever crash by themselves. Decides by where they are installed
 * and by their names, target and version left out. A program of the same name
 * that somebody has built is not one of them.
 */
#include "crashes.h"

/* What has its own heap to fill, and so meets a bad cell: compilers, linkers,
 * interpreters, and what packs and copies. No browsers and no daemons: those
 * crash by themselves. No emulators: what crashes is inside. */
static const char *const tools[] = {
	"apt",	   "apt-get", "ar",	  "as",	     "asm",    "autoconf",
	"awk",	   "bash",    "bison",	  "bzip2",   "cargo",  "cc1",
	"cc1obj",  "cc1plus", "clang",	  "clang++", "cmake",  "collect2",
	"compile", "cp",      "cpp",	  "ctest",   "curl",   "dash",
	"dnf",	   "dpkg",    "dpkg-deb", "find",    "flex",   "g++",
	"gawk",	   "gcc",     "ghc",	  "git",     "go",     "grep",
	"gzip",	   "install", "kotlinc",  "ld",	     "ld.bfd", "ld.gold",
	"ld.lld",  "link",    "lld",	  "lto1",    "m4",     "make",
	"mawk",	   "meson",   "mold",	  "nasm",    "ninja",  "nm",
	"node",	   "objcopy", "objdump",  "perl",    "php",    "pkg-config",
	"protoc",  "python",  "ranlib",	  "readelf", "rm",     "rpm",
	"rsync",   "ruby",    "rustc",	  "rustdoc", "sed",    "sh",
	"sort",	   "strip",   "swiftc",	  "tar",     "tic",    "tsc",
	"unzip",   "xz",      "yasm",	  "zip",     "zsh",    "zstd",
};

/* These load what projects bring along, native extensions and all. */
static const char *const interpreters[] = { "node",   "perl", "php",
					    "python", "ruby", "tsc" };

/* Folders that only who administers a system can write to. */
static const char *const places[] = { "/usr/", "/bin/",	  "/sbin/",
				      "/lib/", "/lib64/", "/nix/store/" };

/* "/usr/local" and "/opt" hold what somebody built, as often as not. */
static bool is_installed(const char *path)
{
	if (strncmp(path, "/usr/local/", 11) == 0)
		return false;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(places); i++) {
		if (strncmp(path, places[i], strlen(places[i])) == 0)
			return true;
	}
	return false;
}

static size_t without_version(const char *name)
{
	size_t len = strlen(name);

	while (len > 1 && strchr("0123456789.-", name[len - 1]))
		len--;
	return len;
}

static const char *find(const char *name, size_t len)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(tools); i++) {
		if (strlen(tools[i]) == len &&
		    strncmp(tools[i], name, len) == 0)
			return tools[i];
	}
	return NULL;
}

const char *crashes_tool(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *target = strstr(name, "-gnu-");
	const char *tool;

	if (slash && !is_installed(path))
		return NULL;
	if (target)
		name = target + strlen("-gnu-");
	/* "cc1" and "lto1" end in what looks like a version */
	tool = find(name, strlen(name));
	return tool ? tool : find(name, without_version(name));
}

bool crashes_interprets(const char *name)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(interpreters); i++) {
		if (strcmp(interpreters[i], name) == 0)
			return true;
	}
	return false;
}
