# The part of the kernel that is not Rust: a name, and a weak symbol that nothing defines. A pointer
# in data and the GOT lead to the name.

.section .text.part, "ax", @progbits
.option pic
# extern "C" fn part_name() -> *const u8
.global part_name
part_name:
    la      a0, part_text
    ret

# extern "C" fn part_missing() -> usize: the address of a symbol that nothing defines
.weak part_nobody
.global part_missing
part_missing:
    la      a0, part_nobody
    ret
.option nopic

.section .data.rel.ro.part, "aw", @progbits
.balign 8
.global part_pointer
part_pointer:
    .quad   part_text
    .quad   part_nobody

.section .rodata.part, "a", @progbits
.global part_text
part_text:
    .asciz  "assembled by another build system"
