/**
 * Addresses and sizes.
 *
 * An address has 64 bits and a double 53, so addresses and sizes are `BigInt` everywhere. `json.js`
 * reads the sizes that a double does not hold.
 */

export const PAGE = 4096n;

/** The bytes of each leaf, in ascending order. */
export const LEAVES = /** @type {const} */ ({
    "4K": 1n << 12n,
    "64K": 1n << 16n,
    "2M": 1n << 21n,
    "1G": 1n << 30n,
    "512G": 1n << 39n,
    "256T": 1n << 48n,
});

/** @typedef {keyof typeof LEAVES} LeafName */

/** Returns the bits of a virtual address. @param {string} mode */
export function bitsOf(mode) {
    return { sv39: 39, sv48: 48, sv57: 57 }[mode] ?? null;
}

/**
 * Reads an address from JSON or from a person: hex, with or without 0x, with `_` or spaces.
 * @param {unknown} value
 * @returns {bigint | null}
 */
export function parseAddress(value) {
    if (typeof value !== "string") return null;
    if (/^0x[0-9a-f]{1,16}$/.test(value)) return BigInt(value);
    const digits = value.trim().replace(/^0x/i, "").replace(/[_ ]/g, "");
    if (!/^[0-9a-f]{1,16}$/i.test(digits)) return null;
    return BigInt("0x" + digits);
}

/**
 * Reads a size from JSON.
 * @param {unknown} value
 * @returns {bigint | null}
 */
export function parseSize(value) {
    const isWhole = typeof value === "bigint" || Number.isInteger(value);
    const size = isWhole ? BigInt(/** @type {bigint | number} */ (value)) : -1n;
    return size < 0n || size > 1n << 64n ? null : size;
}

/** Returns the address in hex, as the documents write it. @param {bigint} address */
export function hex(address) {
    return "0x" + address.toString(16);
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** Returns the size for people, with at most two decimals. @param {bigint} bytes */
export function sizeText(bytes) {
    let unit = 0;
    while (unit + 1 < UNITS.length && bytes >> BigInt(10 * (unit + 1)) !== 0n) unit += 1;
    const hundredths = (bytes * 100n) >> BigInt(10 * unit);
    const text = `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, "0")}`;
    return `${text.replace(/\.?0+$/, "")} ${UNITS[unit]}`;
}

/**
 * Returns `part / whole` as a double between 0 and 1. The quotient is small, so that it is rounded
 * and not the addresses.
 * @param {bigint} part
 * @param {bigint} whole
 */
export function ratio(part, whole) {
    return whole === 0n ? 0 : Number((part << 60n) / whole) / 2 ** 60;
}

/**
 * Returns `whole * fraction`, for a fraction between 0 and 1.
 * @param {bigint} whole
 * @param {number} fraction
 */
export function portion(whole, fraction) {
    return (whole * BigInt(Math.round(fraction * 2 ** 52))) >> 52n;
}

/** Returns the base-2 logarithm of the number of pages, as a double. @param {bigint} bytes */
export function pageBits(bytes) {
    const pages = bytes / PAGE;
    return pages <= 1n ? 0 : Math.log2(Number(pages));
}

/**
 * Returns true if the ranges share a byte.
 * @param {bigint} a @param {bigint} aSize @param {bigint} b @param {bigint} bSize
 */
export function overlaps(a, aSize, b, bSize) {
    return a < b + bSize && b < a + aSize;
}
