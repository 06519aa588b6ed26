# The entry, the traps, and accesses that may trap.

	.section .text.start, "ax", @progbits
	.global _start
# a0 = hart id, a1 = boot information, sp = a stack
_start:
#ifdef TRAPS
	# For a test: a trap before stvec is set, within a line of the console.
	li	a0, 'w'
	li	a7, 1			# legacy console_putchar
	ecall
	.global trapping
trapping:
	sd	zero, 0(sp)
#endif
	# The registers that the protocol promises, before code of the compiler changes them.
	or	t0, gp, tp
	or	t0, t0, ra
	.irp	register, t1, t2, t3, t4, t5, t6, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, a2, a3, a4, a5, a6, a7
	or	t0, t0, \register
	.endr
	csrr	t1, sscratch
	or	t0, t0, t1
	csrr	t1, sie
	or	t0, t0, t1
	csrr	t1, sstatus
	andi	t1, t1, 0x002		# sret has set SPIE
	or	a2, t0, t1
	mv	a3, sp
	lla	t0, trap
	csrw	stvec, t0
	call	kernel_main
1:	j	1b

	.global second_start
# a0 = hart id, a1 = the hart's record, sp = a stack
second_start:
	mv	a2, sp
	lla	t0, trap
	csrw	stvec, t0
	call	second_main
1:	j	1b

# Each trap is one that was expected. tp holds the hart's place to go on at, and gets the cause.
	.balign 4
trap:
	csrw	sepc, tp
	csrr	tp, scause
	addi	tp, tp, 1
	sret

# uint64_t try_load(const void *), try_store(void *), try_call(void *): 0, or 1 + the trap's cause
	.global try_load, try_store, try_call
try_load:
	lla	tp, 1f
	ld	t0, 0(a0)
	mv	tp, zero
1:	mv	a0, tp
	mv	tp, zero
	ret
try_store:
	lla	tp, 1f
	ld	t0, 0(a0)
	sd	t0, 0(a0)
	mv	tp, zero
1:	mv	a0, tp
	mv	tp, zero
	ret
try_call:
	mv	t1, ra
	lla	tp, 1f
	jalr	a0
	mv	tp, zero
1:	mv	a0, tp
	mv	tp, zero
	jr	t1

	.section .note.GNU-stack, "", @progbits
