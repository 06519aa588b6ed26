# A PE file of one section, its header by hand (Microsoft, "PE Format"; UEFI 2.10, 2.1.1).
#
# Tests write two numbers into its first words, which the format does not use:
#
#   4   EFI_MEMORY_TYPE of every other page
#   8   how many pages

.section .text.pieces, "ax", @progbits
.option push
.option norvc
.option norelax
.global pieces_start
pieces_start:
    .ascii  "MZ\0\0"
    .word   2                           # EfiLoaderData
    .word   2500
    .org    0x3c
    .word   0x40

    .ascii  "PE\0\0"
    .half   0x5064                      # RISC-V, 64 bits
    .half   1                           # sections
    .word   0, 0, 0
    .half   112                         # bytes of the optional header
    .half   0x0206                      # executable, without line numbers and debug data

    .half   0x020b                      # PE32+
    .byte   0, 0
    .word   0x1000, 0, 0                # code, data, .bss
    .word   0x1000                      # entry
    .word   0x1000                      # start of code
    .quad   0                           # no place of its own
    .word   0x1000, 0x1000              # alignment in memory and in the file
    .half   0, 0, 0, 0, 0, 0
    .word   0
    .word   0x2000                      # bytes in memory
    .word   0x1000                      # bytes of headers
    .word   0
    .half   10                          # EFI application
    .half   0x0100                      # data need not be executed
    .quad   0, 0, 0, 0
    .word   0
    .word   0                           # no directories

    .ascii  ".text\0\0\0"
    .word   0x1000, 0x1000, 0x1000, 0x1000
    .word   0, 0
    .half   0, 0
    .word   0x60000020                  # code that can be read and executed

# efi_status enter(a0 = image handle, a1 = system table)
#
#   s0  boot services
#   s1  pages left to take
#   s2  the type of every other page
    .org    0x1000
    addi    sp, sp, -48
    sd      ra, 0(sp)
    sd      s0, 8(sp)
    sd      s1, 16(sp)
    sd      s2, 24(sp)
    ld      s0, 96(a1)                  # BootServices (UEFI 2.10, 4.3)
    lla     t0, pieces_start
    lwu     s2, 4(t0)
    lwu     s1, 8(t0)
    li      a0, 0                       # EFI_SUCCESS
1:  beqz    s1, 2f
    li      a0, 0                       # AllocateAnyPages
    li      a1, 4                       # EfiBootServicesData
    andi    t0, s1, 1
    bnez    t0, 3f
    mv      a1, s2
3:  li      a2, 1                       # one page
    addi    a3, sp, 32                  # its address, which is not used
    ld      t0, 40(s0)                  # AllocatePages (UEFI 2.10, 4.4)
    jalr    t0
    bnez    a0, 2f
    addi    s1, s1, -1
    j       1b
2:  ld      ra, 0(sp)
    ld      s0, 8(sp)
    ld      s1, 16(sp)
    ld      s2, 24(sp)
    addi    sp, sp, 48
    ret
    .org    0x2000
.option pop
