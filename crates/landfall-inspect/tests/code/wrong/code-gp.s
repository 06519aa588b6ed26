# expect: code-gp
.text
early:
    lw      a0, 16(gp)
    ret
