/** The engine in WebAssembly, with JSON on both sides. */

import { load } from "landfall:engine";

import { readJson, writeJson } from "./model/json.js";

/** @typedef {import("../engine.js").Request} Request */
/** @typedef {import("../engine.js").Response} Response */
/** @typedef {import("../engine.js").Catalog} Catalog */
/** @typedef {{ error: string }} Fault */
/**
 * @typedef {{
 *     predict(request: Request): Response,
 *     catalog(request: Request | null): Catalog,
 *     boot: {
 *         start(request: import("../engine.js").BootRequest): import("../engine.js").BootSummary | Fault,
 *         go(to: number): import("../engine.js").BootState | Fault,
 *         tables():
 *     any, },
 * }} Planner
 */

/**
 * Starts the engine. A page can look at documents without it.
 * @returns {Promise<Planner | null>}
 */
export async function startEngine() {
    const module = document.getElementById("landfall-engine")?.textContent?.trim();
    if (!module || typeof WebAssembly === "undefined") return null;
    try {
        const engine = await load(module);
        return {
            predict: (request) => readJson(engine.predict(writeJson(request))),
            catalog: (request) => readJson(engine.catalog(request === null ? "{}" : writeJson(request))),
            boot: {
                start: (request) => readJson(engine.boot.start(writeJson(request))),
                go: (to) => readJson(engine.boot.go(to)),
                tables: () => readJson(engine.boot.tables()),
            },
        };
    } catch (error) {
        console.error("the engine does not start", error);
        return null;
    }
}
