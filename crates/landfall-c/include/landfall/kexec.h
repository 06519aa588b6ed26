/*
 * The start of another kernel without firmware. landfall.h includes this file. The book's chapter
 * on kexec has the rules.
 */
#ifndef LANDFALL_KEXEC_H
#define LANDFALL_KEXEC_H

#ifdef __cplusplus
extern "C" {
#endif

/* The next kernel. Its bytes lie in memory that the linear map or the image's mapping holds. */
struct lf_next {
	struct lf_bytes image;		/* a flat image or an ELF */
	struct lf_bytes initrd;		/* may be empty */
	struct lf_bytes command_line;	/* may be empty */
	struct lf_range block;		/* physical: free memory for the start itself, usually 256 KiB */
	const struct lf_range *wiped;	/* physical: more memory to overwrite, at most 16 ranges */
	size_t wiped_count;
	/* Ends all DMA and clears interrupt controllers, when this hart alone runs; may be NULL. */
	void (*quiesce)(void *context);
	void *context;
};

/*
 * Starts the next kernel on the calling hart, whose index is `hart`. Returns false alone, with the
 * reason; then nothing was overwritten but the block.
 *
 * Each other hart must take supervisor software interrupts, and its handler must clear sip.SSIP
 * and call lf_kexec_stop_if_asked.
 */
bool lf_kexec(uint32_t hart, const struct lf_next *next, struct lf_error *error);

/* Stops this hart if another one starts the next kernel; otherwise returns. */
void lf_kexec_stop_if_asked(void);

#ifdef __cplusplus
}
#endif

#endif
