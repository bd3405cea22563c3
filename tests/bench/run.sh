#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What `hale run` costs, agent running: its start and end over a plain exec, and
# its share of a parallel C build. A B A B, medians of one run.
#   HALE_BUILD  where the build is
#   ROUNDS      of the start, default 200      BUILDS  of the build, default 7
#   FILES       of the build, default 60       JOBS    at once, default nproc
# Exit 1 where the start takes 5 ms more (START_MS), or the build 1 % more
# (BUILD_RATIO) both of time and of processor time: on a machine with other
# work, one alone is noise.
set -euo pipefail
build=$(realpath "${HALE_BUILD:-build}")
tmp=$(mktemp -d)
pid=
finish() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
	rm -rf "$tmp"
}
trap finish EXIT
mkdir "$tmp/run" "$tmp/state" "$tmp/c"
: >"$tmp/hale.conf"
"$build/haled" --foreground --config "$tmp/hale.conf" --run-dir "$tmp/run" \
	--state-dir "$tmp/state" 2>"$tmp/log" &
pid=$!
for _ in $(seq 200); do
	grep -q 'haled: ready' "$tmp/log" && break
	sleep 0.05
done
export HALE_RUN_DIR=$tmp/run
hale=("$build/hale" run --force --quiet --no-store --)

# time_of FILE COMMAND...: adds a line, ms of time and ms of processor time
time_of() {
	local to=$1 start
	shift
	TIMEFORMAT='%U %S'
	start=${EPOCHREALTIME/./}
	{ time "$@" >/dev/null 2>&1; } 2>"$tmp/cpu" || true
	echo "$((${EPOCHREALTIME/./} - start)) $(cat "$tmp/cpu")" |
		awk '{ print $1 / 1000, ($2 + $3) * 1000 }' >>"$to"
}
# median FILE COLUMN
median() {
	sort -n -k "$2,$2" "$1" | awk -v c="$2" '{ v[NR] = $c }
		END { print v[int((NR + 1) / 2)] }'
}

for _ in $(seq "${ROUNDS:-200}"); do
	time_of "$tmp/plain" /bin/true
	time_of "$tmp/hale" "${hale[@]}" /bin/true
done
awk -v a="$(median "$tmp/plain" 1)" -v b="$(median "$tmp/hale" 1)" \
	-v bar="${START_MS:-5}" 'BEGIN {
	printf "start: plain %.2f ms, hale run %.2f ms, more %.2f ms\n", a, b, b - a
	exit b - a > bar }' || failed=1

# A tree like many: files that include the same headers and take a while.
for i in $(seq "${FILES:-60}"); do
	{
		printf '#include <%s>\n' stdio.h stdlib.h string.h math.h time.h \
			unistd.h signal.h pthread.h sys/types.h sys/socket.h
		for k in $(seq 40); do
			echo "static double f$k(double x, const char *s) {"
			echo " double y = x * $k; for (int i = 0; s[i]; i++)"
			echo " y += s[i] % (i + $k) ? sqrt(y) : -y / $i;"
			echo " return y; }"
		done
		echo "double g$i(double x) { double y = x;"
		for k in $(seq 40); do
			echo " y += f$k(y, \"text $k\");"
		done
		echo " return y; }"
	} >"$tmp/c/file$i.c"
done
cat >"$tmp/c/Makefile" <<'MAKE'
objects := $(patsubst %.c,%.o,$(wildcard *.c))
all: $(objects)
%.o: %.c
	gcc -O2 -g -c -o $@ $<
	@echo built $@
clean:
	rm -f *.o
MAKE
c_build() {
	make -C "$tmp/c" clean >/dev/null
	time_of "$1" "${@:2}" make -C "$tmp/c" -j"${JOBS:-$(nproc)}"
}
c_build "$tmp/warm"
for _ in $(seq "${BUILDS:-7}"); do
	c_build "$tmp/plain-build"
	c_build "$tmp/hale-build" "${hale[@]}"
done
awk -v a="$(median "$tmp/plain-build" 1)" -v b="$(median "$tmp/hale-build" 1)" \
	-v p="$(median "$tmp/plain-build" 2)" -v q="$(median "$tmp/hale-build" 2)" \
	-v bar="${BUILD_RATIO:-1.01}" 'BEGIN {
	printf "build: plain %.0f ms, hale run %.0f ms, ratio %.4f; ", a, b, b / a
	printf "processor %.0f ms, %.0f ms, ratio %.4f\n", p, q, q / p
	exit b / a > bar && q / p > bar }' || failed=1
exit "${failed:-0}"
