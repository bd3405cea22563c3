#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Prints the files of the console's page as C: embed.sh FILE...
set -eu

type_of() {
	case $1 in
	*.html) echo 'text/html; charset=utf-8' ;;
	*.css) echo 'text/css; charset=utf-8' ;;
	*.js) echo 'text/javascript; charset=utf-8' ;;
	*.svg) echo 'image/svg+xml' ;;
	*) echo "embed.sh: what is $1?" >&2; exit 1 ;;
	esac
}

echo '/* generated from agent/console/page */'
echo '#include "agent/console/page.h"'
rows=
number=0
for file; do
	type=$(type_of "$file")
	path=/${file##*/}
	[ "$path" != /index.html ] || path=/
	echo "static const unsigned char file_${number}[] = {"
	od -An -v -tu1 "$file" | sed 's/^ *//; s/  */,/g; s/$/,/'
	echo '};'
	etag=$(sha256sum <"$file" | cut -c1-16)
	rows="$rows	{ \"$path\", \"$type\", \"\\\"$etag\\\"\", file_$number, sizeof(file_$number) },
"
	number=$((number + 1))
done
echo 'const struct page_file page_files[] = {'
printf '%s' "$rows"
echo '};'
echo "const size_t page_files_n = $number;"
