# The first instructions of a hart: its registers go to its stack, and their address to C.

	.section .text.entry, "ax"
	.option	norelax

	.macro	save_and_call function
	addi	sp, sp, -288
	sd	ra, 8(sp)
	sd	gp, 24(sp)
	sd	tp, 32(sp)
	sd	t0, 40(sp)
	sd	t1, 48(sp)
	sd	t2, 56(sp)
	sd	s0, 64(sp)
	sd	s1, 72(sp)
	sd	a0, 80(sp)
	sd	a1, 88(sp)
	sd	a2, 96(sp)
	sd	a3, 104(sp)
	sd	a4, 112(sp)
	sd	a5, 120(sp)
	sd	a6, 128(sp)
	sd	a7, 136(sp)
	sd	s2, 144(sp)
	sd	s3, 152(sp)
	sd	s4, 160(sp)
	sd	s5, 168(sp)
	sd	s6, 176(sp)
	sd	s7, 184(sp)
	sd	s8, 192(sp)
	sd	s9, 200(sp)
	sd	s10, 208(sp)
	sd	s11, 216(sp)
	sd	t3, 224(sp)
	sd	t4, 232(sp)
	sd	t5, 240(sp)
	sd	t6, 248(sp)
	addi	t1, sp, 288
	sd	t1, 16(sp)
	csrr	t1, sstatus
	sd	t1, 256(sp)
	csrr	t1, sie
	sd	t1, 264(sp)
	csrr	t1, stvec
	sd	t1, 272(sp)
	csrr	t1, satp
	sd	t1, 280(sp)
	mv	a0, sp
	call	\function
1:	wfi
	j	1b
	.endm

# The entry of the file. The kernel requests another one.
	.globl	file_entry
file_entry:
	call	wrong_entry

	.balign	8
	.globl	limine_entry
limine_entry:
	save_and_call kernel_main

	.balign	8
	.globl	hart_entry
hart_entry:
	save_and_call hart_main
