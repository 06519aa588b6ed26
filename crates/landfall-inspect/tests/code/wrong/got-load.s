# expect: got-load, got-entry
.text
early:
    j       2f
.option pic
    la      a0, thing
.option nopic
2:
    ret
.data
.global thing
thing: .quad 0
