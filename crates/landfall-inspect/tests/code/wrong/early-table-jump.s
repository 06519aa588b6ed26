# expect: early-table-jump
.section .text.start, "ax", @progbits
.global _start
_start:
    lla     a0, table
    ld      a0, 8(a0)
    jalr    a0
    call    relocate
1:  j       1b
relocate:
    ret
.data
.balign 8
.type table, @object
table: .quad 0, relocate
.size table, . - table
