# expect: code-gp-set
.text
early:
    lla     gp, thing
    ret
.data
thing: .quad 0
