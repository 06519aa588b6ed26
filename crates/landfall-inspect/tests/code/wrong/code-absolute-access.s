# expect: code-absolute
.text
early:
    lui     a0, 0x80000
    li      a1, 3
    sw      a1, 16(a0)
    ret
