/** A command line, to be copied. */

import { h } from "../dom.js";

/** @param {string} title @param {string} text */
export function commandBlock(title, text) {
    const copy = h("button", { type: "button", class: "copy", "aria-live": "polite" }, "Copy");
    copy.addEventListener("click", async () => {
        try {
            await navigator.clipboard.writeText(line.textContent ?? "");
            copy.textContent = "Copied";
        } catch {
            getSelection()?.selectAllChildren(line);
            copy.textContent = "Selected";
        }
        setTimeout(() => (copy.textContent = "Copy"), 1500);
    });
    const line = h("code", {}, text);
    return h("div", { class: "command" }, h("span", { class: "hint" }, title), h("pre", {}, line), copy);
}
