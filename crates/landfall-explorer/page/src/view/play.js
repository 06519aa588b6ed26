/** The playground: each change of the form is planned anew, and the layout moves there. */

import { faultOf } from "../state/check.js";
import { linkOf } from "../state/link.js";
import { writeJson } from "../model/json.js";
import { shortTitle } from "../text/titles.js";
import { download, h, replace } from "../dom.js";
import { commandBlock } from "./command.js";
import { playForm } from "./play_form.js";
import { errorBox, refusalBox, refusalOf } from "./verdict.js";

/** @typedef {import("../state/store.js").Store} Store */
/** @typedef {import("../engine.js").Planner} Planner */
/** @typedef {import("../../engine.js").Request} Request */
/** @typedef {import("../../engine.js").Response} Response */
/** @typedef {import("../../engine.js").Document} Document */

/** A person who types is given this long, in milliseconds. */
const PAUSE = 120;

export class Play {
    /** The document that all later ones are compared with. @type {Document | null} */
    pinned = null;
    /**
     * A document without a request, which the form's own is compared with.
     * @type {Document | null}
     */
    #after = null;
    /**
     * The form's own document; null before the first plan, and if the request cannot be planned.
     * @type {Document | null}
     */
    #own = null;
    /**
     * A document without a request, which is compared with the form's own from its first change on.
     * @type {Document | null}
     */
    #waiting = null;
    /**
     * The kernel of documents that were opened, with its symbols.
     * @type {{ facts: Request["kernel"], symbols: Document["symbols"] } | null}
     */
    #kernel = null;
    /** @type {Request} */
    request;
    #timer = 0;

    /**
     * @param {HTMLElement} host @param {HTMLElement} verdict the place of errors and refusals
     * @param {Store} store @param {Planner} planner @param {Request} first
     * @param {{ planned: () => void, stale: (is: boolean) => void }} actions
     */
    constructor(host, verdict, store, planner, first, { planned, stale }) {
        this.verdict = verdict;
        this.store = store;
        this.planner = planner;
        this.request = first;
        this.planned = planned;
        this.stale = stale;
        this.catalog = planner.catalog(null);
        const form = h("form", { class: "play-form", onsubmit: (/** @type {Event} */ event) => event.preventDefault() });
        this.result = h("div", { class: "result" });
        const body = h("details", { "aria-label": "Play", open: matchMedia("(min-width: 720px)").matches }, h("summary", {}, h("h2", {}, "Play")), form);
        host.replaceChildren(body);
        this.form = playForm(form, this.catalog, first, this.result, () => this.#later());
    }

    #later() {
        clearTimeout(this.#timer);
        this.#timer = window.setTimeout(() => {
            const request = this.form.read();
            // A field that loses the focus reports its change once more: that would end a boot.
            if (writeJson(request) !== writeJson(this.request)) this.plan(request);
        }, PAUSE);
    }

    /** The documents as a file holds them: a refused one too. */
    get documents() {
        return [this.pinned, this.#own ?? this.#waiting, this.#after].filter((one) => one !== null);
    }

    /** Returns the link of the state, or null if none holds it. @param {string | null} select */
    link(select) {
        if (this.#waiting !== null || this.#after !== null || this.pinned?.request === null) return null;
        return linkOf({ request: this.pinned?.request ?? this.request, other: this.pinned === null ? null : this.request, select });
    }

    /** Plans a request and shows it. @param {Request} request */
    plan(request) {
        this.request = request;
        if (this.#waiting !== null) {
            this.pinned ??= this.#waiting;
            this.#waiting = this.#after = null;
        }
        const response = this.#predict(request);
        this.#own = response.error === null ? { ...documentOf(request, response), symbols: this.#symbolsOf(request) } : null;
        this.#answer(response);
        if (response.error === null && Array.isArray(response.plan.regions)) this.store.show(this.documents);
        this.planned();
    }

    /** Shows the form's document again, after something else was shown. */
    show() {
        this.store.show(this.documents);
    }

    /** Shows a request in the form, and plans it. @param {Request} request */
    take(request) {
        this.#write(request);
        this.plan(request);
    }

    /**
     * Returns the request of a machine that is opened, with the kernel and the policy of the form.
     * Facts of a boot have a kernel of their own.
     * @param {Request} request @returns {Request}
     */
    onMachine(request) {
        const { kernel, policy } = this.request;
        return request.machine?.kind === "facts" ? request : { ...(kernel === undefined ? {} : { kernel }), ...request, policy: policy ?? [] };
    }

    /** Restores the state of a link. @param {Request} request @param {Request | null} other */
    load(request, other) {
        this.pinned = this.#after = this.#waiting = null;
        if (other === null) return this.take(request);
        this.pinned = documentOf(request, this.#predict(request));
        this.take(other);
    }

    /**
     * Makes the form that of documents which are shown. The last one with a request is the form's
     * own, and the other one stays beside it.
     * @param {Document[]} documents
     */
    follow(documents) {
        this.pinned = this.#after = this.#own = this.#waiting = null;
        const at = documents.findLastIndex(({ request }) => request);
        if (at === -1) return this.#detach(documents);
        const own = documents[at];
        const request = /** @type {Request} */ (own.request);
        this.pinned = documents[at - 1] ?? null;
        this.#after = documents[at + 1] ?? null;
        this.#own = own;
        this.#kernel = request.kernel === undefined ? null : { facts: request.kernel, symbols: own.symbols ?? null };
        this.#write((this.request = request));
        const response = this.#predict(request);
        this.#answer(response.error === null ? { ...response, command: own.command ?? response.command } : response);
    }

    /**
     * Takes the mode of what is shown into the form: a plan in another one would be no comparison.
     */
    #takeMode() {
        const mode = this.store.shown.a?.mode;
        const { machine = { kind: "virt" } } = this.request;
        if (mode === undefined || machine.kind === "facts") return;
        this.#write((this.request = { ...this.request, machine: { ...machine, mode: /** @type {any} */ (mode) } }));
    }

    /** @param {Document[]} documents that no request makes */
    #detach(documents) {
        [this.#waiting = null, this.#after = null] = documents;
        this.#takeMode();
        const { length } = documents;
        const [last] = documents.slice(-1);
        const words = `The form makes no part of ${length === 1 ? "this document" : "these documents"}. A change compares ${length === 1 ? "it" : "the first one"} with a plan of the form.`;
        replace(this.result, ...(last?.command ? [commandBlock("The command of this document:", last.command)] : []), h("p", { class: "hint" }, words));
        this.#judge(documents.map(refusalOf).filter((one) => one !== null).map((one) => refusalBox(one, null)));
        this.form.mark([]);
    }

    /**
     * Compares everything from now on with what is shown, or no longer.
     * @param {"on" | "off"} to
     */
    pin(to) {
        const last = this.#own ?? this.store.documents.at(-1) ?? null;
        if (last === null) return;
        this.follow([last]);
        if (to === "on") this.pinned = last;
        this.store.show(to === "on" ? [last, last] : [last]);
        this.planned();
    }

    /**
     * Returns the symbols of a request's kernel. The form keeps the kernel that it got.
     * @param {Request} request
     */
    #symbolsOf({ kernel }) {
        return kernel !== undefined && kernel === this.#kernel?.facts ? this.#kernel.symbols : null;
    }

    /** @param {Request} request */
    #write(request) {
        this.catalog = this.planner.catalog(request);
        this.form.write(request);
    }

    /** @param {Request} request @returns {Response} */
    #predict(request) {
        const error = faultOf(request);
        return error === null ? this.planner.predict(request) : { error, plan: null, refusal: null, command: null, assumed: [] };
    }

    /** Shows the answer to the form's request. @param {Response} response */
    #answer(response) {
        const { error, refusal, command, assumed } = response;
        const keys = error?.field === "policy" ? this.#keysOf(error.message) : [];
        this.form.mark(error === null || error.field === null ? [] : error.field === "policy" ? keys.map((key) => `policy.${key}`) : [error.field]);
        /** @type {HTMLElement[]} */
        const boxes = [];
        if (error !== null) boxes.push(errorBox(error.message, this.catalog.policy.filter(({ name }) => keys.includes(name))));
        if (refusal !== null) boxes.push(refusalBox(refusal, this.#proposal(refusal)));
        boxes.push(...faultsOf(this.pinned));
        this.#judge(boxes);
        // Neither has a layout: the last one stays, and is marked.
        this.stale(error !== null || !Array.isArray(response.plan?.regions));
        /** @type {HTMLElement[]} */
        const parts = command === null ? [] : this.#terminal(command);
        if (assumed.length > 0) {
            const list = h("ul", {});
            for (const line of assumed) list.append(h("li", {}, line));
            parts.push(h("details", {}, h("summary", {}, `${assumed.length} assumption${assumed.length === 1 ? "" : "s"}`), list));
        }
        this.result.replaceChildren(...parts);
    }

    /** Shows the command of the form's plan, with all that it needs. @param {string} command */
    #terminal(command) {
        const { machine } = this.request;
        if (machine?.kind === "facts" && machine.file === undefined) {
            const save = h("button", { type: "button", onclick: () => download("facts.json", writeJson(machine.facts)) }, "Save facts.json");
            return [commandBlock("The same plan in a terminal, beside facts.json:", command), save];
        }
        const isDrawn = machine?.kind === "virt" && machine.seed?.startsWith("rng:") === true;
        return [commandBlock(isDrawn ? "The same machine in a terminal, with other seeds at each start:" : "The same plan in a terminal:", command)];
    }

    /** @param {HTMLElement[]} boxes */
    #judge(boxes) {
        this.verdict.hidden = boxes.length === 0;
        this.verdict.replaceChildren(...boxes);
    }

    /**
     * Returns the keys of the policy that an error is about: those it names, or those that fail
     * alone, or all.
     * @param {string} message
     */
    #keysOf(message) {
        const all = this.form.keys();
        const words = message.split(/[^\w-]+/);
        const { machine, kernel, policy = [] } = this.request;
        const fails = (/** @type {string} */ key) => this.#predict({ ...(kernel === undefined ? {} : { kernel }), machine, policy: policy.filter((one) => one.startsWith(`${key}=`)) }).error !== null;
        for (const found of [all.filter((key) => words.includes(key) && fails(key)), all.filter(fails)]) if (found.length > 0) return found;
        return all;
    }

    /**
     * Returns a value that would do: the usual memory of a board whose tree states none.
     * @param {import("../../engine.js").Refusal} refusal
     */
    #proposal({ rule }) {
        const { machine } = this.request;
        const board = machine?.kind === "board" && rule === "R8" ? this.catalog.boards.find(({ name }) => name === machine.name) : undefined;
        if (board === undefined || machine?.kind !== "board" || machine.memory !== undefined || board.suggested_memory.length === 0) return null;
        const memory = board.suggested_memory;
        const use = () => {
            this.take({ ...this.request, machine: { ...machine, memory } });
            this.form.focus();
        };
        return { text: memory.join(", "), use };
    }
}

/**
 * Shows why the document that others are compared with has no layout.
 * @param {Document | null} document
 */
function faultsOf(document) {
    if (document === null) return [];
    const title = shortTitle(document.title);
    const refusal = refusalOf(document);
    const error = document.json?.error ?? null;
    return [
        ...(refusal === null ? [] : [refusalBox({ ...refusal, rule: `${refusal.rule}: ${title}` }, null)]),
        ...(error === null ? [] : [errorBox(`${title}: ${error.message}`, [])]),
    ];
}

/**
 * Returns the document of an answer. That of a request which cannot be planned has the error alone.
 * @param {Request} request @param {any} response @returns {Document}
 */
export function documentOf(request, { plan, command, error = null }) {
    const machine = /** @type {any} */ (request.machine ?? { kind: "virt" });
    const name = machine.kind === "virt" ? `virt, ${machine.memory ?? "1G"}` : (machine.name ?? machine.file ?? machine.kind);
    const title = [name, machine.seed, ...(request.policy ?? [])].filter((part) => part).join(", ");
    return { kind: "plan", title, json: plan ?? { error }, request, command };
}
