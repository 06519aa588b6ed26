# expect: early-slot-read
.option arch, +v
.text
early:
    vsetvli t0, zero, e64, m1, ta, ma
    lla     a0, pointers
    vle64.v v8, (a0)
    ret
.data
.balign 8
pointers: .quad 1, relocate
.size pointers, 16
