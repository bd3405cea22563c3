#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Gates this very host once: starts a private agent out of the build folder,
# waits until it says that it is ready, asks it, shows what it said and with
# which exit code, and stops it. Touches nothing outside a temporary folder.
# Usage: packaging/run-host.sh BUILD
# Exit: 0 whatever the verdict is; 1 if hale itself failed.
set -euo pipefail

build=$(realpath "$1")
ready_within=30 # seconds; the ring and the mounts are read in well under one
here=$(mktemp -d "${TMPDIR:-/tmp}/hale-run.XXXXXX")
agent=

stop() {
	if [[ -n $agent ]]; then
		kill "$agent" 2>/dev/null || :
		cat <&3 # ends with the agent
	fi
	rm -rf "$here"
}
trap stop EXIT

# Starts the program given; prints its pid once it has sent READY=1 to the socket
# that systemd would give it (sd_notify(3)), and ends when the program does.
# Perl, because each Debian has it.
start() {
	perl -MIO::Socket::UNIX -MSocket -MPOSIX -e '
		my ($path, $limit, $log, @command) = @ARGV;
		my $notify = IO::Socket::UNIX->new(Type => SOCK_DGRAM,
			Local => $path) or die "$path: $!\n";
		my $pid = fork() // die "fork: $!\n";
		if (!$pid) {
			POSIX::setsid();
			open(STDIN, "<", "/dev/null");
			open(STDOUT, ">", $log) or die "$log: $!\n";
			open(STDERR, ">&", \*STDOUT);
			$ENV{NOTIFY_SOCKET} = $path;
			exec { $command[0] } @command or POSIX::_exit(127);
		}
		$| = 1;
		$SIG{CHLD} = sub { waitpid($pid, 0); die sprintf(
			"the agent ended before it was ready, exit %d, signal %d\n",
			$? >> 8, $? & 127) };
		$SIG{ALRM} = sub { kill("KILL", $pid);
			die "the agent was not ready within $limit s\n" };
		alarm($limit);
		my $message = "";
		while ($message !~ /^READY=1$/m) {
			$notify->recv($message, 4096);
		}
		alarm(0);
		$SIG{CHLD} = "DEFAULT";
		print "$pid\n";
		waitpid($pid, 0);' "$@"
}

: >"$here/hale.conf"
exec 3< <(start "$here/notify" "$ready_within" "$here/log" \
	"$build/haled" --foreground --config "$here/hale.conf" \
	--run-dir "$here" --state-dir "$here")
read -r agent <&3 || {
	echo "the agent did not start:" >&2
	sed 's/^/  | /' "$here/log" >&2
	exit 1
}

export HALE_RUN_DIR=$here
status=0
"$build/hale" check --host --fresh || status=$?
echo
"$build/hale" status --coverage
echo
case $status in
0) echo "exit code 0: a build may start here" ;;
75) echo "exit code 75: unfit, build elsewhere" ;;
69)
	echo "exit code 69: unknown, hale cannot see enough to say"
	[[ $(id -u) == 0 ]] || echo "As root it sees more: sudo make run"
	;;
*)
	echo "hale check failed with exit code $status" >&2
	exit 1
	;;
esac
