# Reads random bytes from the hart's own generator: the CSR `seed` of Zkr (RISC-V Cryptography
# Extensions Volume I, chapter 4).
#
# fn landfall_read_seed(place: *mut Bytes, tries: u64) -> u64: how many bytes were written
#
# Each read gives a status in bits 31:30 and, with the status ES16, 16 random bits. `tries` bounds
# the reads in a row that give none. A firmware that describes the extension and does not permit
# supervisors to read the register (mseccfg.SSEED) makes the read trap.

.section .text.landfall_seed, "ax", @progbits
.option push
.option norvc
.option norelax
.global landfall_read_seed
landfall_read_seed:
    csrr    t0, stvec
    lla     t1, 4f
    csrw    stvec, t1
    mv      t1, a0
    addi    t2, a0, {SEED_SIZE}
    li      t3, 2                       # ES16
    li      t4, 3                       # DEAD
1:  mv      t5, a1
2:  csrrw   t6, 0x015, zero             # a read alone is an illegal instruction
    srliw   a2, t6, 30
    beq     a2, t3, 3f
    beq     a2, t4, 5f
    addi    t5, t5, -1                  # WAIT or BIST
    bnez    t5, 2b
    j       5f
3:  sh      t6, 0(t1)
    addi    t1, t1, 2
    bne     t1, t2, 1b
    j       5f
    .balign 4
4:  li      t1, {SDT}                   # a later trap must not be a double one
    csrc    sstatus, t1
    mv      t1, a0
5:  csrw    stvec, t0
    mv      t6, zero
.global landfall_seed_read
landfall_seed_read:                     # debuggers read a0 and t1 here: the bytes lie between
    sub     a0, t1, a0
    ret
.option pop
