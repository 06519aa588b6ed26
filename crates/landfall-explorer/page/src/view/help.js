/** The help: keys, and the meaning of marks. */

import { KEYS } from "./keys.js";
import { h } from "../dom.js";

const MARKS = [
    ["x", "▶", "executable, R-X"],
    ["r", "◉", "read-only, R--"],
    ["w", "✎", "writable, RW-"],
    ["wx", "⚠", "writable and executable"],
    ["none", "", "hatched: not mapped"],
];

/** @param {HTMLDialogElement} dialog */
export function mountHelp(dialog) {
    const keys = h("dl", { class: "keys" });
    for (const [key, text] of KEYS) keys.append(h("dt", {}, h("kbd", {}, key)), h("dd", {}, text));
    const marks = h("ul", { class: "marks" });
    for (const [name, glyph, text] of MARKS) marks.append(h("li", {}, h("span", { class: `swatch access-${name}`, "aria-hidden": "true" }, glyph), ` ${text}`));
    dialog.append(
        h("h2", { id: "keys-title" }, "Keys and marks"),
        keys,
        marks,
        h("p", {}, "Heights are not to scale: they grow with the logarithm of sizes. The strips above the drawing are to scale, one for each level of page tables."),
        h("p", {}, "The page needs no network, and sends nothing. A saved file or a link has the seed, so it is as secret as the addresses."),
        h("form", { method: "dialog" }, h("button", {}, "Close")),
    );
    return () => dialog.showModal();
}
