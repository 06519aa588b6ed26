# expect: code-unknown
.text
early:
    j       2f
    .insn   4, 0x0000000b
2:
    ret
