# expect: early-table-jump
.text
early:
    lla     a0, table
    ld      a0, 8(a0)
    jalr    a0
    ret
.data
.balign 8
.type table, @object
table: .quad 0, relocate
.size table, . - table
