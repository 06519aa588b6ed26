# expect: early-table-jump
.section .text.start, "ax", @progbits
.global _start
_start:
    ld      t1, pointer
    jr      t1
    call    relocate
1:  j       1b
relocate:
    ret
.data
.balign 8
pointer: .quad relocate
