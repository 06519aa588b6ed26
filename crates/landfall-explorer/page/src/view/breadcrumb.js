/** The path from the whole address space to the place of the person, as buttons. */

import { path } from "../model/node.js";
import { h, replace } from "../dom.js";

/** @param {HTMLElement} host @param {import("../state/store.js").Store} store */
export function mountBreadcrumb(host, store) {
    const update = () => {
        const { place } = store;
        const side = place?.side ?? "a";
        const space = store.space(side);
        if (space === null) return host.replaceChildren();
        const nodes = path(place?.node ?? space.root);
        const list = h("ol", {});
        for (const [index, node] of nodes.entries()) {
            const isLast = index === nodes.length - 1;
            const name = node.kind === "space" && !node.key.startsWith("p") ? `${space.mode} address space` : node.label;
            list.append(
                h("li", {}, h("button", { type: "button", "data-focus": node.key, "aria-current": isLast ? "location" : null, onclick: () => store.select(side, node, node.start, { zoom: true }) }, name)),
            );
        }
        replace(host, list);
    };
    store.on("documents", update);
    store.on("selection", update);
    store.on("view", update);
    update();
}
