/** Titles of documents above the columns. */

/** Returns the title with the last component of each path in it. @param {string} title */
export function baseName(title) {
    return title.replace(/[^\s,]*[/\\]([^\s/\\,]+)/g, "$1");
}

/** Returns what two titles do not share. @param {string} a @param {string} b */
export function apart(a, b) {
    const [ours, theirs] = [a, b].map((title) => baseName(title).split(", "));
    const left = ours.filter((part) => !theirs.includes(part)).join(", ");
    const right = theirs.filter((part) => !ours.includes(part)).join(", ");
    return [`A: ${left || (right ? "without" : ours.join(", "))}`, `B: ${right || (left ? "without" : theirs.join(", "))}`];
}
