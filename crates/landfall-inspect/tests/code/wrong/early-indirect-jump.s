# expect: early-indirect-jump
.text
early:
    jalr    a0
    ret
