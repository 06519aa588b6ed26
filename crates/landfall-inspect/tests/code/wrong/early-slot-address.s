# expect: early-slot-address
.text
early:
    lla     a0, table
    addi    sp, sp, -16
    sd      a0, 0(sp)
    ret
.data
.balign 8
.type table, @object
table: .quad 0, 0, relocate
.size table, . - table
