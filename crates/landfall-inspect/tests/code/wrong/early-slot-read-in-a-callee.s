# expect: early-slot-read
.text
early:
    lla     a0, table
    call    reader
    ret
reader:
    mv      a1, a0
    beqz    a2, 2f
    addi    a1, a1, 8
2:  lw      a0, 0(a1)
    ret
.data
.balign 8
.type table, @object
table: .quad relocate, 0
.size table, . - table
