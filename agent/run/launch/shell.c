/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shell for a person is the one command that must have the very terminal:
 * it moves its foreground between jobs through descriptor 2, and nothing but
 * the controlling terminal can do that. Nobody asks whose fault it was that a
 * person typed something wrong, so its output need not be seen. Decides only by
 * the words of the command: a script, or -c, is a build like any other.
 */
#include "shell.h"

#include <string.h>
#include <unistd.h>

#include "hale/base.h"

static bool is_shell(const char *word)
{
	static const char *const names[] = { "bash", "zsh",  "fish", "ksh",
					     "mksh", "dash", "ash",  "sh",
					     "tcsh", "csh",  "yash" };
	const char *slash = strrchr(word, '/');

	word = slash ? slash + 1 : word;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(names); i++) {
		if (strcmp(word, names[i]) == 0)
			return true;
	}
	return false;
}

/* Options alone; -c, or -s with what it takes, is a command. */
static bool is_option(const char *word)
{
	if (word[0] != '-' && word[0] != '+')
		return false;
	return strncmp(word, "--", 2) == 0 ? strncmp(word, "--command", 9) != 0
					   : !strchr(word, 'c');
}

bool shell_for_person(char *const *command)
{
	if (!is_shell(command[0]) || !isatty(STDIN_FILENO))
		return false;
	while (*++command) {
		if (!is_option(*command))
			return false;
	}
	return true;
}
