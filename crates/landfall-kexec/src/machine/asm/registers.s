# The registers of the calling hart, as a function sees them that was called just now.
#
# fn landfall_kexec_registers(into: *mut [u64; 32])     clobbers nothing; x0's place is left alone

.section .text.landfall_kexec_registers, "ax", @progbits
.option push
.option norvc
.global landfall_kexec_registers
landfall_kexec_registers:
    .irp    number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sd      x\number, \number * 8(a0)
    .endr
    ret
.option pop
