/**
 * Widths of the levels of a tree. A node that fills the view shrinks to a spine at the edge, so
 * that its children get the room. The deeper the view, the deeper the levels that are wide.
 */

/** @typedef {import("../types.js").Node} Node */
/** @typedef {{ x: number, width: number }} Level */

const SPINE = 16;

/**
 * Returns the levels from depth 1 on. `share` is the part of the view that a node covers.
 * @param {Node[]} chain the nodes at the middle of the view, from the root
 * @param {(node: Node) => number} share
 * @param {number} width
 * @param {number} wide the depth down to which levels are wide before anything fills the view
 * @returns {Level[]}
 */
export function levels(chain, share, width, wide) {
    const depth = chain.length;
    const shrunk = chain.map((node, index) => {
        if (index <= 1) return 1;
        const isLast = index === depth - 1 && node.children.length === 0;
        return isLast ? 0 : smooth((share(node) - 0.7) / 0.3);
    });
    const weights = [];
    for (let index = 1; index <= depth + 1; index += 1) {
        const open = index < 2 ? 0 : index <= wide ? 1 : (shrunk[index + 1 - wide] ?? 0);
        weights.push((1 - (shrunk[index] ?? 0)) * open * (index > 2 ? 1.15 : 1));
    }
    const spines = weights.map((_, index) => SPINE * (index + 1 < depth ? shrunk[index + 1] * (shrunk[index] ?? 1) : 0));
    const room = width - spines.reduce((sum, spine) => sum + spine, 0);
    const total = weights.reduce((sum, weight) => sum + weight, 0) || 1;
    let x = 0;
    return weights.map((weight, index) => {
        const own = spines[index] + (room * weight) / total;
        const level = { x, width: own };
        x += own;
        return level;
    });
}

/** @param {number} t */
function smooth(t) {
    const clamped = Math.min(1, Math.max(0, t));
    return clamped * clamped * (3 - 2 * clamped);
}

/**
 * Returns the nodes that contain an address, from the root down.
 * @param {Node} root @param {(node: Node) => Node | null} next
 */
export function chainOf(root, next) {
    const chain = [root];
    for (let at = next(root); at !== null; at = next(at)) chain.push(at);
    return chain;
}
