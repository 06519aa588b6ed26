/** The playground: each change of the form is planned anew, and the layout moves there. */

import { h } from "../dom.js";
import { playForm } from "./play_form.js";

/** @typedef {import("../state/store.js").Store} Store */
/** @typedef {import("../engine.js").Planner} Planner */
/** @typedef {import("../../engine.js").Request} Request */
/** @typedef {import("../../engine.js").Document} Document */

/** A person who types is given this long, in milliseconds. */
const PAUSE = 120;

export class Play {
    /** The document that all later ones are compared with. @type {Document | null} */
    pinned = null;
    /** @type {Request} */
    request;
    #timer = 0;

    /**
     * @param {HTMLElement} host @param {Store} store @param {Planner} planner @param {Request} first
     * @param {{ planned: () => void, stale: (is: boolean) => void }} actions
     */
    constructor(host, store, planner, first, { planned, stale }) {
        this.store = store;
        this.planner = planner;
        this.request = first;
        this.planned = planned;
        this.stale = stale;
        this.catalog = planner.catalog(null);
        const form = h("form", { class: "play-form", onsubmit: (/** @type {Event} */ event) => event.preventDefault() });
        this.result = h("div", { class: "result" });
        const body = h("details", { open: matchMedia("(min-width: 720px)").matches }, h("summary", {}, h("h2", {}, "Play")), form);
        host.replaceChildren(body);
        this.form = playForm(form, this.catalog, first, this.result, () => this.#later());
    }

    #later() {
        clearTimeout(this.#timer);
        this.#timer = window.setTimeout(() => this.plan(this.form.read()), PAUSE);
    }

    /** Plans a request and shows it. @param {Request} request */
    plan(request) {
        this.request = request;
        const response = this.planner.predict(request);
        this.form.mark(response.error?.field ?? null, response.error?.message ?? "");
        this.#show(response);
        // A refusal has no layout: the last one stays, and is marked.
        const lands = response.error === null && Array.isArray(response.plan.regions);
        this.stale(!lands);
        if (response.error === null && lands) {
            const document = documentOf(request, response);
            this.store.show(this.pinned === null ? [document] : [this.pinned, document]);
        }
        this.planned();
    }

    /** Shows a request in the form, and plans it. @param {Request} request */
    take(request) {
        this.catalog = this.planner.catalog(request);
        this.form.write(request);
        this.plan(request);
    }

    /** Compares everything from now on with what is shown, or no longer. @param {boolean} isOn */
    pin(isOn) {
        const { documents } = this.store;
        this.pinned = isOn ? (documents[documents.length - 1] ?? null) : null;
        const last = documents[documents.length - 1];
        if (last !== undefined) this.store.show(this.pinned === null ? [last] : [this.pinned, last]);
        this.planned();
    }

    /** @param {import("../../engine.js").Response} response */
    #show(response) {
        const parts = [];
        if (response.error !== null) parts.push(h("p", { class: "error", role: "alert" }, response.error.message));
        if (response.refusal !== null) parts.push(refusal(response.refusal));
        if (response.command !== null) parts.push(command(response.command));
        if (response.assumed.length > 0) {
            const list = h("ul", {});
            for (const line of response.assumed) list.append(h("li", {}, line));
            parts.push(h("details", {}, h("summary", {}, `${response.assumed.length} assumption${response.assumed.length === 1 ? "" : "s"}`), list));
        }
        this.result.replaceChildren(...parts);
    }
}

/** @param {Request} request @param {any} response @returns {Document} */
export function documentOf(request, { plan, command }) {
    const machine = /** @type {any} */ (request.machine ?? { kind: "virt" });
    const name = machine.kind === "virt" ? `virt, ${machine.memory ?? "1G"}` : (machine.name ?? machine.file ?? machine.kind);
    const title = [name, machine.seed, ...(request.policy ?? [])].filter((part) => part).join(", ");
    return { kind: "plan", title, json: plan, request, command };
}

/** @param {import("../../engine.js").Refusal} of */
function refusal({ rule, message, remedy, broken_if: broken }) {
    return h(
        "div",
        { class: "refusal", role: "alert" },
        h("h3", {}, h("span", { "aria-hidden": "true" }, "⛔ "), `refused by ${rule}`),
        broken === null ? null : h("p", {}, `The rule is broken if ${broken}.`),
        h("p", {}, message),
        remedy === null ? null : h("p", { class: "remedy" }, h("strong", {}, "This would do: "), remedy),
    );
}

/** @param {string} text */
function command(text) {
    const copy = h("button", { type: "button", class: "copy" }, "Copy");
    copy.addEventListener("click", async () => {
        try {
            await navigator.clipboard.writeText(text);
            copy.textContent = "Copied";
        } catch {
            getSelection()?.selectAllChildren(line);
            copy.textContent = "Selected";
        }
        setTimeout(() => (copy.textContent = "Copy"), 1500);
    });
    const line = h("code", {}, text);
    return h("div", { class: "command" }, h("span", { class: "hint" }, "The same plan in a terminal:"), h("pre", {}, line), copy);
}
