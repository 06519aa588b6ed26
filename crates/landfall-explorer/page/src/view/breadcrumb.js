/** The path from the whole address space to the selection, as buttons. */

import { path } from "../model/node.js";
import { h } from "../dom.js";

/** @param {HTMLElement} host @param {import("../state/store.js").Store} store */
export function mountBreadcrumb(host, store) {
    const update = () => {
        const space = store.space(store.selection?.side ?? "a");
        host.replaceChildren();
        if (space === null) return;
        const side = store.selection?.side ?? "a";
        const nodes = path(store.selection?.node ?? space.root);
        const list = h("ol", {});
        for (const [index, node] of nodes.entries()) {
            const isLast = index === nodes.length - 1;
            const name = node.kind === "space" && !node.key.startsWith("p") ? `${space.mode} address space` : node.label;
            list.append(
                h("li", {}, h("button", { type: "button", "aria-current": isLast ? "location" : null, onclick: () => store.select(side, node, node.start, { zoom: true }) }, name)),
            );
        }
        host.append(list);
    };
    store.on("documents", update);
    store.on("selection", update);
    update();
}
