/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of compilers and linkers. Decides which programs a log may make hale
 * run again: it must never be one that does anything but compile. A version may
 * follow the name ("gcc-12.2", "clang-14"), a target may precede it
 * ("aarch64-linux-gnu-gcc").
 */
#include "crash_tool.h"

#include <ctype.h>

#include "hale/base.h"

/* Drivers, what they start, and what links. */
static const char *const tools[] = {
	"cc",	   "c++",	  "gcc",      "g++",   "cpp",	 "gfortran",
	"gnat1",   "cc1",	  "cc1plus",  "f951",  "cc1obj", "cc1objplus",
	"lto1",	   "lto-wrapper", "collect2", "as",    "ld",	 "ld.bfd",
	"ld.gold", "ld.lld",	  "ld.mold",  "gold",  "lld",	 "mold",
	"clang",   "clang++",	  "rustc",    "gdc",   "d21",	 "gccgo",
	"go1",	   "rust-lld",	  "wasm-ld",  "flang", "tcc",	 "gm2",
};

/* "-12", "-12.2.0": or nothing. */
static bool is_version(const char *s, size_t len)
{
	if (len == 0)
		return true;
	if (*s != '-' || len < 2)
		return false;
	for (size_t i = 1; i < len; i++) {
		if (!isdigit((unsigned char)s[i]) && s[i] != '.')
			return false;
	}
	return true;
}

static bool is_tool(const char *s, size_t len)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(tools); i++) {
		size_t n = strlen(tools[i]);

		if (len >= n && memcmp(s, tools[i], n) == 0 &&
		    is_version(s + n, len - n))
			return true;
	}
	return false;
}

bool crash_tool_is_known(const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash ? slash + 1 : name;
	const char *s = base;

	/* targets hold hyphens: "x86_64-linux-gnu-gcc-12" */
	for (; s; s = strchr(s, '-') ? strchr(s, '-') + 1 : NULL) {
		if (is_tool(s, strlen(s)))
			return true;
	}
	return false;
}
