# Instructions beyond RV64GC in early code, with data that holds no pointers.
.option arch, +v,+zba,+zbb,+zbs,+zicond,+zicboz,+zicbom,+zacas,+zawrs,+svinval,+zimop
.text
early:
    lla     a0, numbers
    vsetvli t0, zero, e64, m1, ta, ma
    vle64.v v8, (a0)
    vadd.vv v8, v8, v8
    vse64.v v8, (a0)
    cbo.zero (a0)
    cbo.flush (a0)
    sh3add  a1, a2, a0
    ld      a3, 0(a1)
    clz     a3, a3
    bseti   a3, a3, 5
    czero.eqz a3, a3, a2
    amocas.d a3, a2, (a0)
    mop.r.0 a3, a2
    sinval.vma a0, zero
    wrs.nto
    ret
.data
.balign 64
numbers: .zero 64
