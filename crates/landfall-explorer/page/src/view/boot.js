/**
 * "Boot it here": the recorded kernel lands on a simulated machine, and its tables grow in the
 * drawing.
 */

import { h, isStill, replace } from "../dom.js";
import { stepOf } from "../text/steps.js";

/** @typedef {import("../state/store.js").Store} Store */
/** @typedef {import("../../engine.js").BootState} BootState */
/** @typedef {import("../../engine.js").BootSummary} BootSummary */
/** @typedef {import("../engine.js").Planner} Planner */

/** Milliseconds of a run from the first instruction to the last. */
const RUN = 9000;
/** Milliseconds between two pictures of it. */
const PICTURE = 180;
/** The step that only an image which moves has. */
const MOVE = 11;
/** The most that the simulated machine has: harts, and MiB. */
const MOST = { harts: 8, memory: 1024 };

export class BootView {
    /** @type {BootSummary | null} */
    #summary = null;
    /** Differences from the machine of the form. @type {string[]} */
    #limits = [];
    #at = 0;
    #timer = 0;
    /** The step of which a listener heard last. @type {number | null} */
    #said = null;

    /**
     * @param {HTMLElement} host @param {Store} store @param {Planner["boot"]} boot
     * @param {{ request: () => import("../../engine.js").Request, closed: () => void, say: (text:
     *     string) => void }} actions
     * the machine, as the form states it; the end of a boot; and words for a screen reader
     */
    constructor(host, store, boot, { request, closed, say }) {
        this.host = host;
        this.store = store;
        this.boot = boot;
        this.request = request;
        this.closed = closed;
        this.say = say;
    }

    /** Boots a new machine, and shows it at its entry. */
    start() {
        this.stop();
        const request = this.request();
        this.#limits = bootLimits(request);
        const summary = this.boot.start(bootRequest(request));
        this.host.hidden = false;
        if ("error" in summary) {
            this.host.replaceChildren(h("h2", {}, "Boot it here"), h("p", { class: "error", role: "alert" }, String(summary.error)));
            return;
        }
        this.#summary = summary;
        this.go(0);
        const run = this.host.querySelector('[data-focus="run"]');
        if (run instanceof HTMLElement) run.focus();
    }

    close() {
        this.end();
        this.closed();
    }

    /** Ends the boot, because something else is shown. */
    end() {
        this.stop();
        this.host.hidden = true;
        this.#summary = null;
    }

    get isOpen() {
        return this.#summary !== null;
    }

    /** Goes to an instruction. @param {number} to */
    go(to) {
        const summary = this.#summary;
        if (summary === null) return;
        this.#at = Math.min(Math.max(0, Math.round(to)), summary.total);
        const state = this.boot.go(this.#at);
        if ("error" in state) return;
        const tables = this.boot.tables();
        if (!("error" in tables)) {
            const title = `simulated machine after ${state.at.toLocaleString("en")} instructions`;
            this.store.show([{ kind: "audit", title, json: tables, request: null, command: null }]);
        }
        replace(this.host, ...this.#parts(summary, state));
        // A run goes through thousands of instructions, of which a listener hears the steps.
        if (this.#timer === 0 || state.step !== this.#said) this.say(`${words(state.step)}. Instruction ${state.at.toLocaleString("en")} of ${summary.total.toLocaleString("en")}.`);
        this.#said = state.step;
    }

    /** Goes through the whole run, or stops. */
    run() {
        if (this.#timer !== 0) return this.stop();
        const total = this.#summary?.total ?? 0;
        if (this.#at >= total) this.#at = 0;
        const step = (total * PICTURE) / RUN;
        this.#timer = window.setInterval(() => {
            if (this.#at + step >= total) this.stop();
            this.go(this.#at + step);
        }, isStill() ? 4 * PICTURE : PICTURE);
        this.go(this.#at);
    }

    stop() {
        clearInterval(this.#timer);
        this.#timer = 0;
    }

    /** @param {BootSummary} summary @param {BootState} state */
    #parts(summary, state) {
        const button = (/** @type {string} */ text, /** @type {() => void} */ act, /** @type {string} */ title) => h("button", { type: "button", title, "aria-label": title[0].toUpperCase() + title.slice(1), "data-focus": title, onclick: act }, text);
        const still = (/** @type {number} */ to) => () => {
            this.stop();
            this.go(to);
        };
        const next = summary.steps.find(({ at }) => at > state.at)?.at ?? summary.total;
        const before = summary.steps.findLast(({ at }) => at < state.at)?.at ?? 0;
        const slider = h("input", { type: "range", min: 0, max: summary.total, step: 1, value: state.at, "aria-label": "Instructions", "aria-valuetext": `${state.at.toLocaleString("en")} of ${summary.total.toLocaleString("en")}`, "data-focus": "slider" });
        slider.addEventListener("input", () => still(Number(slider.value))());
        const hart = state.harts[state.boot];
        const list = h("dl", {});
        const add = (/** @type {string} */ term, /** @type {string} */ value) => list.append(h("dt", {}, term), h("dd", { class: "code" }, value));
        add("instructions", `${state.at.toLocaleString("en")} of ${summary.total.toLocaleString("en")}`);
        add("function", hart?.function ?? "none of the kernel's");
        for (const one of state.harts) add(`hart ${one.id}`, BigInt(one.pc) === 0n ? "not started" : `pc ${one.pc}, satp ${one.satp}`);
        if (state.outcome !== null) add("end", state.outcome);
        const output = h("pre", { class: "console", tabindex: "0", "data-focus": "console", role: "region", "aria-label": "Console" }, state.console || "(the console is empty)");
        queueMicrotask(() => (output.scrollTop = output.scrollHeight));
        return [
            h("h2", {}, "Boot it here"),
            h("p", { class: "hint" }, "The recorded kernel on a simulated machine. Memory and seeds are the simulator's, so its addresses are not those of the plan."),
            ...this.#limits.map((limit) => h("p", { class: "hint limit" }, limit)),
            h(
                "p",
                { class: "actions" },
                button(this.#timer === 0 ? "Run" : "Pause", () => this.run(), "run"),
                button("◀ step", still(before), "the step before"),
                button("step ▶", still(next), "the next step"),
                button("+1", still(state.at + 1), "one instruction"),
                button("+100", still(state.at + 100), "a hundred instructions"),
                button("Close", () => this.close(), "close"),
            ),
            slider,
            h("p", { class: "step" }, h("strong", {}, nameOf(state.step)), `: ${stepOf(state.step).text}.`),
            this.#timeline(summary, state, still),
            list,
            output,
        ];
    }

    /**
     * @param {BootSummary} summary @param {BootState} state @param {(to: number) => () => void} go
     */
    #timeline(summary, state, go) {
        const list = h("ol", { class: "steps" });
        for (const { step, at } of summary.steps) {
            const isNow = step === state.step;
            list.append(h("li", {}, h("button", { type: "button", class: "link", "data-focus": `step ${step}`, "aria-current": isNow ? "step" : null, onclick: go(at) }, `${step}. ${stepOf(step).name}`), h("span", { class: "hint" }, ` ${at.toLocaleString("en")}`)));
        }
        const isMoved = summary.steps.some(({ step }) => step === MOVE);
        const note = `Steps 2 and 3 are counted with step 1, and step 5 with step 4.${isMoved ? "" : " There is no step 11: the image stays at its physical address."}`;
        return h("details", { open: true }, h("summary", {}, "Steps, by instructions"), list, h("p", { class: "hint" }, note));
    }
}

/** @param {number} step */
function nameOf(step) {
    return step === 0 ? stepOf(step).name : `${step}. ${stepOf(step).name}`;
}

/** Returns a step and its meaning. @param {number} step */
function words(step) {
    return `${nameOf(step)}: ${stepOf(step).text}`;
}

/**
 * Returns the machine of a boot for that of a plan, as far as the simulator has it.
 * @param {import("../../engine.js").Request} request
 * @returns {import("../../engine.js").BootRequest}
 */
export function bootRequest({ machine }) {
    const own = /** @type {any} */ (machine ?? {});
    const isVirt = own.kind === "virt";
    const seed = /^[0-9a-f]{1,16}$/i.test(own.seed ?? "") ? Number(BigInt(`0x${own.seed}`) & 0xffffffffn) : 1;
    const mib = mebibytes(own.memory ?? (isVirt ? "1G" : "")) ?? 128;
    return {
        seed,
        harts: isVirt ? Math.min(MOST.harts, Math.max(1, own.harts ?? 1)) : 1,
        memory: Math.min(MOST.memory, Math.max(32, mib)),
        mode: own.mode || null,
        append: own.append ?? "",
    };
}

/**
 * Returns what a boot takes otherwise than a plan, one sentence each.
 * @param {import("../../engine.js").Request} request
 */
export function bootLimits(request) {
    const { harts, memory } = bootRequest(request);
    const own = /** @type {any} */ (request.machine ?? { kind: "virt" });
    const lines = [];
    if (own.kind !== "virt") lines.push("The boot is on a machine of the simulator, not on this board.");
    if (own.kind === "virt" && (own.harts ?? 1) !== harts) lines.push(`The boot has ${harts} of ${own.harts} harts: the simulator's limit is ${MOST.harts}.`);
    if (own.kind === "virt" && mebibytes(own.memory ?? "1G") !== memory) lines.push(`The boot has ${memory} MiB, and the form ${own.memory}: the simulator takes 32 MiB to ${MOST.memory} MiB.`);
    if (request.kernel !== undefined) lines.push("The boot is of the recorded kernel, not of this page's.");
    if ((request.policy ?? []).length > 0) lines.push("The policy of the form has no effect here: the recorded kernel boots with its own.");
    return lines;
}

/** Returns the MiB of a size such as 4G, or null. @param {string} text */
function mebibytes(text) {
    const [, number = null, unit = ""] = /^(\d+)([MGT])$/i.exec(text) ?? [];
    return number === null ? null : Number(number) * { M: 1, G: 1024, T: 1024 * 1024 }[/** @type {"M" | "G" | "T"} */ (unit.toUpperCase())];
}
