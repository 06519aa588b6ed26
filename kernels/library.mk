# The rules for kernels in C of this checkout. The library is the one that Cargo builds in it; other
# kernels have a copy beside kernel.mk, by `cargo landfall library`.
CHECKOUT := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))/..
LIBRARY ?= $(CHECKOUT)/target/riscv64gc-unknown-none-elf/release/liblandfall_c.a

include $(CHECKOUT)/crates/landfall-c/kernel.mk

$(LIBRARY):
	cd $(CHECKOUT) && cargo build --release --target riscv64gc-unknown-none-elf --package landfall-c
