/** Titles of documents above the columns. */

/** A longer title is shortened. */
const MOST_LETTERS = 60;

/** Returns the title with the last component of each path in it. @param {string} title */
export function baseName(title) {
    return title.replace(/[^\s,]*[/\\]([^\s/\\,]+)/g, "$1");
}

/**
 * Returns the title without folders; the middle of a long one is left out.
 * @param {string} title
 */
export function shortTitle(title) {
    const letters = [...baseName(title)];
    if (letters.length <= MOST_LETTERS) return letters.join("");
    const half = (MOST_LETTERS - 1) / 2;
    return `${letters.slice(0, Math.ceil(half)).join("")}…${letters.slice(-Math.floor(half)).join("")}`;
}

/** Returns what two titles do not share. @param {string} a @param {string} b */
export function apart(a, b) {
    const [ours, theirs] = [a, b].map((title) => baseName(title).split(", "));
    const left = ours.filter((part) => !theirs.includes(part)).join(", ");
    const right = theirs.filter((part) => !ours.includes(part)).join(", ");
    return [`A: ${left || (right ? "without" : ours.join(", "))}`, `B: ${right || (left ? "without" : theirs.join(", "))}`];
}
