/* A choice among many, which compilers make a jump table of. */
unsigned long elsewhere_called(unsigned long number);

unsigned long pattern(unsigned long choice, unsigned long number) {
    switch (choice) {
    case 0: return elsewhere_called(number + 7);
    case 1: return elsewhere_called(number * 3);
    case 2: return elsewhere_called(number ^ 5);
    case 3: return elsewhere_called(number << 9);
    case 4: return elsewhere_called(number - 11);
    case 5: return elsewhere_called(number | 64);
    case 6: return elsewhere_called(number & 96);
    case 7: return elsewhere_called(number >> 3);
    default: return number;
    }
}
