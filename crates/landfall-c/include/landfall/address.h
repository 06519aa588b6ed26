/*
 * Conversions of addresses. They load nothing: what they add is an immediate in the code, which the
 * landing patches. landfall.h includes this file.
 *
 * The linear map holds all RAM. The image's own mapping holds the kernel's code and static data.
 * A stack of the landing lies in neither: no device should have a buffer on one.
 */
#ifndef LANDFALL_ADDRESS_H
#define LANDFALL_ADDRESS_H

/* An instruction sequence, and the record of its place. */
#define LF_SITE_(kind, instructions, value) \
	__asm__(".option push\n\t.option norvc\n\t.option norelax\n77:\n\t" instructions \
		"\n\t.option pop\n\t.pushsection .landfall.sites." kind ", \"a\", @progbits\n\t" \
		".balign 4\n\t.word 77b - .\n\t.popsection" \
		: "=r"(value))

/* Returns virtual minus physical address in the linear map. */
static inline uint64_t lf_linear_offset(void)
{
	uint64_t value;
	LF_SITE_("linear", "lui %0, 0\n\tslli %0, %0, 18", value);
	return value;
}

/* Returns virtual minus physical address of the image. */
static inline uint64_t lf_image_offset(void)
{
	uint64_t value;
	LF_SITE_("image",
		 "lui %0, 0\n\taddi %0, %0, 0\n\tslli %0, %0, 12\n\taddi %0, %0, 0\n\tslli %0, %0, 21",
		 value);
	return value;
}

/* Returns an address above the linear map and not above the kernel. */
static inline uint64_t lf_border(void)
{
	uint64_t value;
	LF_SITE_("border", "lui %0, 0\n\tslli %0, %0, 18", value);
	return value;
}

/* Returns the address at which the linear map has a physical address. */
static inline void *lf_linear(lf_phys phys)
{
	return (void *)(uintptr_t)(phys + lf_linear_offset());
}

/* Returns the physical address behind an address in the linear map. */
static inline lf_phys lf_linear_phys(const volatile void *address)
{
	return (lf_phys)(uintptr_t)address - lf_linear_offset();
}

/* Returns the address at which the image's mapping has a physical address of the image. */
static inline void *lf_image(lf_phys phys)
{
	return (void *)(uintptr_t)(phys + lf_image_offset());
}

/* Returns the physical address behind an address of the kernel's code or static data. */
static inline lf_phys lf_image_phys(const volatile void *address)
{
	return (lf_phys)(uintptr_t)address - lf_image_offset();
}

/* Returns the physical address behind an address of either mapping, by one comparison. */
static inline lf_phys lf_phys_of(const volatile void *address)
{
	uint64_t value = (uint64_t)(uintptr_t)address;
	return value >= lf_border() ? value - lf_image_offset() : value - lf_linear_offset();
}

#endif
