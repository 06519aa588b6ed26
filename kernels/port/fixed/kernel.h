/* A kernel at a fixed address. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HARTS 2
#define PAGE 4096UL

/* The machine: QEMU's `virt` with 128 MiB. */
#define RAM 0x80000000UL
#define RAM_END (RAM + (128UL << 20))
#define UART 0x10000000UL
#define UART_SOURCE 10
#define PLIC 0x0c000000UL
#define FINISHER 0x00100000UL

#define READ_CSR(name) ({ uint64_t value; __asm__ volatile("csrr %0, " #name : "=r"(value)); value; })
#define WRITE_CSR(name, value) __asm__ volatile("csrw " #name ", %0" : : "r"(value) : "memory")
#define SET_CSR(name, bits) __asm__ volatile("csrs " #name ", %0" : : "r"(bits) : "memory")

/* vm.c */
void *page_take(void);
void vm_build(void);
void vm_use(void);
uint64_t physical(const void *address);

/* uart.c */
void uart_begin(void);
void uart_puts(const char *text);
void uart_request_interrupt(void);
void uart_interrupt(void);
bool uart_was_interrupted(void);

/* plic.c */
void plic_begin(uint64_t hart);
void plic_interrupt(uint64_t hart);

/* trap.c */
void traps_begin(void);
uint64_t ticks_of(uint64_t hart);

/* main.c */
void finish(bool success);

#endif
