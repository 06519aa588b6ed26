/*
 * Modules: code that comes at run time, never writable and executable. They need the live address
 * space. landfall.h includes this file. The book's chapter on modules has their format.
 */
#ifndef LANDFALL_MODULES_H
#define LANDFALL_MODULES_H

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Exports a function of the kernel to modules. The signature is text that modules state too, such
 * as "extern \"C\" fn(*const u8, usize)".
 */
#define LF_EXPORT(function, signature) \
	static const struct { \
		void (*address)(void); \
		uint64_t size; \
		char text[(sizeof(#function "=" signature) + 6) / 8 * 8]; \
	} lf_export_##function __attribute__((section(".landfall.exports"), used, aligned(8))) = { \
		(void (*)(void))(function), sizeof(#function "=" signature) - 1, #function "=" signature }

/*
 * The kernel's memory for modules: RAM of a pool of lf_space_begin, in whole pages. It comes back
 * with zeros.
 */
struct lf_pages {
	bool (*take)(void *context, uint64_t pages, struct lf_range *memory);
	void (*give_back)(void *context, struct lf_range memory);
	void *context;
};

/* Checks the signature of a file: returns how many bytes are the module, 0 to refuse it. */
typedef size_t lf_verify(const uint8_t *file, size_t size);

/* Begins modules, after lf_space_begin. With NULL, any module is loaded. */
bool lf_modules_begin(lf_verify *verify, struct lf_error *error);

/*
 * Loads a module, and calls its landfall_init, which must not call functions of this file.
 * `parameters` is text such as "step=2", or NULL. The module's code does whatever it does.
 */
bool lf_module_load(struct lf_bytes file, const char *parameters, const struct lf_pages *pages,
		    uint32_t *number, struct lf_error *error);

/* Unloads a module that nothing uses any more. */
bool lf_module_unload(uint32_t number, const struct lf_pages *pages, struct lf_error *error);

/* Returns the address of an export of a module, 0 if it has none of that name. */
lf_virt lf_module_symbol(uint32_t number, const char *symbol);

#ifdef __cplusplus
}
#endif

#endif
