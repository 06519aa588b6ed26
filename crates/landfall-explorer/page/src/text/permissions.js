/** The words for permissions. */

/**
 * The accesses that one mapping permits: an alias may permit more.
 * @type {Record<string, string>}
 */
const PERMITS = {
    "R-X": "readable and executable here, and a write here faults",
    "--X": "executable here, and not even readable",
    "R--": "readable here, and a write or a fetch here faults",
    "RW-": "readable and writable here, and a fetch here faults",
    "RWX": "writable and executable at once, so a write here becomes code",
    "-W-": "the encoding is reserved: it is writable and not readable",
    "-WX": "the encoding is reserved: it is writable and not readable",
    "---": "no access",
};

/** Returns what a mapping permits. @param {string} access */
export function permits(access) {
    return PERMITS[access] ?? "";
}

/**
 * Returns the class and the glyph of a permission: color is never the only mark.
 * @param {string | null} access
 */
export function permissionMark(access) {
    if (access === null) return { name: "none", glyph: "" };
    if (access.includes("W") && access.includes("X")) return { name: "wx", glyph: "⚠" };
    if (access.includes("X")) return { name: "x", glyph: "▶" };
    if (access.includes("W")) return { name: "w", glyph: "✎" };
    return { name: "r", glyph: "◉" };
}
