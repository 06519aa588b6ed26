/** The reason why a machine or a policy has no plan, above the drawing at each width. */

import { h, prose } from "../dom.js";

/** @typedef {import("../../engine.js").Refusal} Refusal */
/** @typedef {{ text: string, use: () => void }} Proposal */

/**
 * Shows an error of a request, with the words of the help for each key at fault.
 * @param {string} message @param {any[]} keys entries of the catalog's policy
 */
export function errorBox(message, keys) {
    const help = message.includes("takes") ? [] : keys.map(({ name, takes }) => h("p", { class: "remedy" }, h("code", {}, name), ` takes ${takes}`));
    return h("div", { role: "alert" }, h("p", { class: "error" }, ...prose(message)), ...help);
}

/**
 * Shows a refusal.
 * @param {Refusal} refusal @param {Proposal | null} proposal a value that would do
 */
export function refusalBox({ rule, message, remedy, broken_if: broken }, proposal) {
    // The last part of a message is the remedy, unless the engine knows a better one.
    const fact = remedy !== null && message.endsWith(`; ${remedy}`) ? message.slice(0, -remedy.length - 2) : message;
    const use = proposal === null ? null : h("button", { type: "button", onclick: proposal.use }, `Use ${proposal.text}`);
    return h(
        "div",
        { class: "refusal", role: "alert" },
        h("h3", {}, h("span", { "aria-hidden": "true" }, "⚠ "), `refused by ${rule}`),
        h("p", {}, ...prose(fact)),
        broken === null ? null : h("p", {}, "The rule is broken if ", ...prose(broken), "."),
        remedy === null ? null : h("p", { class: "remedy" }, h("strong", {}, "This would do: "), ...prose(remedy)),
        use,
    );
}

/**
 * Returns the refusal in a document that a request does not answer.
 * @param {import("../../engine.js").Document} document @returns {Refusal | null}
 */
export function refusalOf({ kind, json }) {
    const found = kind === "plan" ? json?.refusal : null;
    if (found === null || found === undefined) return null;
    const message = String(found.message);
    const [, remedy = null] = /; ([^;]*)$/.exec(message) ?? [];
    return { rule: String(found.rule), message, remedy, broken_if: null };
}
