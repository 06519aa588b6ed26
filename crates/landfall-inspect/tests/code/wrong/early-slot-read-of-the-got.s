# expect: early-slot-read
.text
early:
.option pic
    la      a0, thing
.option nopic
    ret
.data
.global thing
thing: .quad 0
