/** The reason for a permission. */

/** @type {Record<string, string>} */
const REASONS = {
    "R-X": "the hart reads and executes it, and nothing writes it",
    "--X": "the hart executes it; it is not even readable",
    "R--": "the hart reads it, and nothing writes or executes it",
    "RW-": "the hart reads and writes it, and never executes it",
    "RWX": "it is writable and executable at once, so a write here becomes code",
    "-W-": "the encoding is reserved: it is writable and not readable",
    "-WX": "the encoding is reserved: it is writable and not readable",
    "---": "no access",
};

/** Returns the reason for a node's permission. @param {import("../types.js").Node} node */
export function permissionWhy(node) {
    if (node.role === "linear-map" && node.label.startsWith("alias")) {
        return "a writable alias would undo the protection of text and constants";
    }
    if (node.kind === "piece" && node.access?.includes("W") && node.access.includes("X")) {
        return "writable at one address and executable at another";
    }
    return REASONS[node.access ?? "---"] ?? "";
}

/** Returns the class and the glyph of a permission: color is never the only mark. @param {string | null} access */
export function permissionMark(access) {
    if (access === null) return { name: "none", glyph: "" };
    if (access.includes("W") && access.includes("X")) return { name: "wx", glyph: "⚠" };
    if (access.includes("X")) return { name: "x", glyph: "▶" };
    if (access.includes("W")) return { name: "w", glyph: "✎" };
    return { name: "r", glyph: "◉" };
}
