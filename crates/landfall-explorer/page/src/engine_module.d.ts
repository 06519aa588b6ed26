/** The bindings of the engine, which the bundler resolves. */
declare module "landfall:engine" {
    export function load(module: string): Promise<import("../engine.js").Engine>;
}
