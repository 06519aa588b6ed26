.section .text, "ax", @progbits
.global _start, landfall_rebase, landfall_relr_size
.option norvc
_start:
landfall_rebase:
    lla     a0, table
    ret
.balign 8
landfall_relr_size: .quad __landfall_relr_size - __landfall_zero
.section .data.rel.ro, "aw", @progbits
.balign 8
.global table
table: .quad one, two, 5, one, nobody
.weak nobody
.section .rodata, "a", @progbits
.balign 8
one: .quad 1
two: .quad 2
.section .data, "aw", @progbits
.balign 8
.global cell
cell: .quad cell + 8, 0x123
