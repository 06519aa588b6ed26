# expect: early-slot-read
.text
early:
    lla     a0, pointer
    sd      a1, 0(a0)
    ret
.data
.balign 8
pointer: .quad relocate
