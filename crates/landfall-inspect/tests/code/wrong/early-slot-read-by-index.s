# expect: early-slot-read
.section .text.start, "ax", @progbits
.global _start
_start:
    lla     a0, table
    slli    a1, a1, 3
    add     a0, a0, a1
    ld      a0, 0(a0)
    call    relocate
1:  j       1b
relocate:
    ret
.data
.balign 8
.type table, @object
table: .quad 0, 0, relocate
.size table, . - table
