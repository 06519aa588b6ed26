# expect: got-entry
.text
early:
    ret
.section .got, "aw", @progbits
.quad 0x1234
