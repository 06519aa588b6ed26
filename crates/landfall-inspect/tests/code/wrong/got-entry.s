# expect: got-entry
.text
early:
    ret
.section .got, "aw", @progbits
.quad relocate
