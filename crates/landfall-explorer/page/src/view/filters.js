/** The filters, as toggle buttons: only what the documents have. */

import { LEAVES } from "../model/address.js";
import { isActive, everything, passes } from "../model/filter.js";
import { permissionMark } from "../text/permissions.js";
import { h } from "../dom.js";

/** @typedef {import("../state/store.js").Store} Store */

/** @param {HTMLElement} host @param {Store} store */
export function mountFilters(host, store) {
    const update = () => {
        const focused = document.activeElement instanceof HTMLElement && host.contains(document.activeElement) ? document.activeElement.dataset.filter : undefined;
        host.replaceChildren();
        const spaces = [store.shown.a, store.shown.b].filter((space) => space !== null);
        const mappings = spaces.flatMap(({ mappings }) => mappings);
        if (mappings.length === 0) return;
        const accesses = [...new Set(mappings.map(({ access }) => access))].sort();
        const sizes = Object.keys(LEAVES).filter((leaf) => mappings.some((mapping) => mapping.leaf === leaf));
        for (const access of accesses) host.append(toggle(store, "access", access, `${permissionMark(access).glyph} ${access}`, `swatch-${permissionMark(access).name}`));
        for (const leaf of sizes) host.append(toggle(store, "leaf", leaf, leaf, "leaf-size"));
        const findings = spaces.reduce((sum, space) => sum + space.findings.length, 0);
        if (findings > 0) {
            const { filter } = store;
            const flip = () => store.setFilter({ findings: !filter.findings });
            host.append(h("button", { type: "button", class: "chip", "aria-pressed": String(filter.findings), "data-filter": "findings", onclick: flip }, `⚠ findings (${findings})`));
        }
        if (isActive(store.filter)) {
            const left = spaces.reduce((sum, space) => sum + space.mappings.filter((mapping) => passes(store.filter, space, mapping)).length, 0);
            host.append(h("span", { class: "hint", role: "status" }, `${left} of ${mappings.length} stretches of leaves`));
            host.append(h("button", { type: "button", class: "link", "data-filter": "all", onclick: () => store.setFilter(everything()) }, "show all"));
        }
        if (focused !== undefined) /** @type {HTMLElement | null} */ (host.querySelector(`[data-filter="${focused}"]`))?.focus();
    };
    store.on("documents", update);
    store.on("filter", update);
    update();
}

/**
 * @param {Store} store @param {"access" | "leaf"} kind @param {string} value @param {string} text @param {string} name
 */
function toggle(store, kind, value, text, name) {
    const own = store.filter[kind];
    const flip = () => {
        const next = new Set(own);
        if (!next.delete(value)) next.add(value);
        store.setFilter({ [kind]: next });
    };
    return h("button", { type: "button", class: `chip ${name}`, "aria-pressed": String(own.has(value)), "data-filter": value, onclick: flip }, text);
}
