.text
early:
    lla     sp, top
    lla     a0, text
    call    puts
    lla     a0, other
    call    puts
    lla     a1, pointer_end
    csrw    stvec, zero
    ret
puts:
    mv      s1, ra
2:  lbu     a1, 0(a0)
    beqz    a1, 3f
    addi    a0, a0, 1
    call    putc
    j       2b
3:  jr      s1
putc:
    li      a7, 1
    ecall
    ret
.section .rodata
text: .asciz "text"
other: .asciz "other"
.data
.balign 8
pointer: .quad relocate
pointer_end: .quad 0
.zero 64
top:
