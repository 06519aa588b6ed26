# expect: code-absolute
.text
early:
    lui     a0, 0x80000
    beqz    a1, 3f
    j       2f
    nop
2:  ecall
3:  lw      a2, 4(a0)
    ret
