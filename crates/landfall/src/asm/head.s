# The image's first instructions: they trust nothing, check what a loader can break, and end in
# Rust.
#
# A loader jumps to `_start` with a0 = hart id, a1 = physical address of the device tree (Linux,
# Documentation/arch/riscv/boot.rst). Until `rebase` has run, no slot may be read: addresses come
# from `lla` alone. There is no stack yet.
#
#   s0  hart id
#   s1  device tree
#   s2  where the image begins

# t0 = the big-endian word of the tree at s1    clobbers t1-t3
.macro landfall_tree_word offset
    lbu     t0, \offset(s1)
    lbu     t1, \offset + 1(s1)
    lbu     t2, \offset + 2(s1)
    lbu     t3, \offset + 3(s1)
    slli    t0, t0, 24
    slli    t1, t1, 16
    slli    t2, t2, 8
    or      t0, t0, t1
    or      t2, t2, t3
    or      t0, t0, t2
.endm

# Numbers of the linker script are written as distances from 0. GNU's linker takes any other use of
# such a symbol for an address that moves with the image.
.section .landfall.head, "ax", @progbits
.option push
.option norvc
.option norelax
.option arch, +a

.global _start
_start:
.if {EFI}
    .2byte  {DOS_MAGIC}                 # code0: "MZ" for EFI, and c.li s4, -13 for a hart
.else
    .2byte  0x0001                      # c.nop: no PE header follows
.endif
    j       landfall_enter
    .2byte  0x0001                      # c.nop
    .quad   {TEXT_OFFSET}
    .quad   __landfall_image_size - __landfall_zero
    .quad   0                           # flags: little-endian
    .word   {HEADER_VERSION}
    .word   0
    .quad   0
    .quad   {MAGIC}
    .word   {MAGIC2}
.if {EFI}
    .word   {PE_OFFSET}
.else
    .word   0
.endif
.org _start + 0x40                      # an error, if code0 and code1 took more than 8 bytes

# The landfall record: crate landfall-image, module `record`.
    .quad   {RECORD_MAGIC}
    .word   {RECORD_VERSION}            # and the features that were compiled out
    .word   __landfall_file_size - __landfall_zero
    .quad   {UNSEALED}
    .quad   0
    .word   __landfall_sealed_offset - __landfall_zero
    .word   __landfall_sealed_size - __landfall_zero
    .word   __landfall_relr_offset - __landfall_zero
    .word   __landfall_relr_size - __landfall_zero
    .word   __landfall_policy_offset - __landfall_zero
    .word   __landfall_policy_size - __landfall_zero
    .word   __landfall_text_size - __landfall_zero
    .word   __landfall_early_size - __landfall_zero
.org _start + {PE_OFFSET}

.if {EFI}
# The PE header, by which EFI firmware loads the same file: crate landfall-image, module `pe`. It
# enters elsewhere (efi.s).
    .word   {PE_SIGNATURE}
    .2byte  {PE_MACHINE}
    .2byte  2                           # sections
    .word   0, 0, 0                     # no time, no symbols
    .2byte  {PE_OPTIONAL_SIZE}
    .2byte  {PE_CHARACTERISTICS}
landfall_pe_optional:
    .2byte  {PE_OPTIONAL_MAGIC}
    .2byte  0                           # linker version
    .word   __landfall_efi_code_size - __landfall_zero
    .word   __landfall_efi_data_file_size - __landfall_zero
    .word   __landfall_efi_bss_size - __landfall_zero
    .word   landfall_efi_enter - _start
    .word   {PE_ALIGNMENT}              # base of code
    .quad   0                           # image base
    .word   {PE_ALIGNMENT}              # of sections
    .word   {PE_ALIGNMENT}              # of the file
    .2byte  0, 0                        # operating system version
    .2byte  {PE_IMAGE_VERSION}, 0
    .2byte  0, 0                        # subsystem version
    .word   0
    .word   __landfall_image_size - __landfall_zero
    .word   {PE_ALIGNMENT}              # of headers
    .word   0                           # checksum
    .2byte  {PE_SUBSYSTEM}
    .2byte  {PE_DLL_CHARACTERISTICS}
    .quad   0, 0, 0, 0                  # stack and heap
    .word   0
    .word   6                           # directories, all of them empty
    .quad   0, 0, 0, 0, 0, 0
.org landfall_pe_optional + {PE_OPTIONAL_SIZE}
    .ascii  ".text\0\0\0"
    .word   __landfall_efi_code_size - __landfall_zero
    .word   {PE_ALIGNMENT}
    .word   __landfall_efi_code_size - __landfall_zero
    .word   {PE_ALIGNMENT}
    .word   0, 0, 0
    .word   {PE_CODE}
    .ascii  ".data\0\0\0"
    .word   __landfall_efi_data_size - __landfall_zero
    .word   __landfall_text_size - __landfall_zero
    .word   __landfall_efi_data_file_size - __landfall_zero
    .word   __landfall_text_size - __landfall_zero
    .word   0, 0, 0
    .word   {PE_DATA}
# EFI firmware loads no more of this page than the headers, and nothing of it as code.
.org _start + {PE_ALIGNMENT}
.endif

landfall_enter:
    li      t0, {CLEARED}               # interrupts are off, among others
    csrc    sstatus, t0
    mv      s0, a0
    mv      s1, a1
    lla     s2, _start
    lla     t0, landfall_early_trap
    andi    t0, t0, -4                  # the low bits of stvec are its mode
    csrw    stvec, t0

    # Rule 1: everything below counts in pages.
    slli    t0, s2, 52
    bnez    t0, refuse_alignment

    # Without HSM, firmware sends every hart here at once. The first one to draw a ticket lands, the
    # others wait.
    lla     t0, landfall_tickets
    li      t1, 1
    amoadd.w t1, t1, (t0)
    bnez    t1, landfall_wait_for_release

    # Rule 26: the ticket is still drawn. In flash or ROM the image's own writes are lost.
    lw      t1, 0(t0)
    beqz    t1, refuse_image_memory

    # Rule 2: the header is whole.
    ld      t0, 0x30(s2)
    ld      t1, landfall_magic
    bne     t0, t1, refuse_header
    lwu     t0, 0x38(s2)
    li      t1, {MAGIC2}
    bne     t0, t1, refuse_header
    ld      t0, 0x10(s2)
    lla     t1, __landfall_image_end
    sub     t1, t1, s2
    bne     t0, t1, refuse_header
    ld      t0, 0x40(s2)
    ld      t1, landfall_record_magic
    bne     t0, t1, refuse_header
    call    landfall_check_seal         # a0 = 0 if whole
    bnez    a0, refuse_seal

    # Rule 3: relocation data that leads out of the image is not followed.
    call    landfall_check_relr         # a0 = 0 if sound, else the word at fault
    bnez    a0, refuse_relocations

    # Rule 4: there is a tree. It is read by bytes, since its alignment is unknown.
    beqz    s1, refuse_no_tree
    landfall_tree_word 0
    li      t1, 0xd00dfeed
    bne     t0, t1, refuse_no_tree

    # Rule 5: the tree does not lie over the image, whose .bss will be zeroed.
    landfall_tree_word 4
    add     t0, t0, s1                  # the tree's end
    lla     t1, __landfall_image_end
    bleu    t0, s2, 1f
    bltu    s1, t1, refuse_tree_overlap
1:
    # Rule 26: the stack keeps what is pushed.
    lla     a0, landfall_early_stack_bottom
    lla     a1, landfall_early_stack_top
    call    landfall_mark_pages
    mv      t0, a0
    bltu    t0, a1, refuse_image_memory
    lla     a0, landfall_early_stack_bottom
    call    landfall_check_marks
    mv      t0, a0
    bltu    t0, a1, refuse_image_memory

    call    landfall_reset_registers

    # From here on, all Rust is ordinary Rust: every slot holds a physical address.
    lla     t0, __landfall_image_start
    ld      t1, landfall_link_base
    sub     a0, t0, t1
    call    landfall_rebase
    lla     sp, landfall_early_stack_top
    mv      a0, s0
    mv      a1, s1
    mv      fp, zero                    # which is s0
    mv      ra, zero
    tail    landfall_land

.balign 8
landfall_magic:
    .quad   {MAGIC}
landfall_record_magic:
    .quad   {RECORD_MAGIC}
.option pop

# In .data, because the winner zeroes .bss.
.section .data.landfall_tickets, "aw", @progbits
.balign 8
landfall_tickets:
    .word   0
.global landfall_release
landfall_release:
    .word   0

# The landing's own stack. It lies in the image's file, so it is RAM for certain, before anything is
# known of RAM.
.section .landfall.early, "aw", @progbits
.balign 4096
landfall_early_stack_bottom:
    .zero   {EARLY_STACK}
landfall_early_stack_top:
