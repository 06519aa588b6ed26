# The kernel's first instructions: the boot header, the first rebase, early Rust, the last rebase,
# translation on.
#
#   s0  hart id            s2  what to add to every slot
#   s1  device tree        s3  satp        s4  stack, virtual

.section .head, "ax", @progbits
.option push
.option norvc
.option norelax
.global _start
_start:
    j       1f                          # code0
    nop                                 # code1
    .quad   0x200000                    # text_offset
    .quad   _image_size
    .quad   0                           # flags: little-endian
    .word   2                           # version 0.2
    .word   0
    .quad   0
    .ascii  "RISCV\0\0\0"
    .ascii  "RSC\x05"
    .word   0                           # no PE header
.org _start + 0x40

1:  csrw    satp, zero
    csrw    sie, zero
    mv      s0, a0
    mv      s1, a1
    lla     t0, own_trap
    csrw    stvec, t0

    # Every slot to where the image lies. No stack is needed, and nothing has been written.
    call    landfall_check_relr         # a0 = 0 if sound
    bnez    a0, own_trap
    lla     a0, __landfall_image_start
    ld      t0, landfall_link_base
    sub     a0, a0, t0
    call    landfall_rebase

    # As this kernel has always begun: .bss, a stack, Rust.
    lla     t0, _bss_start
    lla     t1, _bss_end
2:  sd      zero, 0(t0)
    addi    t0, t0, 8
    bltu    t0, t1, 2b
    lla     sp, _stack_top
    addi    sp, sp, -32
    mv      a0, s0
    mv      a1, s1
    mv      a2, sp
    call    own_early                   # fills in the Leap at a2
    ld      s2, 0(sp)
    ld      s3, 8(sp)
    ld      s4, 16(sp)

    # Every slot to its virtual address. From here to satp there is nothing but this.
    mv      a0, s2
    call    landfall_rebase
    lla     t0, 3f
    add     t0, t0, s2
    csrw    stvec, t0                   # the next fetch traps to there
    sfence.vma zero, zero
    csrw    satp, s3
.balign 4
3:  sfence.vma zero, zero
    lla     t0, own_trap
    csrw    stvec, t0
    mv      sp, s4
    tail    own_main

# One line on the console, then power-off.
.balign 4
own_trap:
    lla     s5, 5f
4:  lbu     a0, 0(s5)
    beqz    a0, 6f
    li      a7, 1                       # legacy console_putchar
    ecall
    addi    s5, s5, 1
    j       4b
5:  .asciz  "own-start: a trap\n"
.balign 4
6:  li      a7, 8                       # legacy shutdown
    ecall
7:  wfi
    j       7b
.option pop
