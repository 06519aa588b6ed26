# expect: early-slot-address
.section .text.start, "ax", @progbits
.global _start
_start:
    lla     a0, table
    addi    sp, sp, -16
    sd      a0, 0(sp)
    call    relocate
1:  j       1b
relocate:
    ret
.data
.balign 8
.type table, @object
table: .quad 0, 0, relocate
.size table, . - table
