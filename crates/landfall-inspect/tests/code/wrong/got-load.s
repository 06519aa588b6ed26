# expect: got-load
.text
.weak nobody
early:
.option pic
    la      a0, nobody
.option nopic
    ret
