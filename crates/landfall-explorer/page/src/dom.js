/**
 * Elements of the page. Every text is set as text, so that no name of a document becomes markup.
 */

import { visible } from "./text/visible.js";

/** Attributes that a person reads or hears. */
const WORDS = new Set(["title", "aria-label", "placeholder"]);

/**
 * Makes an element. Keys that begin with `on` are listeners, `class` and all others are attributes;
 * null and false leave an attribute out.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(globalThis.Node | string | null | undefined)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
        if (value === null || value === undefined || value === false) continue;
        if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
        else element.setAttribute(key, value === true ? "" : WORDS.has(key) ? visible(String(value)) : String(value));
    }
    for (const child of children) if (child !== null && child !== undefined) element.append(typeof child === "string" ? visible(child) : child);
    return element;
}

/** Returns a sentence whose words in backticks are code. @param {string} text */
export function prose(text) {
    return text.split("`").map((part, index) => (index % 2 === 0 ? part : h("code", {}, part)));
}

/**
 * Replaces the content of a place. The element with the same `data-focus` as the focused one before
 * gets the focus, so that a person can press a button twice. Without such an element, the place
 * gets it.
 * @param {HTMLElement} host @param {...globalThis.Node} children
 */
export function replace(host, ...children) {
    const { activeElement } = document;
    const had = activeElement instanceof HTMLElement && host.contains(activeElement) ? activeElement : null;
    host.replaceChildren(...children);
    if (had === null) return;
    const again = [...host.querySelectorAll("[data-focus]")].find((one) => one instanceof HTMLElement && one.dataset.focus === had.dataset.focus);
    if (!(again instanceof HTMLElement)) host.tabIndex = -1;
    (again instanceof HTMLElement ? again : host).focus({ preventScroll: true });
}

/** Returns the element of the page with the id. @param {string} id */
export function byId(id) {
    const element = document.getElementById(id);
    if (element === null) throw new Error(`the page has no element "${id}"`);
    return element;
}

/** Returns true if the person wants no motion. */
export function isStill() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Offers text as a file. @param {string} name @param {string} text */
export function download(name, text) {
    const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    h("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
}
