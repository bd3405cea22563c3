# SPDX-License-Identifier: Apache-2.0
#
# One non-recursive Makefile. It decides what is built out of which rooms and
# with which flags; `make help` lists the targets. Everything made lands under
# $(O), so several builds (SAN=1, CC=clang, another config) live side by side.
# Where to change what: rooms and programs below, drivers in
# drivers/Makefile.inc and drivers/Kconfig, tests in tests/Makefile.inc, what a
# room generates in agent/<room>/Makefile.inc.

VERSION := 0.1.0
O ?= build
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
MAKEFLAGS += --no-builtin-rules --no-builtin-variables
.DEFAULT_GOAL := all
.SUFFIXES:
.DELETE_ON_ERROR:

comma := ,
Q := $(if $(V),,@)
say = $(if $(V),@:,@printf '  %-8s%s\n' '$(1)' '$(2)')
# $(call keep,TEXT): writes TEXT into $@ only if that changes it, so that what
# depends on it is rebuilt when, and only when, the text is another.
keep = @mkdir -p $(@D); printf '%s\n' '$(1)' >$@.tmp; \
	if cmp -s $@.tmp $@; then rm $@.tmp; else mv $@.tmp $@; fi

# For the targets that call make again: all processors, unless -j was given.
parallel = --no-print-directory $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,\
	-j$(shell nproc))

# --- goals that run without a configuration ----------------------------------

CONFIG_GOALS := menuconfig defconfig tinyconfig allyesconfig allnoconfig \
	randconfig oldconfig syncconfig savedefconfig
BARE_GOALS := help format clean distclean run test deps uninstall $(CONFIG_GOALS)

# `make clean all` or `make tinyconfig all`: one after the other, also with -j.
ifneq ($(word 2,$(MAKECMDGOALS)),)
ifneq ($(filter $(BARE_GOALS),$(MAKECMDGOALS)),)
in_turn := y
endif
endif

ifeq ($(in_turn),y)
.PHONY: $(MAKECMDGOALS) in-turn
$(MAKECMDGOALS): in-turn
	@:
in-turn:
	@set -e; for goal in $(MAKECMDGOALS); do $(MAKE) --no-print-directory $$goal; done
else

needs_config := y
ifneq ($(MAKECMDGOALS),)
ifeq ($(filter-out $(BARE_GOALS),$(MAKECMDGOALS)),)
needs_config :=
endif
endif

# --- configuration -----------------------------------------------------------

KCONF := KCONFIG_CONFIG=$(O)/.config kconfig-conf
KCONFIGS := Kconfig drivers/Kconfig agent/Kconfig

ifeq ($(needs_config),y)
ifeq ($(shell command -v kconfig-conf),)
$(error kconfig-conf is missing: `packaging/deps.sh build` installs what \
the build needs)
endif
include $(O)/.config
endif

$(O)/.config: $(KCONFIGS) configs/defconfig
	@mkdir -p $(O)
	@if [ -e $@ ]; then $(KCONF) --olddefconfig Kconfig; \
	else $(KCONF) --defconfig=configs/defconfig Kconfig; fi >/dev/null
	@touch $@

.PHONY: $(CONFIG_GOALS)
$(CONFIG_GOALS): | $(O)/
menuconfig: ; @KCONFIG_CONFIG=$(O)/.config kconfig-mconf Kconfig
defconfig: ; @$(KCONF) --defconfig=configs/defconfig Kconfig
tinyconfig: ; @$(KCONF) --defconfig=configs/tinyconfig Kconfig
allyesconfig: ; @$(KCONF) --allyesconfig Kconfig
allnoconfig: ; @$(KCONF) --allnoconfig Kconfig
randconfig: ; @$(KCONF) --randconfig Kconfig
oldconfig: ; @$(KCONF) --oldconfig Kconfig
syncconfig: ; @$(KCONF) --olddefconfig Kconfig
savedefconfig: ; @$(KCONF) --savedefconfig=$(O)/defconfig Kconfig && \
	echo "written to $(O)/defconfig"
%/: ; @mkdir -p $@

# --- flags -------------------------------------------------------------------

CC := $(if $(filter default undefined,$(origin CC)),gcc,$(CC))
AR := $(if $(filter default undefined,$(origin AR)),ar,$(AR))
is_clang := $(findstring clang,$(shell $(CC) --version 2>/dev/null))

STD := -std=c11 -D_GNU_SOURCE
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wpointer-arith \
	-Wcast-qual -Wwrite-strings -Wformat=2 -Wundef -Wvla \
	-Wimplicit-fallthrough -Wnull-dereference -Wdouble-promotion
WARN += $(if $(is_clang),-Wmissing-variable-declarations,\
	-Wlogical-op -Wduplicated-cond -Wduplicated-branches)
WARN += $(if $(filter true,$(CI))$(filter 1,$(WERROR)),-Werror)
# A flag, where the compiler has it.
cc_has = $(shell $(CC) -Werror $(1) -x c -c -o /dev/null /dev/null 2>&1 || \
	echo no)
cc_flags = $(if $(needs_config),$(foreach f,$(1),$(if $(call cc_has,$(f)),,$(f))))
HARD := -fstack-protector-strong -fstack-clash-protection $(call cc_flags,\
	-fcf-protection -ftrivial-auto-var-init=zero)
ifeq ($(SAN),1)
# -O1 and frame pointers keep reports readable; redzones outgrow frame limits
OPT := -O1 -g -fno-omit-frame-pointer
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all
else
OPT := -O2 -g
WARN += -Wframe-larger-than=4096
HARD += -D_FORTIFY_SOURCE=3
DEFS := -Wl,-z,defs
endif
# Each indirect call goes to a function of the type that it is called by, or
# nowhere. Programs only: what others link is called by whom it likes.
ifeq ($(CFI),1)
ifeq ($(is_clang),)
$(error CFI=1 takes CC=clang)
endif
# Without -fcf-protection, which checks less of the same: for it clang 14 puts an
# endbr64 before each table of targets, and all but a table's first are then off
# by its four bytes: right calls end the program.
SANFLAGS += -flto=thin -fsanitize=cfi-icall -fsplit-lto-unit \
	-fvisibility=default -fcf-protection=none
LDFLAGS += -fuse-ld=lld
AR := llvm-ar-14
endif
INC = -Iinclude -I$(O)/gen -I. -isystem $(O)/gen/pb
ALL_CFLAGS = $(STD) $(OPT) $(HARD) $(SANFLAGS) $(WARN) $(INC) $(CFLAGS)
ALL_LDFLAGS = $(SANFLAGS) -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed \
	$(LDFLAGS)
# What ends up in libhale.so as well is compiled for it; the rest is PIE.
# A test may keep a whole world on its stack, and is told what is not NULL by
# cmocka's asserts, which the compiler does not know to end the test.
lenient = $(if $(filter tests/%,$<),-Wno-frame-larger-than \
	-Wno-null-dereference)
pic = $(if $(filter proto/% agent/lib/% $(lib-core),$<),-fPIC,-fPIE)

# --- rooms -------------------------------------------------------------------

room-core := $(wildcard agent/core/*.c)
room-rules := $(wildcard agent/rules/*.c)
room-daemon := $(wildcard agent/daemon/*.c)
room-super := $(wildcard agent/super/*.c)
room-lib := $(wildcard agent/lib/*.c)
room-cli := $(wildcard agent/cli/*.c)
room-helper := $(wildcard agent/helper/*.c)
room-run := $(wildcard agent/run/*.c agent/run/*/*.c)
room-ship := $(wildcard agent/ship/*.c)
room-verify := $(wildcard agent/verify/*.c)
room-report := $(wildcard agent/report/*.c)
room-fleetcli := $(wildcard agent/fleetcli/*.c)
room-fleet := $(wildcard agent/fleet/*.c)
# What is said to a fleet: only the programs that say it have it.
room-fleetmsg := $(wildcard proto/codec_fleet*.c proto/fleet_*.c) \
	gen/pb/fleet.pb-c.c
room-proto := $(filter-out $(room-fleetmsg),$(wildcard proto/*.c)) \
	gen/pb/hale.pb-c.c
# What libhale needs of core: tables and a parser, no judgment.
lib-core := $(addprefix agent/core/,catalogue.c cause_words.c fs_type.c \
	mountinfo.c words.c)

# Generated headers that any file may include.
GEN_H := $(O)/gen/hale/condition_list.h $(O)/gen/hale/version.h \
	$(O)/gen/drivers.inc $(O)/gen/pb/hale.pb-c.h $(O)/gen/pb/fleet.pb-c.h

include drivers/Makefile.inc
include $(wildcard agent/*/Makefile.inc)

# A driver x is drivers/x.c, drivers/x_*.c and drivers/x/*.c. What belongs to
# no driver is shared by them, and linked where one needs it (an archive). Of
# one with a helper only drivers/x.c is in the agent, the rest in the helper.
drv-all := $(sort $(drv-y) $(drv-))
helpers-all := $(sort $(helper-y) $(helper-))
helper-files = $(wildcard drivers/$(1)_*.c drivers/$(1)/*.c)
drv-files = $(wildcard drivers/$(1).c) \
	$(if $(filter $(1),$(helpers-all)),,$(call helper-files,$(1)))
drv-shared := $(filter-out drivers/registry.c \
	$(foreach d,$(drv-all),$(wildcard drivers/$(d).c drivers/$(d)_*.c)),\
	$(wildcard drivers/*.c))
room-drivers := $(wildcard drivers/registry.c) \
	$(foreach d,$(drv-y),$(call drv-files,$(d)))
room-drvshared := $(drv-shared)
# For the tests: all of them, under a table of all; of a helper x its room is
# helper-x, because each has the same one symbol to be called by.
room-alldrivers := drivers/all_registry.c $(drv-shared) \
	$(foreach d,$(drv-all),$(call drv-files,$(d)))
$(foreach h,$(helpers-all),$(eval room-helper-$(h) := $(call helper-files,$(h))))

# --- programs: which rooms, which libraries ----------------------------------

# The pkg-config names; libprotobuf-c goes in statically, because `hale check`
# has to start in about the time of a program that links libc only.
PROTOBUF_C := -l:libprotobuf-c.a
drv-libs := $(sort $(lib-y))

# What a command of `hale` needs more than libc for is a program of its own. One
# whose main file is not there yet is left out.
COMMANDS := triage scan $(foreach c,run ship verify,\
	$(if $(wildcard agent/$(c)/main.c),$(c))) reclaim \
	$(if $(wildcard agent/cli/history.c),history) $(if $(CONFIG_FLEET),fleet) \
	$(if $(CONFIG_DOORS),doors)
# `haled: fleet`; the supervisor starts it where there are servers.
REPORTER := $(if $(CONFIG_FLEET),hale-reporter)
PROGRAMS := haled hale $(COMMANDS:%=libexec/hale-%) tests/haled \
	$(patsubst %,libexec/hale-probe-%,$(sort $(helper-y))) \
	$(REPORTER:%=libexec/%)

haled-src := $(room-super) $(room-daemon) $(room-core) $(room-rules) $(room-drivers) \
	$(room-proto)
haled-lib := drvshared
haled-pkg := inih $(drv-libs)

# For the tests: haled with every driver, also those that only tests need.
tests/haled-src := $(room-super) $(room-daemon) $(room-core) $(room-rules) $(room-proto) \
	$(room-alldrivers)
tests/haled-pkg := inih $(sort $(lib-y) $(lib-)) $(drvshared-pkg)

# libc and protobuf-c only; the catalogue and the units come out of core.
cli-triage := $(wildcard agent/cli/triage*.c)
cli-scan := $(wildcard agent/cli/scan*.c)
cli-history := $(wildcard agent/cli/history*.c)
cli-reclaim := $(wildcard agent/cli/reclaim*.c)
hale-src := $(filter-out $(cli-triage) $(cli-scan) $(cli-history) \
	$(cli-reclaim),$(room-cli)) $(room-lib) $(room-proto)
hale-lib := core
# A gate is asked before every build, and its time is its start: no libraries to
# find, fewer pages to map and to touch, and no messages that only the agent's
# processes use. It keeps relro, now and PIE. That it is static is also what lets
# haled keep a copy that needs no disk (agent/daemon/rescue.h): on its way there
# is no name service, locale or dlopen(3).
hale-pie := $(if $(filter 1,$(SAN)),-pie,-static-pie)
hale-flags := -Wl,-z,pack-relative-relocs,-z,noseparate-code,--gc-sections

# `hale triage build` reads an output as `hale run` does: run's archive.
libexec/hale-triage-src := $(cli-triage) $(room-rules) $(room-proto)
libexec/hale-triage-lib := run core drvshared
libexec/hale-triage-pkg := $(drvshared-pkg)

# Takes the host of drivers and its children out of the daemon's room.
libexec/hale-scan-src := $(cli-scan) $(room-core) $(room-rules) \
	$(room-drivers) $(room-proto)
libexec/hale-scan-lib := daemon drvshared
libexec/hale-scan-pkg := inih $(drv-libs)

# Launches, watches, says whose fault it was.
libexec/hale-run-src := $(room-run) $(room-rules) $(room-lib) $(room-proto)
libexec/hale-run-lib := core
libexec/hale-run-pkg := inih

# The store, in a process of its own: `haled: ship`.
libexec/hale-ship-src := $(room-ship) $(room-proto)
libexec/hale-ship-lib := sandbox lib core
libexec/hale-ship-pkg := sqlite3 inih

libexec/hale-history-src := $(cli-history) $(room-proto)
libexec/hale-history-lib := cli ship sandbox lib core
libexec/hale-history-pkg := sqlite3

libexec/hale-verify-src := $(room-verify) $(room-lib) $(room-proto)
libexec/hale-verify-lib := core drvshared
libexec/hale-verify-pkg := $(drvshared-pkg) libnvme
libexec/hale-verify-link := -lsgutils2

libexec/hale-reclaim-src := $(cli-reclaim) $(room-proto)
libexec/hale-reclaim-lib := cli lib core
libexec/hale-reclaim-pkg := libcurl jansson inih

# The reporter, in a process of its own: the one that speaks to a network.
libexec/hale-reporter-src := $(room-report) agent/fleetcli/nkey.c \
	$(room-fleetmsg) $(room-proto)
libexec/hale-reporter-lib := ship sandbox lib core
libexec/hale-reporter-pkg := libnats sqlite3 jansson libcrypto inih
libexec/hale-reporter-link := -pthread

# `hale fleet`: makes fleets, and shows them.
libexec/hale-fleet-src := $(room-fleetcli) $(room-proto)
libexec/hale-fleet-lib := $(if $(wildcard agent/fleet/*.c),fleet) lib core
libexec/hale-fleet-pkg := libnats libcrypto inih jansson
# It prints as `hale` does.
libexec/hale-fleet-lib += cli fleetmsg
# `hale fleet serve`: the console, or its absence.
libexec/hale-fleet-lib += $(if $(CONFIG_CONSOLE),console)
libexec/hale-fleet-src += $(if $(CONFIG_CONSOLE),,agent/console/stub/serve.c)
libexec/hale-fleet-pkg += $(if $(CONFIG_CONSOLE),libmicrohttpd)

# One program a driver with a heavy library: hale/helper.h. Those that only
# tests need lie beside tests/haled.
define helper
$(1)-src := $(room-helper-$(2)) $(room-helper) $(room-proto)
$(1)-lib := drvshared core
$(1)-pkg := $($(2)-pkg)
$(1)-link := $($(2)-link)
endef
test-helpers := $(patsubst %,tests/libexec/hale-probe-%,\
	$(filter test_%,$(helpers-all)))
PROGRAMS += $(test-helpers)
$(foreach h,$(helpers-all),\
	$(eval $(call helper,libexec/hale-probe-$(h),$(h))) \
	$(eval $(call helper,tests/libexec/hale-probe-$(h),$(h))))
helper-pkgs := $(sort $(foreach h,$(helpers-all),$($(h)-pkg)))
helper-links := $(sort $(foreach h,$(helpers-all),$($(h)-link)))

libhale-src := $(room-lib) $(room-proto) $(lib-core)

obj = $(patsubst %.c,$(O)/obj/%.o,$(1))
pkg_cflags = $(if $(1),$(shell pkg-config --cflags $(1)))
pkg_libs = $(if $(1),$(shell pkg-config --libs $(1)))

# --- compiling ---------------------------------------------------------------

PKG_CFLAGS := $(if $(needs_config),$(call pkg_cflags,inih sqlite3 $(sort $(lib-y) $(lib-)) $(helper-pkgs) $(drvshared-pkg)))

FORCE:
.PHONY: FORCE all

$(O)/gen/flags: FORCE
	$(call keep,$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) $(ALL_LDFLAGS))

$(O)/obj/%.o: %.c $(O)/gen/flags | $(GEN_H)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(lenient) $(PKG_CFLAGS) $(pic) -MD -MP -c -o $@ $<

# The same registry over the table of all drivers.
$(O)/obj/drivers/all_registry.o: drivers/registry.c $(O)/gen/flags \
		$(O)/gen/all/drivers.inc | $(GEN_H)
	$(call say,CC,$< (all drivers))
	@mkdir -p $(@D)
	$(Q)$(CC) -I$(O)/gen/all $(ALL_CFLAGS) -fPIE -MD -MP -c -o $@ $<

# Generated by protoc-c: not ours to warn about.
$(O)/obj/gen/pb/%.o: $(O)/gen/pb/%.c $(O)/gen/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fPIC -w -ffunction-sections -fdata-sections \
		-MD -MP -c -o $@ $<

# Generated by a room (its Makefile.inc): gen/x.c in a room's list.
$(O)/obj/gen/%.o: $(O)/gen/%.c $(O)/gen/flags | $(GEN_H)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fPIE -MD -MP -c -o $@ $<

-include $(shell [ -d $(O)/obj ] && find $(O)/obj -name '*.d')

# --- generated ---------------------------------------------------------------

$(O)/gen/hale/condition_list.h: agent/core/catalogue.awk agent/core/catalogue.def
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)awk -f $^ >$@

$(O)/gen/hale/version.h: FORCE
	$(call keep,#define HALE_VERSION "$(VERSION)")

# One row a chosen driver; drivers/registry.c expands it twice, once into
# extern declarations and once into the table: a lost driver does not link.
$(O)/gen/drivers.inc: FORCE
	$(call keep,$(foreach d,$(drv-y),HALE_DRIVER_ROW($(d))))

$(O)/gen/all/drivers.inc: FORCE
	$(call keep,$(foreach d,$(drv-all),HALE_DRIVER_ROW($(d))))

$(O)/gen/pb/hale.pb-c.c $(O)/gen/pb/hale.pb-c.h &: proto/hale.proto
	$(call say,PROTOC,$<)
	@mkdir -p $(O)/gen/pb
	$(Q)protoc-c --proto_path=proto --c_out=$(O)/gen/pb $<

$(O)/gen/pb/fleet.pb-c.c $(O)/gen/pb/fleet.pb-c.h &: proto/fleet.proto \
		proto/hale.proto | $(O)/gen/pb/hale.pb-c.h
	$(call say,PROTOC,$<)
	$(Q)protoc-c --proto_path=proto --c_out=$(O)/gen/pb $<

# --- linking -----------------------------------------------------------------

# The list of what a program or room consists of: a file added or removed, or a
# driver chosen, links anew.
$(O)/gen/list/%: FORCE
	$(call keep,$($*-src) $(room-$*) $($*-lib) $($*-pkg) $($*-pie))

define program
$(O)/$(1): $$(call obj,$$($(1)-src)) $$(foreach l,$$($(1)-lib),$(O)/rooms/$$(l).a) \
		$(O)/gen/list/$(1)
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(ALL_LDFLAGS) $$(or $$($(1)-pie),-pie) $$($(1)-flags) -o $$@ \
		$$(filter %.o,$$^) \
		-Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group \
		$$(call pkg_libs,$$($(1)-pkg)) $$($(1)-link) $$(PROTOBUF_C)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

.PRECIOUS: $(O)/gen/list/% $(O)/obj/%.o
$(O)/rooms/%.a: $(O)/gen/list/%
	$(call say,AR,$@)
	@mkdir -p $(@D); rm -f $@
	$(Q)$(AR) rcsD $@ $(filter %.o,$^)

ROOMS := core rules fleet sandbox daemon super lib cli proto drivers drvshared alldrivers helper \
	run ship verify fleetcli fleetmsg report console doors \
	$(helpers-all:%=helper-%)
$(foreach r,$(ROOMS),$(eval $(O)/rooms/$(r).a: $(call obj,$(room-$(r)))))

$(O)/libhale.a: $(call obj,$(libhale-src)) $(O)/gen/list/libhale
	$(call say,AR,$@)
	@rm -f $@
	$(Q)$(AR) rcsD $@ $(filter %.o,$^)

libhale-map := $(wildcard agent/lib/libhale.map)
$(O)/libhale.so.1: $(call obj,$(libhale-src)) $(libhale-map) $(O)/gen/list/libhale
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $(DEFS) -shared -Wl,-soname,libhale.so.1 \
		$(addprefix -Wl$(comma)--version-script=,$(libhale-map)) \
		-o $@ $(filter %.o,$^) -lprotobuf-c

all: $(filter-out $(O)/tests/%,$(PROGRAMS:%=$(O)/%)) $(O)/libhale.a \
	$(O)/libhale.so.1

# --- installing --------------------------------------------------------------

install_to = $(Q)install -D -m $(1) $(2) $(DESTDIR)$(PREFIX)/$(3)
# Generated from a .in of packaging.
install_from = $(Q)sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' \
	packaging/$(1) >$(O)/gen/$(notdir $(2)) && install -D -m 644 \
	$(O)/gen/$(notdir $(2)) $(DESTDIR)$(PREFIX)/$(2)
# The administrator's file: never overwritten, removed only where unchanged.
conf := $(DESTDIR)$(SYSCONFDIR)/hale/hale.conf
mans := $(wildcard docs/man/*.[1-9])
man_dir = $(DESTDIR)$(PREFIX)/share/man/man
man_path = share/man/man$(subst .,,$(suffix $(1)))/$(notdir $(1))
# hale.h and what it includes
public-h := hale explain reply words
installed := bin/hale sbin/haled $(COMMANDS:%=libexec/hale/hale-%) \
	$(helpers-all:%=libexec/hale/hale-probe-%) \
	libexec/hale/hale-reporter libexec/hale/hale-fleet libexec/hale/hale-doors \
	lib/libhale.a lib/libhale.so lib/libhale.so.1 \
	lib/pkgconfig/hale.pc lib/systemd/system/haled.service \
	lib/sysusers.d/hale.conf \
	$(public-h:%=include/hale/%.h) \
	$(foreach m,$(mans),$(call man_path,$(m)))

.PHONY: install uninstall
install: all
	$(call install_to,755,$(O)/hale,bin/hale)
	$(call install_to,755,$(O)/haled,sbin/haled)
	$(Q)for r in $(REPORTER); do \
		install -D -m 755 $(O)/libexec/$$r \
		$(DESTDIR)$(PREFIX)/libexec/hale/$$r; done
	$(Q)for h in $(COMMANDS) $(patsubst %,probe-%,$(sort $(helper-y))); do \
		install -D -m 755 $(O)/libexec/hale-$$h \
		$(DESTDIR)$(PREFIX)/libexec/hale/hale-$$h; done
	$(call install_to,644,$(O)/libhale.a,lib/libhale.a)
	$(call install_to,644,$(O)/libhale.so.1,lib/libhale.so.1)
	$(Q)ln -sf libhale.so.1 $(DESTDIR)$(PREFIX)/lib/libhale.so
	$(Q)install -d $(DESTDIR)$(PREFIX)/include/hale
	$(Q)install -m 644 $(public-h:%=include/hale/%.h) \
		$(DESTDIR)$(PREFIX)/include/hale
	$(call install_from,hale.pc.in,lib/pkgconfig/hale.pc)
	$(call install_from,systemd/haled.service.in,lib/systemd/system/haled.service)
	$(call install_to,644,packaging/sysusers.d/hale.conf,lib/sysusers.d/hale.conf)
	$(Q)[ -e $(conf) ] || install -D -m 644 packaging/hale.conf $(conf)
	$(Q)set -e; for m in $(mans); do \
		install -D -m 644 $$m $(man_dir)$${m##*.}/$${m##*/}; done
uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,$(installed))
	if cmp -s packaging/hale.conf $(conf); then rm $(conf); fi
	-rmdir --ignore-fail-on-non-empty $(DESTDIR)$(PREFIX)/libexec/hale \
		$(DESTDIR)$(PREFIX)/include/hale

# --- the rest ----------------------------------------------------------------

include tests/Makefile.inc
include tests/lint/Makefile.inc

.PHONY: run deps clean distclean help
deps:
	@packaging/deps.sh build
run: deps
	@$(MAKE) $(parallel) all
	@packaging/run-host.sh $(O)

clean:
	rm -rf $(O)
distclean: clean
	rm -rf build

help:
	@sed -n 's/^#h \{0,1\}//p' Makefile
endif

#h make              build into $(O), by default build/
#h make run          install what is missing, build, and gate this very host
#h make test         install what the tests need and run them (most of an hour)
#h
#h make check        unit and integration tests only
#h make lab          machines with broken hardware only (QEMU, 15 min)
#h make test KINDS=fleet   against real NATS servers: not in `make test` yet
#h make lint         style, layers, sizes, static analysis; gcc and clang
#h make format       clang-format over all of it
#h make bench        measure what the design promises
#h make fuzz         20 s a fuzzer (FUZZ_SECONDS=, FUZZERS=); needs clang
#h make coverage     lines and branches of agent/core that its tests run
#h make sanitized    unit tests under ASan and UBSan
#h make install      DESTDIR= PREFIX=/usr/local SYSCONFDIR=/etc
#h make uninstall
#h make clean        remove $(O)                    make distclean
#h
#h make menuconfig   choose drivers; also defconfig tinyconfig allyesconfig
#h                   allnoconfig randconfig oldconfig syncconfig savedefconfig
#h
#h O=DIR             build there; each O has its own configuration
#h CC=clang          another compiler          CFLAGS= LDFLAGS=  more flags
#h SAN=1             AddressSanitizer and UBSan    WERROR=1  warnings are errors
#h CC=clang CFI=1    control flow integrity: indirect calls by their type
#h V=1               show the commands
