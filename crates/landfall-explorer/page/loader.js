/**
 * The engine behind `landfall:engine`: WebAssembly that starts anew after a panic.
 */

import { __wbg_reset_state, boot_go, boot_start, boot_tables, catalog, fail, initSync, predict } from "../dist/bindings.js";

/** The message of the panic that ended the last call. @type {string | null} */
let panic = null;

/** Receives the message of a panic before the instance ends. */
const landfallPanic = (/** @type {string} */ message) => {
    panic = message;
};
Object.assign(globalThis, { landfallPanic });

/**
 * Makes a function of the engine one that never throws.
 * @template T
 * @param {(request: T) => string} call
 * @returns {(request: T) => string}
 */
function guarded(call) {
    return (request) => {
        panic = null;
        try {
            return call(request);
        } catch (error) {
            const message = `the engine failed, which is a fault of landfall: ${panic ?? error}`;
            __wbg_reset_state();
            const fault = { message, field: null };
            return JSON.stringify({ plan: null, refusal: null, command: null, assumed: [], error: fault });
        }
    };
}

/**
 * Starts the engine from the base64 of its module.
 * @param {string} base64
 * @returns {Promise<import("./engine.js").Engine>}
 */
export async function load(base64) {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    initSync({ module: await WebAssembly.compile(bytes) });
    const boot = { start: guarded(boot_start), go: guarded(boot_go), tables: guarded(() => boot_tables()) };
    return { predict: guarded(predict), catalog: guarded(catalog), fail: guarded(fail), boot };
}
