# expect: early-slot-read
.option arch, +zba
.text
early:
1:  auipc   a0, %pcrel_hi(pointers)
    sh3add  a0, a1, a0
    ld      a0, %pcrel_lo(1b)(a0)
    ret
.data
.balign 8
pointers: .quad relocate, relocate
.size pointers, 16
