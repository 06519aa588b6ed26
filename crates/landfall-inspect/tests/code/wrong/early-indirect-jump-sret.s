# expect: early-indirect-jump
.text
early:
    beqz    a0, 2f
    sret
2:
    ret
