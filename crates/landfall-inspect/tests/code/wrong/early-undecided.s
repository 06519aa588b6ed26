# expect: early-undecided, code-unknown
.text
early:
    .insn   4, 0x0000000b
    ret
