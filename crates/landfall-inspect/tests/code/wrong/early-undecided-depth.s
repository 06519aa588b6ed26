# expect: early-undecided
.text
early:
    call    deeper
    ret
deeper:
    addi    sp, sp, -16
    addi    a0, a0, 1
    sd      ra, 8(sp)
    call    deeper0
    ret
.altmacro
.macro function this, next
deeper\this:
    call    deeper\next
    ret
.endm
.set i, 0
.rept 150
function %i, %(i+1)
.set i, i+1
.endr
deeper150:
    ret
