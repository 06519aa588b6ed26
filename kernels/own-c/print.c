/* Formatted output: %s, %c, %u, %x (unsigned int), %lu and %lx (unsigned long). */
#include <stdarg.h>

#include "kernel.h"

struct line {
	char text[256];
	size_t size;
};

static void add(struct line *line, char character)
{
	if (line->size < sizeof(line->text))
		line->text[line->size++] = character;
}

static void add_number(struct line *line, uint64_t number, unsigned int base)
{
	char digits[20];
	size_t count = 0;
	do {
		digits[count++] = "0123456789abcdef"[number % base];
		number /= base;
	} while (number);
	while (count)
		add(line, digits[--count]);
}

void print(const char *format, ...)
{
	struct line line = { .size = 0 };
	va_list arguments;
	va_start(arguments, format);
	for (; *format; format++) {
		if (*format != '%') {
			add(&line, *format);
			continue;
		}
		bool is_long = *++format == 'l';
		format += is_long;
		switch (*format) {
		case 's':
			for (const char *text = va_arg(arguments, const char *); *text; text++)
				add(&line, *text);
			break;
		case 'c':
			add(&line, (char)va_arg(arguments, int));
			break;
		case 'u':
		case 'x':
			add_number(&line,
				   is_long ? va_arg(arguments, unsigned long) : va_arg(arguments, unsigned int),
				   *format == 'x' ? 16 : 10);
			break;
		default:
			add(&line, *format);
		}
	}
	va_end(arguments);
	lf_write(line.text, line.size);
}
