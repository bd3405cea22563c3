# SPDX-License-Identifier: Apache-2.0
# Prints drivers/NAME.rules as the C object hale_rules_NAME.
# Usage: LC_ALL=C awk -v name=NAME -f embed.awk NAME.rules > NAME_rules.c
BEGIN {
	for (i = 1; i < 128; i++)
		code[sprintf("%c", i)] = i
	print "/* generated from drivers/" name ".rules */"
	print "#include \"hale/rules.h\""
	print "static const char text[] = {"
}
{
	line = ""
	n = split($0, c, "")
	for (i = 1; i <= n; i++) {
		if (!(c[i] in code)) {
			print FILENAME ":" NR ": not ASCII" > "/dev/stderr"
			failed = 1
			exit 1
		}
		line = line code[c[i]] ","
	}
	print line "10,"
}
END {
	if (failed || !NR)
		exit 1
	print "};"
	print "extern const struct hale_rules_source hale_rules_" name ";"
	print "const struct hale_rules_source hale_rules_" name " ="
	print "\t{ \"" name ".rules\", text, sizeof(text) };"
}
