# expect: early-unknown-address
.text
early:
    lla     t0, _start
    lui     t1, 0x80000
    sub     t0, t0, t1                  # distance that the image has moved
    ld      t2, 0(a0)
    add     t2, t2, t0
    ld      a0, 0(t2)
    ret
