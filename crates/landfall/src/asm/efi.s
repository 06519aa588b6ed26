# EFI firmware enters the image here (UEFI 2.10, 2.3.7). The image does the last step of a loader
# itself. Firmware's data becomes a device tree, and boot services end. Then `_start` is entered as
# by any other loader.
#
# efi_status landfall_efi_enter(a0 = image handle, a1 = system table), on the firmware's stack, satp
# on or off with memory where it is. It returns if there can be no landing: firmware goes on with
# its next boot entry.
#
#   s0  image handle, then hart id
#   s1  system table, then device tree
#   s2  where the image begins

.section .text.landfall_efi, "ax", @progbits
.option push
.option norvc
.option norelax
.global landfall_efi_enter
landfall_efi_enter:
    addi    sp, sp, -80
    sd      ra, 0(sp)
    sd      s0, 8(sp)
    sd      s1, 16(sp)
    sd      s2, 24(sp)
    sd      s3, 64(sp)
    mv      s0, a0
    mv      s1, a1
    lla     s2, _start
    lla     a2, landfall_efi_says_r1
    slli    t0, s2, 52
    bnez    t0, landfall_efi_refuse
    call    landfall_check_seal         # a0 = 0 if whole
    bnez    a0, landfall_efi_refuse_seal
    call    landfall_check_relr         # a0 = 0 if sound
    lla     a2, landfall_efi_says_r3
    bnez    a0, landfall_efi_refuse
    # The compiler may use floating-point registers anywhere on this target.
    li      t0, 0x2000                  # FS = Initial, or what it is if more
    csrs    sstatus, t0
    # From here on, all Rust is ordinary Rust: every slot holds the address where the image is.
    lla     t0, __landfall_image_start
    ld      t1, landfall_link_base
    sub     a0, t0, t1
    call    landfall_rebase
    mv      a0, s0
    mv      a1, s1
    addi    a2, sp, 32                  # hart id and device tree
    call    landfall_efi_leave
    bnez    a0, landfall_efi_return

    # Firmware is gone, satp is 0 and interrupts are off. Every slot gets its value in the file
    # back, and .bss is unused.
    ld      s0, 32(sp)
    ld      s1, 40(sp)
    lla     t0, __landfall_image_start
    ld      t1, landfall_link_base
    sub     a0, t1, t0
    call    landfall_rebase
    # The stack becomes free memory, and firmware's generator has run on it. The services that were
    # called above took more than 8 KiB of it. The rest below is unknown: a boot manager may have
    # started the image deep in it.
    li      t0, -0x2000
    add     t0, sp, t0
1:
.set landfall_efi_wiped, 0
.rept 8
    sd      zero, landfall_efi_wiped(t0)
.set landfall_efi_wiped, landfall_efi_wiped + 8
.endr
    addi    t0, t0, 64
    bltu    t0, sp, 1b
    mv      a0, s0
    mv      a1, s1
    tail    _start

# in: a0 to a2, as landfall_check_seal returns them
landfall_efi_refuse_seal:
    sd      a1, 40(sp)
    sd      a2, 48(sp)
    addi    a0, a0, -1
    lla     a2, landfall_efi_says_r2
    beqz    a0, landfall_efi_refuse
    lla     a2, landfall_efi_says_checksums

# in: a2 = a text that ends with 0, s1 = system table    out, to the firmware: EFI_LOAD_ERROR
# In the text, byte 1 stands for the number at 40(sp), and byte 2 for the one at 48(sp).
landfall_efi_refuse:
    mv      s0, a2
    ld      s2, 64(s1)                  # ConOut
    beqz    s2, 2f
1:  lbu     t0, 0(s0)
    addi    s0, s0, 1
    beqz    t0, 2f
    li      t1, 3
    bltu    t0, t1, 3f
    call    landfall_efi_putc
    j       1b
3:  slli    t0, t0, 3
    add     t0, t0, sp
    ld      s1, 32(t0)
    li      t1, 60
4:  srl     t0, s1, t1                  # from the first digit that is not 0
    bnez    t0, 5f
    addi    t1, t1, -4
    bnez    t1, 4b
5:  sd      t1, 56(sp)
    srl     t0, s1, t1
    andi    t0, t0, 15
    li      t1, 10
    bltu    t0, t1, 6f
    addi    t0, t0, 'a' - '0' - 10
6:  addi    t0, t0, '0'
    call    landfall_efi_putc
    ld      t1, 56(sp)
    addi    t1, t1, -4
    bgez    t1, 5b
    j       1b
2:  li      a0, 1
    slli    t0, a0, 63
    or      a0, a0, t0
landfall_efi_return:
    ld      ra, 0(sp)
    ld      s0, 8(sp)
    ld      s1, 16(sp)
    ld      s2, 24(sp)
    ld      s3, 64(sp)
    addi    sp, sp, 80
    ret

# in: t0 = a character, s2 = ConOut    clobbers 32(sp), s3 and what a C function may
landfall_efi_putc:
    mv      s3, ra
    sw      t0, 32(sp)                  # one character of UCS-2, and the end
    mv      a0, s2
    addi    a1, sp, 32
    ld      t0, 8(s2)                   # OutputString
    jalr    t0
    jr      s3

landfall_efi_says_r1:
    .asciz  "\r\nlandfall: refused R{RULE_ALIGNMENT}: the image does not begin at a multiple of 0x1000 (4 KiB); load it at a multiple\r\n"
landfall_efi_says_r2:
    .asciz  "\r\nlandfall: refused R{RULE_HEADER}: the boot header or the landfall record of the image is damaged; the file changed after the build, or was loaded in part; load it again\r\n"
landfall_efi_says_checksums:
    .asciz  "\r\nlandfall: refused R{RULE_HEADER}: the image has the checksum 0x\001, but its record states 0x\002; the file changed after the build, or was loaded in part; load it again\r\n"
landfall_efi_says_r3:
    .asciz  "\r\nlandfall: refused R{RULE_RELOCATIONS}: the relocation data is not packed, or has an invalid word; run `cargo landfall seal` on the ELF, or load the file again\r\n"
.option pop
