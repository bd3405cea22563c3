# SPDX-License-Identifier: Apache-2.0
# Prints the enum of conditions from catalogue.def.
# Usage: awk -f catalogue.awk catalogue.def > hale/condition_list.h
BEGIN {
	print "/* generated from agent/core/catalogue.def */"
	print "#ifndef HALE_CONDITION_LIST_H"
	print "#define HALE_CONDITION_LIST_H"
	print "enum hale_condition {"
	print "\tHALE_CONDITION_NONE = 0,"
}
match($0, /^CONDITION\([a-z_]+, *[a-z_]+,/) {
	split(substr($0, 11), field, /, */)
	print "\tHALE_" toupper(field[1]) "_" toupper(field[2]) ","
	rows++
}
END {
	print "\tHALE_CONDITION_COUNT"
	print "};"
	print "#endif"
	if (!rows)
		exit 1
}
