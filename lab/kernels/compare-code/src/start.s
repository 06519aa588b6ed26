# The first instructions: relocate where there is something to relocate, then Rust. QEMU's loader
# has zeroed .bss.

.section .text.start, "ax", @progbits
.global _start
_start:
    lla     t0, __landfall_image_start
    ld      t1, landfall_link_base
    sub     a0, t0, t1
    call    landfall_rebase
    li      t0, 0x2000                  # sstatus.FS = Initial: compilers use FP registers
    csrs    sstatus, t0
    lla     sp, compare_stack_top
    call    compare_main

.section .bss.compare_stack, "aw", @nobits
.balign 16
    .zero   0x10000
compare_stack_top:
