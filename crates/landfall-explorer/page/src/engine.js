/** The engine in WebAssembly, with JSON on both sides. */

import { load } from "landfall:engine";

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
 *         tables(): any,
 *     },
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
            predict: (request) => JSON.parse(engine.predict(JSON.stringify(request))),
            catalog: (request) => JSON.parse(engine.catalog(request === null ? "{}" : JSON.stringify(request))),
            boot: {
                start: (request) => JSON.parse(engine.boot.start(JSON.stringify(request))),
                go: (to) => JSON.parse(engine.boot.go(to)),
                tables: () => JSON.parse(engine.boot.tables()),
            },
        };
    } catch (error) {
        console.error("the engine does not start", error);
        return null;
    }
}
