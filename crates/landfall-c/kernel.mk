# Rules for a kernel in C, for GNU Make. The kernel's Makefile sets KERNEL, its name, and SOURCES,
# and includes this file. GNU ld and LLD link it, gcc and clang compile it:
#
#   make                                                       build/KERNEL.elf, build/KERNEL.bin
#   make run ARGUMENTS="--harts 4"                             boots it in QEMU
#   make test ARGUMENTS="--only mode"                          boots it on many machines
#   make CC="clang --target=riscv64-linux-gnu" LD=ld.lld
#
# The library lies beside this file. CFLAGS is the kernel's; the flags that the library needs come
# in addition. LINK_ARGS is for `link-args`, such as `--sections percpu.ld`.

CC := riscv64-linux-gnu-gcc
LD := riscv64-linux-gnu-ld
LANDFALL ?= cargo-landfall
BUILD ?= build

LANDFALL_C := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
LIBRARY ?= $(LANDFALL_C)/liblandfall_c.a

# The code must run anywhere (medany, no PIC), and has the ABI of the library.
CFLAGS ?= -std=gnu11 -O2 -g -Wall -Wextra
REQUIRED := -march=rv64gc -mabi=lp64d -mcmodel=medany -fno-pic -ffreestanding -fno-common \
	-ffunction-sections -fdata-sections -I $(LANDFALL_C)/include
OBJECTS := $(patsubst %,$(BUILD)/%.o,$(basename $(SOURCES)))

$(BUILD)/$(KERNEL).bin: $(BUILD)/$(KERNEL).elf

$(BUILD)/$(KERNEL).elf: $(OBJECTS) $(LIBRARY) $(BUILD)/landfall.mk $(LANDFALL_SCRIPTS)
	$(LD) $(LANDFALL_LD_FLAGS) -o $@.linked $(OBJECTS) $(LIBRARY)
	$(LANDFALL) seal $@.linked --out $@

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(REQUIRED) $(CFLAGS) -MMD -c -o $@ $<

$(BUILD)/%.o: %.S
	@mkdir -p $(@D)
	$(CC) $(REQUIRED) -MMD -c -o $@ $<

run: $(BUILD)/$(KERNEL).elf
	$(LANDFALL) run $< $(ARGUMENTS)

test: $(BUILD)/$(KERNEL).elf
	$(LANDFALL) test $< $(ARGUMENTS)

clean:
	rm -rf $(BUILD)

.PHONY: run test clean always

ifneq ($(MAKECMDGOALS),clean)
# $(call required,PROGRAM,COMMAND): ends if the program is missing, with the command that installs
# it.
required = $(if $(shell command -v $(1) 2>&1),,$(error $(1) is missing; run `$(2)`))
COMPILER := $(firstword $(CC))
PACKAGE := $(if $(filter riscv64-linux-gnu-gcc,$(COMPILER)),gcc-riscv64-linux-gnu,$(COMPILER))
$(call required,$(COMPILER),sudo apt install $(PACKAGE))
$(call required,$(firstword $(LANDFALL)),cargo install --locked --path crates/cargo-landfall` in a checkout of Landfall, with `~/.cargo/bin in PATH)

# Make writes this file first, and then reads itself again if it has changed: with another linker,
# in another folder, or by another version of the command.
$(BUILD)/landfall.mk: always
	@mkdir -p $(BUILD)
	@$(LANDFALL) link-args --format make --linker $(LD) --out $(BUILD)/scripts $(LINK_ARGS) > $@.new
	@cmp -s $@.new $@ || cp $@.new $@

include $(BUILD)/landfall.mk
-include $(OBJECTS:.o=.d)
endif
