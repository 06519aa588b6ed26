/**
 * Checks of a request that the engine cannot name by a field, because its types exclude such
 * values.
 */

/** @typedef {import("../../engine.js").Request} Request */

/** Counts of a machine, with the values that they take. */
const COUNTS = { harts: "write 1 to 64", boot_hart: "write the number of a hart" };

/**
 * Returns the first value that is not a whole number, as the engine reports an error; else null.
 * @param {Request} request
 * @returns {{ message: string, field: string } | null}
 */
export function faultOf({ machine }) {
    const own = /** @type {Record<string, any>} */ (machine ?? {});
    for (const [key, help] of Object.entries(COUNTS)) {
        const value = own[key];
        if (value === undefined || value === null || (Number.isSafeInteger(value) && value >= 0)) continue;
        return { message: `${key.replace("_", " ")} cannot be ${JSON.stringify(value)}, which is not a whole number; ${help}`, field: `machine.${key}` };
    }
    return null;
}
