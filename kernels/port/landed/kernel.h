/* The kernel of ../fixed, landed. */
#ifndef KERNEL_H
#define KERNEL_H

#include <landfall.h>

#define HARTS 2
#define PAGE 4096UL

/* Devices of QEMU's `virt`, by their physical addresses. */
#define UART 0x10000000UL
#define UART_SOURCE 10
#define PLIC 0x0c000000UL

#define READ_CSR(name) ({ uint64_t value; __asm__ volatile("csrr %0, " #name : "=r"(value)); value; })
#define SET_CSR(name, bits) __asm__ volatile("csrs " #name ", %0" : : "r"(bits) : "memory")

/* vm.c */
void *page_take(void);
void vm_begin(void);
volatile void *device_map(lf_phys registers, uint64_t size);
lf_phys physical(const void *address);

/* uart.c */
void uart_begin(void);
void uart_puts(const char *text);
void uart_request_interrupt(void);
void uart_interrupt(void);
bool uart_was_interrupted(void);

/* plic.c */
void plic_map(void);
void plic_begin(uint32_t hart);
void plic_interrupt(uint32_t hart);

/* trap.c */
void traps_begin(void);
uint64_t ticks_of(uint32_t hart);

#endif
