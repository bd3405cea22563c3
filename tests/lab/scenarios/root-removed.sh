# SPDX-License-Identifier: Apache-2.0
# The disk that haled, hale and their state are on is pulled out of a running
# machine: the gate answers all through it, and that nothing can be built here.
# lab: disk root scsi 512M
# lab: deadline 240
root_on root
agent_start
sighted
expect FIT /
fit_file present
asking /
within 10 asked_for 3000
now_comes "the root disk is pulled out"
host unplug root
gone=${disk#/dev/}
within 20 test ! -e "/sys/block/$gone" || fail "$gone is still there"
expect UNFIT /
reason disk.offline "^$gone\$" '.finding.part.serial == "root"'
fit_file absent
now_comes "it stays away"
forget
within 15 asked_for 10000
expect UNFIT /
asking_ends
answers 0 gate 'fit == n'
answers 0 command 'fit == n'
answers_soon 1
answers 1 gate 'unknown == 0 && fit_last <= unfit_first'
answers_soon 2
answers 2 gate 'unfit == n'
answers 2 link 'unfit == n'
answers 2 command 'unfit == n'
