# expect: code-gp
.text
early:
    ret
.global later
later:
    lw      a0, 16(gp)
    ret
.global __global_pointer$
.set __global_pointer$, stack_top
