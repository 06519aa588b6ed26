# Accesses that may fault. Each sets stvec to its own end meanwhile, so a trap leads there with all
# registers unchanged. No routine returns by sret, and interrupts stay off.
#
# in: a0 = address    out: a0 = 0, or scause; loads: a1 = the value    clobbers t0, t1    no stack

.section .text.rules_access, "ax", @progbits
.option push
.option norvc
.option norelax

.macro access name, instruction:vararg
.global \name
.balign 4
\name:
    csrr    t0, stvec
    lla     t1, 1f
    csrw    stvec, t1
    mv      t1, a0
    \instruction
    csrw    stvec, t0
    li      a0, 0
    ret
.balign 4
1:  csrw    stvec, t0
    csrr    a0, scause
    ret
.endm

access rules_load, ld a1, 0(t1)
access rules_store, sd zero, 0(t1)

# Jumps to an address; what is there should be `ret`, should it run after all.
# in: a0 = address    out: a0 = 0, or scause    clobbers t0-t2
.global rules_execute
.balign 4
rules_execute:
    csrr    t0, stvec
    lla     t1, 1f
    csrw    stvec, t1
    mv      t2, ra
    jalr    ra, 0(a0)
    mv      ra, t2
    csrw    stvec, t0
    li      a0, 0
    ret
.balign 4
1:  mv      ra, t2
    csrw    stvec, t0
    csrr    a0, scause
    ret

# The code of a hart that was started with paging off. Register a1 = physical address of the work
# (memory.rs): words count, done, then count times start, end, step. The code writes each address of
# the ranges to that address, and stops.
.global rules_tag
.balign 4
rules_tag:
    mv      s1, a1
    ld      t0, 0(s1)
    addi    t1, s1, 16
1:  beqz    t0, 4f
    ld      t2, 0(t1)
    ld      t3, 8(t1)
    ld      t4, 16(t1)
    addi    t1, t1, 24
    addi    t0, t0, -1
2:  bgeu    t2, t3, 1b
    sd      t2, 0(t2)
    add     t2, t2, t4
    j       2b
4:  fence   rw, rw
    csrr    t5, satp
    addi    t5, t5, 1                   # 1, if paging was off
    sd      t5, 8(s1)
    li      a7, 0x48534d                # HSM
    li      a6, 1                       # hart_stop
    ecall
5:  wfi
    j       5b
.option pop
