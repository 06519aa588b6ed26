/*
 * The live address space: mappings of the kernel's half that change while the kernel runs, on all
 * harts. No page becomes writable and executable. landfall.h includes this file.
 *
 * lf_space_begin takes the landing's tables over for good. A kernel uses it or lf_take_tables, not
 * both. Functions that fail return false, and write the reason to `error` unless that is NULL.
 */
#ifndef LANDFALL_SPACE_H
#define LANDFALL_SPACE_H

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The kernel's frames for page tables: free memory of 4 KiB each. The functions may be called on
 * any hart, with interrupts off, one call at a time. They must not call functions of this file.
 */
struct lf_frames {
	bool (*take)(void *context, lf_phys *frame);
	void (*give_back)(void *context, lf_phys frame);
	void *context;
};

struct lf_space_options {
	struct lf_frames frames;
	/* Returns the index of the calling hart; NULL if each hart stays on its stack of the landing. */
	uint32_t (*current_hart)(void);
	/* Free memory that may hold code of modules later: at most 8 ranges. */
	const struct lf_range *pools;
	size_t pool_count;
	/* 32 random bytes for random addresses, which are wiped; NULL for the lowest addresses. */
	uint8_t *seed;
};

/* Begins the live address space, on one hart, once. */
bool lf_space_begin(const struct lf_space_options *options, struct lf_error *error);

/*
 * Adds the calling hart, which landed before and was not online at lf_space_begin, before it uses
 * addresses that were mapped since.
 */
void lf_space_join(void);

/* Serves fences of other harts, in loops that wait with interrupts off. */
void lf_space_serve(void);

/* Registers of a device, mapped. */
struct lf_device {
	struct lf_range registers;	/* virtual */
	uint64_t private_[12];
};

/* Maps a device's registers, which may begin at any offset within a page. */
bool lf_map_device(struct lf_range registers, struct lf_device *device, struct lf_error *error);

/* Unmaps them, once. */
bool lf_unmap_device(struct lf_device *device, struct lf_error *error);

enum lf_region {
	LF_DYNAMIC,	/* the dynamic region */
	LF_NEAR,	/* within reach of the kernel's code */
};

/* Memory that is mapped at an address of its own, with an unmapped page on either side. */
struct lf_area {
	struct lf_range range;		/* virtual */
	struct lf_range memory;		/* physical */
	uint64_t private_[8];
};

/*
 * Maps memory of the kernel, in whole pages, LF_READ_ONLY or LF_READ_WRITE. Nothing else may use
 * it until the area is unmapped.
 */
bool lf_map(struct lf_range memory, enum lf_access access, enum lf_region region, struct lf_area *area,
	    struct lf_error *error);

/* Maps memory as a stack: 64 KiB below it are unmapped. */
bool lf_map_stack(struct lf_range memory, struct lf_area *area, struct lf_error *error);

/* Changes the permission of a part of an area to LF_READ_ONLY or LF_READ_WRITE, on all harts. */
bool lf_protect(struct lf_area *area, struct lf_range part, enum lf_access access, struct lf_error *error);

/* Unmaps an area, once. When it returns true, no hart translates to the memory any more. */
bool lf_unmap(struct lf_area *area, struct lf_error *error);

#ifdef __cplusplus
}
#endif

#endif
