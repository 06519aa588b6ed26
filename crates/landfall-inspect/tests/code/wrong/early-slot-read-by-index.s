# expect: early-slot-read
.text
early:
    lla     a0, table
    slli    a1, a1, 3
    add     a0, a0, a1
    ld      a0, 0(a0)
    ret
.data
.balign 8
.type table, @object
table: .quad 0, 0, relocate
.size table, . - table
