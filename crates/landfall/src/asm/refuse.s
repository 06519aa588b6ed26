# Refusals and traps before Rust can run: one line on the SBI console, then power-off with failure.
#
# Needs neither stack nor slots. s3 to s7 are used freely, since nothing returns from here.

.section .text.landfall_refuse, "ax", @progbits
.option push
.option norvc
.option norelax

.macro refuse name, value, before, after
\name:
    mv      s4, \value
    lla     s3, 1f
    lla     s5, 2f
    j       landfall_refuse
1:  .asciz  "\before"
2:  .asciz  "\after"
    .balign 4
.endm

refuse refuse_alignment, s2, "R1: the image begins at ", "; it must begin at a multiple of 0x1000 (4 KiB)"
refuse refuse_header, s2, "R2: the boot header or the landfall record of the image at ", " is damaged; load the file again, unchanged and whole"
refuse refuse_relr, a0, "R3: the relocation data is damaged: the word ", " leads out of the image; load the file again, unchanged and whole"
refuse refuse_no_tree, s1, "R4: there is no device tree at ", " (register a1); a1 must hold the physical address of a flattened device tree (magic 0xd00dfeed)"
refuse refuse_tree_overlap, s1, "R5: the device tree at ", " lies over the image or its .bss; put it where image_size bytes from the image's start do not reach"
refuse refuse_leap, s1, "R12: the hart did not keep the value ", " of satp, although the probe had it take the mode"

# A trap while the MMU is off: where, and why.
.balign 4
landfall_early_trap:
    csrr    s4, scause
    lla     s3, 1f
    lla     s5, 2f
    j       landfall_refuse
1:  .asciz  "R16: a trap before landing: scause "
2:  .asciz  ""
    .balign 4

# A trap after landing that the kernel has no handler for yet. sepc is told as linked, so that it says where without
# giving away where the kernel is.
.balign 4
.global landfall_late_trap
landfall_late_trap:
    lla     s3, 1f
    csrr    s4, scause
    call    landfall_puts
    call    landfall_put_hex
    lla     s3, 2f
    csrr    s4, sepc
    lla     t0, __landfall_image_start
    ld      t1, landfall_link_base
    sub     s4, s4, t0
    add     s4, s4, t1
    call    landfall_puts
    call    landfall_put_hex
    lla     s3, 3f
    call    landfall_puts
    j       landfall_power_off_after_failure
1:  .asciz  "landfall: panic a trap that the kernel does not handle: scause "
2:  .asciz  ", sepc (as linked) "
3:  .asciz  "\n"
    .balign 4

# in: s3 = text before, s4 = a value, s5 = text after
landfall_refuse:
    mv      s6, s3
    lla     s3, 1f
    call    landfall_puts
    mv      s3, s6
    call    landfall_puts
    call    landfall_put_hex
    csrr    t0, scause
    mv      s3, s5
    lbu     t0, 0(s3)
    bnez    t0, 2f
    # A trap: two more values.
    lla     s3, 3f
    csrr    s4, sepc
    call    landfall_puts
    call    landfall_put_hex
    lla     s3, 4f
    csrr    s4, stval
    call    landfall_puts
    call    landfall_put_hex
    lla     s3, 5f
2:  call    landfall_puts
    lla     s3, 6f
    call    landfall_puts
    j       landfall_power_off_after_failure
1:  .asciz  "landfall: refused "
3:  .asciz  ", sepc "
4:  .asciz  ", stval "
5:  .asciz  "; the loader must give a tree and memory that the hart can read"
6:  .asciz  "\n"
    .balign 4

# fn landfall_power_off(reason: u64) -> !: system reset of type shutdown; a reset would loop on a board. Then the legacy call, then sleep.
landfall_power_off_after_failure:
    li      a0, 1                       # reason: system failure
.global landfall_power_off
landfall_power_off:
    mv      a1, a0
    li      a7, 0x53525354              # SRST
    li      a6, 0
    li      a0, 0
    ecall
    li      a7, 8
    ecall
1:  wfi
    j       1b

# in: s3 = a text that ends with 0    clobbers a0, a1, a6, a7, t0, s3, s7
landfall_puts:
    mv      s7, ra
1:  lbu     a0, 0(s3)
    beqz    a0, 2f
    addi    s3, s3, 1
    call    landfall_putc
    j       1b
2:  jr      s7

# in: s4 = a value    clobbers a0, a1, a6, a7, t0, s3, s7, s8
landfall_put_hex:
    mv      s7, ra
    li      a0, '0'
    call    landfall_putc
    li      a0, 'x'
    call    landfall_putc
    li      s8, 60
1:  srl     t0, s4, s8                  # from the first digit that is not 0
    bnez    t0, 2f
    addi    s8, s8, -4
    bnez    s8, 1b
2:  srl     a0, s4, s8
    andi    a0, a0, 15
    li      t0, 10
    addi    a0, a0, '0'
    addi    t0, t0, '0'
    bltu    a0, t0, 3f
    addi    a0, a0, 'a' - '0' - 10
3:  call    landfall_putc
    addi    s8, s8, -4
    bgez    s8, 2b
    jr      s7

# in: a0 = a byte    clobbers a0, a1, a6, a7, t0
landfall_putc:
    mv      t0, a0
    li      a7, 0x4442434e              # DBCN
    li      a6, 2                       # console_write_byte
    ecall
    beqz    a0, 1f
    mv      a0, t0
    li      a7, 1                       # legacy console_putchar
    ecall
1:  ret
.option pop
