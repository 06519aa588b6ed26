# Refusals and traps before Rust can run: one line on the SBI console, then power-off with failure.
#
# Needs neither stack nor slots. s3 to s10 are used freely, since nothing returns from here.

.section .text.landfall_refuse, "ax", @progbits
.option push
.option norvc
.option norelax
.option arch, +a, +m

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

refuse refuse_alignment, s2, "R{RULE_ALIGNMENT}: the image begins at ", ", which is not a multiple of 0x1000 (4 KiB); load it at a multiple"
refuse refuse_header, s2, "R{RULE_HEADER}: the boot header or the landfall record of the image at ", " is damaged; the file changed after the build, or was loaded in part; load it again"
refuse refuse_relr, a0, "R{RULE_RELOCATIONS}: the relocation data has the invalid word ", "; the file changed after the build, or was loaded in part; load it again"
refuse refuse_no_tree, s1, "R{RULE_NO_TREE}: the memory at ", " (register a1) holds no device tree (magic 0xd00dfeed); pass the physical address of a device tree in a1"
refuse refuse_tree_overlap, s1, "R{RULE_TREE_OVERLAP}: the device tree at ", " overlaps the image or its .bss; load it outside the image_size bytes from the image's start"
refuse refuse_image_memory, t0, "R{RULE_NOT_MEMORY}: the memory at ", ", in the image itself, loses what is written to it; load the image into RAM"
refuse refuse_tables, s1, "R{RULE_NOT_MEMORY}: the page tables of satp ", " do not hold what was written to them; the device tree lists flash, ROM or device registers as RAM; correct its memory nodes"
refuse refuse_leap, s1, "R{RULE_PROBE_FAILED}: the hart did not keep ", " in satp, although it accepted the same mode in the probe; limit the mode by landfall.mode="
refuse refuse_stack, a0, "R{RULE_EARLY_PANIC}: the landing's stack at ", " overflowed; optimize the crate landfall and those that it uses by the same level"

# Relocations: those that the linker wrote and nothing packed, or the invalid word in a0.
.balign 4
refuse_relocations:
    ld      t0, landfall_relr_size
    andi    t0, t0, 1
    beqz    t0, refuse_relr
    addi    a0, a0, -1
refuse refuse_unpacked, a0, "R{RULE_RELOCATIONS}: the relocations of the image are not packed, and take ", " bytes as the linker wrote them; run `cargo landfall seal` on the ELF, and load its result"

# The refusal of a seal: see landfall_check_seal, which returns a0 to a2.
.balign 4
refuse_seal:
    addi    a0, a0, -1
    beqz    a0, refuse_header
    mv      s9, a1
    mv      s10, a2
    lla     s3, 1f
    call    landfall_puts
    mv      s4, s2
    call    landfall_put_hex
    lla     s3, 2f
    call    landfall_puts
    mv      s4, s9
    call    landfall_put_hex
    lla     s3, 3f
    call    landfall_puts
    mv      s4, s10
    call    landfall_put_hex
    lla     s3, 4f
    call    landfall_puts
    j       landfall_power_off_after_failure
1:  .asciz  "landfall: refused R{RULE_HEADER}: the image at "
2:  .asciz  " has the checksum "
3:  .asciz  ", but its record states "
4:  .asciz  "; the file changed after the build, or was loaded in part; load it again\n"
    .balign 4

# A trap while the MMU is off: its cause, place and value, and help that suits the cause.
.balign 4
landfall_early_trap:
    lla     s3, 1f
    call    landfall_puts
    call    landfall_put_cause
    lla     s3, 2f
    call    landfall_puts
    csrr    s4, sepc
    call    landfall_put_hex
    lla     s3, 3f
    call    landfall_puts
    csrr    s4, stval
    call    landfall_put_hex
    csrr    t0, scause
    lla     s3, 4f
    li      t1, 2                       # illegal instruction
    beq     t0, t1, 7f
    lla     s3, 6f
    li      t1, 8                       # access faults of fetch, load and store: 1, 5 and 7
    bgeu    t0, t1, 7f
    li      t1, 0xa2
    srl     t1, t1, t0
    andi    t1, t1, 1
    beqz    t1, 7f
    lla     s3, 5f
7:  call    landfall_puts
    j       landfall_power_off_after_failure
1:  .asciz  "landfall: refused R{RULE_EARLY_TRAP}: a trap before landing: "
2:  .asciz  ", sepc "
3:  .asciz  ", stval "
4:  .asciz  "; the extension of the instruction at sepc is missing on this hart, or disabled; build the kernel without its target feature\n"
5:  .asciz  "; the hart cannot access the address in stval; correct the memory nodes of the device tree, or its address in a1\n"
6:  .asciz  "\n"
    .balign 4

# A trap after landing that the kernel has no handler for. It uses no stack, since that may be what
# has overflown, and sscratch for the hart's id. landfall_put_address prints the addresses.
.balign 4
.global landfall_late_trap
landfall_late_trap:
    mv      s10, ra
    # The console's lock (console.rs), or no more patience with its holder.
    lla     t0, {LINE}
    li      t1, {PATIENCE}
    li      t3, 1
    lw      t4, 4(t0)
1:  lr.w t2, (t0)
    bnez    t2, 2f
    sc.w    t2, t3, (t0)
    beqz    t2, 4f
2:  .word   0x0100000f                  # pause
    lw      t5, 4(t0)
    beq     t5, t4, 3f
    mv      t4, t5
    li      t1, {PATIENCE}
3:  addi    t1, t1, -1
    bnez    t1, 1b
4:  fence   r, iorw                     # the holder's output before ours
    lla     s3, 5f
    call    landfall_puts
    call    landfall_put_cause
    lla     s3, 6f
    call    landfall_puts
    call    landfall_put_hart
    lla     s3, 7f
    call    landfall_puts
    csrr    s4, sepc
    call    landfall_put_address
    lla     s3, 8f
    call    landfall_puts
    call    landfall_put_value
    lla     s3, 9f
    call    landfall_puts
    mv      s4, s10
    call    landfall_put_address
    lla     s3, 10f
    call    landfall_puts
    lla     t0, {LINE}
    fence   iorw, w                     # and ours before the next holder's
    sw      zero, (t0)
    j       landfall_power_off_after_failure
5:  .asciz  "\nlandfall: panic a trap that the kernel does not handle: "
6:  .asciz  ", hart "
7:  .asciz  ", sepc "
8:  .asciz  ", stval "
9:  .asciz  ", ra "
10: .asciz  "\n"
    .balign 4

# in: sscratch = this hart's id, unless the kernel has put something else there
landfall_put_hart:
    csrr    s4, sscratch
    srli    t0, s4, 31                  # such a large value is an address
    beqz    t0, landfall_put_decimal
    lla     s3, 1f
    j       landfall_puts
1:  .asciz  "unknown"
    .balign 4

# stval is an address, but for two causes: there it is an instruction, or 0.
landfall_put_value:
    csrr    t0, scause
    csrr    s4, stval
    li      t1, 2                       # illegal instruction
    beq     t0, t1, landfall_put_hex
    li      t1, 22                      # virtual instruction
    beq     t0, t1, landfall_put_hex

# Prints an address. One within the image is printed as linked, which hides the kernel's place. Any
# other is printed if the policy discloses addresses. Else its distance from null or sp is printed.
# in: s4 = an address    clobbers a0, a1, a6, a7, t0-t2, s3, s4, s7-s9
landfall_put_address:
    mv      s9, ra
    lla     t0, __landfall_image_start
    sub     t1, s4, t0
    lla     t2, __landfall_image_end
    sub     t2, t2, t0
    bltu    t1, t2, 1f
    lla     t0, {DISCLOSES}
    lw      t0, (t0)
    mv      ra, s9
    bnez    t0, landfall_put_hex
    lui     t0, 16
    bltu    s4, t0, landfall_put_hex
    sub     s4, s4, sp
    add     t1, s4, t0
    slli    t2, t0, 1
    bltu    t1, t2, 2f
    lla     s3, 5f
    j       landfall_puts
1:  ld      s4, landfall_link_base
    add     s4, s4, t1
    call    landfall_put_hex
    lla     s3, 6f
    mv      ra, s9
    j       landfall_puts
2:  lla     s3, 7f
    bgez    s4, 3f
    lla     s3, 8f
    neg     s4, s4
3:  call    landfall_puts
    mv      ra, s9
    j       landfall_put_hex
5:  .asciz  "withheld"
6:  .asciz  " as linked"
7:  .asciz  "sp+"
8:  .asciz  "sp-"
    .balign 4

# Prints the name of the cause (privileged specification, "Supervisor Cause Register") and the
# register.
# clobbers a0, a1, a6, a7, t0, t1, s3, s4, s7-s9
landfall_put_cause:
    mv      s9, ra
    csrr    s4, scause
    lla     s3, landfall_exceptions
    li      t0, 24                      # names in the list
    bgez    s4, 1f
    lla     s3, landfall_interrupts
    li      t0, 14
1:  slli    t1, s4, 1                   # without the bit that says which
    srli    t1, t1, 1
    bltu    t1, t0, 3f
    mv      t1, t0                      # the list ends with a name for all others
    j       3f
2:  addi    t1, t1, -1                  # one name further
4:  lbu     t0, 0(s3)
    addi    s3, s3, 1
    bnez    t0, 4b
3:  bnez    t1, 2b
    call    landfall_puts
    lla     s3, 5f
    call    landfall_puts
    call    landfall_put_hex
    lla     s3, 6f
    mv      ra, s9
    j       landfall_puts
5:  .asciz  " (scause "
6:  .asciz  ")"
landfall_exceptions:
    .asciz  "instruction address misaligned"
    .asciz  "instruction access fault"
    .asciz  "illegal instruction"
    .asciz  "breakpoint"
    .asciz  "load address misaligned"
    .asciz  "load access fault"
    .asciz  "store or AMO address misaligned"
    .asciz  "store or AMO access fault"
    .asciz  "environment call from U-mode"
    .asciz  "environment call from S-mode"
    .asciz  "environment call from VS-mode"
    .asciz  "a reserved exception"
    .asciz  "instruction page fault"
    .asciz  "load page fault"
    .asciz  "a reserved exception"
    .asciz  "store or AMO page fault"
    .asciz  "a reserved exception"
    .asciz  "a reserved exception"
    .asciz  "software check"
    .asciz  "hardware error"
    .asciz  "instruction guest-page fault"
    .asciz  "load guest-page fault"
    .asciz  "virtual instruction"
    .asciz  "store or AMO guest-page fault"
    .asciz  "a reserved exception"
landfall_interrupts:
    .asciz  "a reserved interrupt"
    .asciz  "supervisor software interrupt"
    .asciz  "VS-mode software interrupt"
    .asciz  "a reserved interrupt"
    .asciz  "a reserved interrupt"
    .asciz  "supervisor timer interrupt"
    .asciz  "VS-mode timer interrupt"
    .asciz  "a reserved interrupt"
    .asciz  "a reserved interrupt"
    .asciz  "supervisor external interrupt"
    .asciz  "VS-mode external interrupt"
    .asciz  "a reserved interrupt"
    .asciz  "guest external interrupt"
    .asciz  "counter overflow interrupt"
    .asciz  "a reserved interrupt"
    .balign 4

# in: s3 = text before, s4 = a value, s5 = text after
landfall_refuse:
    mv      s6, s3
    lla     s3, 1f
    call    landfall_puts
    mv      s3, s6
    call    landfall_puts
    call    landfall_put_hex
    mv      s3, s5
    call    landfall_puts
    lla     s3, 2f
    call    landfall_puts
    j       landfall_power_off_after_failure
1:  .asciz  "landfall: refused "
2:  .asciz  "\n"
    .balign 4

# fn landfall_power_off(reason: u64) -> !: system reset of type shutdown; a reset would loop on a
# board. Then the legacy call, then sleep.
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

# in: s4 = a value below 2^31    clobbers a0, a1, a6, a7, t0, s3, s4, s7, s8
landfall_put_decimal:
    mv      s7, ra
    li      s8, 1000000000
1:  divu    t0, s4, s8                  # from the first digit that is not 0
    bnez    t0, 2f
    li      t0, 10
    divu    s8, s8, t0
    li      t0, 1
    bne     s8, t0, 1b
2:  divu    a0, s4, s8
    remu    s4, s4, s8
    addi    a0, a0, '0'
    call    landfall_putc
    li      t0, 10
    divu    s8, s8, t0
    bnez    s8, 2b
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
