# expect: code-gp
.text
early:
    addi    a0, gp, 16
    ret
