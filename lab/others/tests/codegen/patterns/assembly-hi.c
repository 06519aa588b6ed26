/* `%hi` and `%lo` in inline assembly. */
const unsigned long *pattern(void) {
    const unsigned long *address;
    __asm__("lui %0, %%hi(elsewhere)\naddi %0, %0, %%lo(elsewhere)" : "=r"(address));
    return address;
}
