# The shim. QEMU enters here on every hart, in M-mode, with a0 = hart id and a1 = device tree.
# Register a2 = OpenSBI's fw_dynamic_info: words of 8 bytes, magic, version, next address.

.section .text.shim, "ax", @progbits
.option push
.option norvc
.option norelax
.global shim_start
shim_start:
    lla     t0, shim_trap
    csrw    mtvec, t0
    # S-mode may use all of memory, the counters, and gets its own traps and interrupts.
    li      t0, -1
    csrw    pmpaddr0, t0
    li      t0, 0x1f                    # NAPOT, R, W, X
    csrw    pmpcfg0, t0
    li      t0, -1
    csrw    mcounteren, t0
    csrw    mideleg, t0
    li      t0, 0xb1ff                  # all but ecall from S (9) and from M (11)
    csrw    medeleg, t0
    csrw    satp, zero
    csrw    mie, zero
    li      t0, 0x1800                  # MPP
    csrc    mstatus, t0
    li      t0, 0x0800                  # S
    csrs    mstatus, t0
    ld      t0, 16(a2)
    csrw    mepc, t0
    mret

# An ecall from S-mode: a7 = extension, a6 = function. Only a0 and a1 may change (SBI, "Binary
# Encoding"), and t0, which the kernel's own calls give up. So t0 and t1 wait in mscratch, and no
# other register is used.
.balign 4
shim_trap:
    csrw    mscratch, t0
    csrr    t0, mepc
    addi    t0, t0, 4
    csrw    mepc, t0
    li      t0, 1
    beq     a7, t0, shim_put
    li      t0, 8
    beq     a7, t0, shim_shutdown
    li      t0, 0x10
    beq     a7, t0, shim_base
    li      a0, -2                      # not supported
    li      a1, 0
shim_return:
    csrr    t0, mscratch
    mret

# The 16550 UART at 0x10000000; QEMU's never makes anyone wait.
shim_put:
    lui     t0, 0x10000
    sb      a0, 0(t0)
    li      a0, 0
    j       shim_return

# QEMU's test device.
shim_shutdown:
    lui     t0, 0x100
    lui     a0, 0x5
    addi    a0, a0, 0x555
    sw      a0, 0(t0)
    j       shim_shutdown

# Function 0 is the version: 0.2, the last one without HSM. Function 3 probes: there is the base
# extension, and nothing else that is not legacy. The rest are ids, all 0.
shim_base:
    li      a1, 0
    beqz    a6, 1f
    li      t0, 3
    bne     a6, t0, 2f
    li      t0, 0x10
    bne     a0, t0, 2f
    li      a1, 1
    j       2f
1:  li      a1, 2
2:  li      a0, 0
    j       shim_return
.option pop
