# gp has the linker's address, and no access goes by it.
.text
early:
    ret
.global later
later:
    lla     gp, __global_pointer$
    ret
.global __global_pointer$
.set __global_pointer$, stack_top
