# Builds a kernel in C. The kernel's Makefile sets KERNEL, its name, and SOURCES, and includes this
# file. GNU ld and LLD link it, gcc and clang compile it:
#
#   make                                                       build/KERNEL.elf, build/KERNEL.bin
#   make run                                                   boots it in QEMU
#   make CC="clang --target=riscv64-linux-gnu" LD=ld.lld

CC := riscv64-linux-gnu-gcc
LD := riscv64-linux-gnu-ld
LANDFALL ?= cargo-landfall
BUILD ?= build

LANDFALL_C := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
LIBRARY ?= $(LANDFALL_C)/../../target/riscv64gc-unknown-none-elf/release/liblandfall_c.a

# The code must run anywhere (medany, no PIC), and has the ABI of the library.
CFLAGS ?= -std=gnu11 -O2 -g -Wall -Wextra
REQUIRED := -march=rv64gc -mabi=lp64d -mcmodel=medany -fno-pic -ffreestanding -fno-common \
	-ffunction-sections -fdata-sections -I $(LANDFALL_C)/include
OBJECTS := $(patsubst %,$(BUILD)/%.o,$(basename $(SOURCES)))

$(BUILD)/$(KERNEL).bin: $(BUILD)/$(KERNEL).elf

$(BUILD)/$(KERNEL).elf: $(OBJECTS) $(LIBRARY) $(BUILD)/landfall.mk $(LANDFALL_SCRIPTS)
	$(LD) $(LANDFALL_LD_FLAGS) -o $@.linked $(OBJECTS) $(LIBRARY)
	$(LANDFALL) seal $@.linked --out $@

$(BUILD)/%.o: %.c | $(BUILD)
	$(CC) $(REQUIRED) $(CFLAGS) -MMD -c -o $@ $<

$(BUILD)/%.o: %.S | $(BUILD)
	$(CC) $(REQUIRED) -c -o $@ $<

$(BUILD):
	mkdir -p $@

$(LIBRARY):
	cd $(LANDFALL_C) && cargo build --release --target riscv64gc-unknown-none-elf

# Make writes this file first, and then reads itself again.
$(BUILD)/landfall.mk: | $(BUILD)
	$(LANDFALL) link-args --format make --linker $(LD) --out $(BUILD)/scripts > $@.new
	mv $@.new $@

run: $(BUILD)/$(KERNEL).elf
	$(LANDFALL) run $<

clean:
	rm -rf $(BUILD)

.PHONY: run clean

include $(BUILD)/landfall.mk
-include $(OBJECTS:.o=.d)
