# expect: early-table-jump
.text
early:
    ld      t1, pointer
    jr      t1
    ret
.data
.balign 8
pointer: .quad relocate
