# SPDX-License-Identifier: Apache-2.0
# Prints the catalogue for people, as Markdown or as a manual page.
# Usage: LC_ALL=C awk -v form=md|man -f docs.awk catalogue.def

function trim(text) {
	gsub(/^[ \t]+|[ \t]+$/, "", text)
	return text
}

# The n-th text in quotes of a row.
function quoted(row, n,    piece) {
	split(row, piece, "\"")
	return piece[2 * n]
}

function sentence(text) {
	return toupper(substr(text, 1, 1)) substr(text, 2) "."
}

# How it lives, as one sentence.
function life(kind, rate, expires, reboot,    text) {
	if (kind == "STATE")
		text = "A state: it stands while it holds."
	else if (kind == "RATE")
		text = "A rate: a note up to " rate ", above it in force."
	else
		text = "Latched: it stands until evidence clears it."
	if (expires != "")
		text = text " Forgotten " expires " after the last."
	return text (reboot == "CLEARS" ? " A reboot ends it." : \
		" It outlives a reboot.")
}

function print_md(name, effect, how, meaning, advice, clears) {
	print "\n## " name "\n"
	print sentence(meaning) " By default it **" effect "**.\n"
	print "- " how
	print "- What to do: " sentence(advice)
	print "- Clears when " clears "."
}

function print_man(name, effect, how, meaning, advice, clears) {
	gsub(/`/, "", advice)
	gsub(/`/, "", clears)
	print ".It Sy " name
	print sentence(meaning) "\nBy default it"
	print ".Em " effect " ."
	gsub(/\. /, ".\n", how)
	print how
	print "What to do: " sentence(advice)
	print "Clears when " clears "."
}

function entry(row,    word, name, effect, how) {
	split(row, word, ",")
	name = trim(word[1]) "." trim(word[2])
	effect = tolower(trim(word[4]))
	how = life(trim(word[3]), quoted(row, 1), quoted(row, 2), reboot(row))
	if (form == "man")
		print_man(name, effect, how, quoted(row, 3), quoted(row, 4),
			quoted(row, 5))
	else
		print_md(name, effect, how, quoted(row, 3), quoted(row, 4),
			quoted(row, 5))
	rows++
}

function reboot(row,    piece) {
	split(row, piece, "\"")
	return piece[5] ~ /CLEARS/ ? "CLEARS" : "STAYS"
}

BEGIN {
	if (form == "man") {
		print ".\\\" generated from agent/core/catalogue.def"
		print ".Dd November 21, 2026\n.Dt HALE-CONDITIONS 7\n.Os"
		print ".Sh NAME\n.Nm hale-conditions"
		print ".Nd what hale finds, and what it means for builds"
		print ".Sh DESCRIPTION"
		print "Each finding of"
		print ".Xr hale 1"
		print "is one of these conditions on one part of the host."
		print "One that blocks makes every scope that rests on the part"
		print "unfit, one that warns makes it degraded, a note changes"
		print "nothing."
		print "The configuration may change effects, rates and expiries."
		print ".Bl -tag -width Ds"
	} else {
		print "# Conditions\n"
		print "What hale finds on a host, and what it means for builds."
		print "Generated from `agent/core/catalogue.def`, which is also"
		print "what `hale explain <condition>` prints. The configuration"
		print "may change effects, rates and expiries."
	}
}
/^CONDITION\(/ {
	row = ""
	inside = 1
}
inside {
	row = row " " trim($0)
}
inside && /"\)$/ {
	inside = 0
	sub(/^ CONDITION\(/, "", row)
	entry(row)
}
END {
	if (form == "man")
		print ".El\n.Sh SEE ALSO\n.Xr hale 1 ,\n.Xr haled 8"
	if (!rows || inside)
		exit 1
}
