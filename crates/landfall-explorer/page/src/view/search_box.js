/**
 * The search: a combobox whose options are places (ARIA Authoring Practices, combobox with a list).
 */

import { search } from "../model/search.js";
import { h } from "../dom.js";

/** @typedef {import("../state/store.js").Store} Store */
/** @typedef {import("../state/store.js").Side} Side */
/** @typedef {import("../model/search.js").Hit & { side: Side }} Hit */

const NOTHING = "Nothing has this address or name.";

/**
 * @param {HTMLInputElement} input @param {HTMLElement} list @param {Store} store
 * @param {{ leave: () => void, say: (text: string) => void }} actions `leave` gives the focus to
 *     the drawing
 */
export function mountSearch(input, list, store, { leave, say }) {
    /** @type {Hit[]} */
    let hits = [];
    let at = -1;
    const close = () => {
        hits = [];
        at = -1;
        list.replaceChildren();
        list.hidden = true;
        input.setAttribute("aria-expanded", "false");
        input.removeAttribute("aria-activedescendant");
    };
    const mark = () => {
        for (const [index, option] of [...list.children].entries()) {
            option.setAttribute("aria-selected", String(index === at));
            if (index === at) option.scrollIntoView({ block: "nearest" });
        }
        if (at >= 0) input.setAttribute("aria-activedescendant", `hit-${at}`);
    };
    const take = (/** @type {Hit | undefined} */ hit) => {
        if (hit === undefined) return;
        close();
        input.value = "";
        leave();
        store.select(hit.side, hit.node, hit.address, { zoom: hit.node.kind !== "space" });
    };
    const update = () => {
        close();
        const { a, b } = store.shown;
        if (a !== null) hits.push(...search(a, input.value).map((hit) => ({ ...hit, side: /** @type {Side} */ ("a") })));
        if (b !== null) {
            const theirs = search(b, input.value).filter(({ node }) => !node.key.startsWith("p"));
            hits = hits.filter(({ node }) => !node.key.startsWith("p"));
            hits.push(...theirs.map((hit) => ({ ...hit, side: /** @type {Side} */ ("b") })));
        }
        if (input.value.trim() === "") return;
        list.hidden = false;
        input.setAttribute("aria-expanded", "true");
        if (hits.length === 0) list.append(h("li", { class: "hint", role: "option", "aria-disabled": "true" }, NOTHING));
        say(hits.length === 0 ? NOTHING : `${hits.length} place${hits.length === 1 ? "" : "s"}`);
        for (const [index, hit] of hits.entries()) {
            const side = b === null ? "" : hit.side === "a" ? "A: " : "B: ";
            list.append(
                h("li", { role: "option", id: `hit-${index}`, "aria-selected": "false", onpointerdown: (/** @type {Event} */ event) => event.preventDefault(), onclick: () => take(hit) }, h("span", { class: "title" }, side + hit.title), " ", h("span", { class: "detail" }, hit.detail)),
            );
        }
        at = hits.length > 0 ? 0 : -1;
        mark();
    };
    input.addEventListener("input", update);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            if (hits.length === 0) return;
            at = (at + (event.key === "ArrowDown" ? 1 : hits.length - 1)) % hits.length;
            mark();
        } else if (event.key === "Enter") {
            event.preventDefault();
            take(hits[at]);
        } else if (event.key === "Escape") {
            event.stopPropagation();
            if (list.hidden) input.blur();
            close();
        }
    });
}
