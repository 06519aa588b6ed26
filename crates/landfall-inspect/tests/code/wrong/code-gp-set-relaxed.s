# expect: code-gp, code-gp-set
.text
early:
    ret
.global later
later:
    lla     gp, __global_pointer$
    lw      a0, 16(gp)
    ret
.global __global_pointer$
.set __global_pointer$, stack_top
