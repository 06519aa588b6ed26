/**
 * The interface between the page and its surroundings: the engine in WebAssembly, and the
 * documents that a command puts into the page. `CONTRACT.md` beside this file explains it.
 */

/** An address in hex with 0x, or a size or count as JSON number. Parse addresses as BigInt. */
type Hex = string;

// ---------------------------------------------------------------- the engine

/** The functions of the engine. Each takes and returns JSON as text. None throws on any input. */
export interface Engine {
    /** Takes a `Request`, returns a `Response`. */
    predict(request: string): string;
    /** Takes a `Request` or "{}", returns a `Catalog`. */
    catalog(request: string): string;
    /** A boot of the recorded kernel, on the simulator. */
    boot: {
        /** Takes a `BootRequest`, returns a `BootSummary` or `{ error }`. */
        start(request: string): string;
        /** Goes to an instruction, returns a `BootState` or `{ error }`. */
        go(to: number): string;
        /**
         * Returns an audit of the kernel's tables as they are now, as `audit --format json` prints
         * it, or `{ error }`.
         */
        tables(): string;
    };
    /** Panics with this message, for tests: the answer is a `Response` with an error. */
    fail(message: string): string;
}

/** One plan to be made. Unknown keys are an error, absent ones have their default. */
export interface Request {
    /** The kernel; without it the one that the engine has recorded. */
    kernel?: { blueprint: Blueprint } | { image: Base64 };
    /** The machine; without it a virt machine with 1 GiB and one hart. */
    machine?: Virt | Board | Facts;
    /**
     * Changes of the kernel's policy, as `--policy` takes them: "stack=128K". The last one of a key
     * counts.
     */
    policy?: string[];
}

type Base64 = string;
type ModeName = "sv39" | "sv48" | "sv57";

/** Settings of virt machines and of boards. */
interface Boot {
    /** The largest mode of the machine. */
    mode?: ModeName | null;
    /**
     * 16 hex digits; "off" for no KASLR; or null for the seeds in a board's tree.
     * A virt machine needs a seed. It may also be "rng:" and 64 hex digits, the seed of one boot.
     * A page of `plan` without `--seed` has that, and `command` then gives another layout.
     */
    seed?: string | null;
    /** The kernel's command line, in place of the tree's. */
    append?: string | null;
    /** The image's physical address. */
    at?: Hex | null;
}

/** QEMU's virt machine with OpenSBI. Its facts are recorded: firmware does not run in the page. */
export interface Virt extends Boot {
    kind: "virt";
    /** As `--memory`: "4G", from 32M to 1T. Default "1G". */
    memory?: string;
    /** From 1 to 64. Default 1. */
    harts?: number;
}

/** A board by its device tree. */
export interface Board extends Boot {
    kind: "board";
    /** A published board by `Catalog.boards[].name`, or a tree. */
    name?: string;
    /** The bytes of a device tree. */
    tree?: Base64;
    /** The name of the file, for the command line alone. Default "board.dtb". */
    file?: string;
    /** BASE:SIZE each, as the options of the same name. `memory` replaces the tree's. */
    memory?: string[];
    reserve?: string[];
    no_map?: string[];
    tree_at?: Hex | null;
    boot_hart?: number | null;
    initrd?: string | null;
    memory_types?: "standard" | "thead" | null;
}

/** A boot that was: the file that `run --dump-facts` writes. */
export interface Facts {
    kind: "facts";
    /** The file's JSON as an object. */
    facts: object;
    /** The name of the file, for the command line alone. Default "facts.json". */
    file?: string;
}

/** The facts of a kernel's file that a plan depends on. Opaque for the page. */
export interface Blueprint {
    /** For people. */
    name: string;
    parts: { text: number; constants: number; early: number; data: number };
    /** The policy record in hex. */
    policy: string;
    compiled_out: string[];
    slots: number;
    /** Base64 of the record of a wrapper's inner kernel. */
    inner: Base64 | null;
}

/** The machine of a boot. It is a simulated one, so its addresses are not those of a plan. */
export interface BootRequest {
    /** The seed of the machine and of the seeds in its tree, below 2^32. Default 1. */
    seed?: number;
    /** From 1 to 8. Default 2. */
    harts?: number;
    /** MiB, from 32 to 1024. Default 128. */
    memory?: number;
    mode?: ModeName | null;
    append?: string;
}

/** A whole run. It repeats: each instruction is the same in each run. */
export interface BootSummary {
    /** The steps of docs/landing.md, with the number of instructions before each. */
    steps: { step: number; at: number; function: string }[];
    /** Instructions of all harts. */
    total: number;
    outcome: string;
    harts: number;
}

/** A machine between two instructions. */
export interface BootState {
    /** Instructions so far. */
    at: number;
    /** 0 before the first step. */
    step: number;
    console: string;
    /** The index of the boot hart. */
    boot: number;
    harts: { id: number; pc: Hex; function: string | null; satp: Hex }[];
    /** In words, if the run has ended. */
    outcome: string | null;
}

export type Response =
    | {
          /** The plan as `plan --format json` prints it; `outcome` is "landed" or "refused". */
          plan: Plan;
          /** Only if the kernel refuses to land, or its wrapper the inner kernel. */
          refusal: Refusal | null;
          /** The command line that prints the same plan. */
          command: string;
          /**
           * Facts that a real machine might change, beside the notes in the plan: one sentence
           * each.
           */
          assumed: string[];
          error: null;
      }
    | {
          /** The request cannot be planned: the command would exit with status 2. */
          error: { message: string; field: string | null };
          plan: null;
          refusal: null;
          command: string | null;
          assumed: [];
      };

export interface Refusal {
    /** "R14", or W and L rules of wrappers. */
    rule: string;
    /** FACT; CAUSE; HELP in one line. */
    message: string;
    /** The part of `message` that says what would do; null if the message has none. */
    remedy: string | null;
    /**
     * The condition that breaks the rule, in the words of the boot contract; null for W and L
     * rules.
     */
    broken_if: string | null;
}

export interface Catalog {
    /** The versions of the planner and of the crate. */
    plan_version: number;
    version: string;
    /** The kernel of the request, or the recorded one. */
    kernel: { name: string; size: number; slots: number } | null;
    boards: {
        /** Stable: "visionfive-2". */
        name: string;
        /** For people: "StarFive VisionFive 2 (JH7110)". */
        title: string;
        harts: number;
        /** RAM in the tree, in bytes; 0 if a boot loader states it. */
        memory: number;
        /** A usual `Board.memory`, for a tree that states none; [] else. */
        suggested_memory: string[];
    }[];
    /** Keys of `policy`, in the order of the help text. */
    policy: {
        name: string;
        /** The help text: "own-region or linear-map: the kernel's place in the address space". */
        takes: string;
        /** The words, if there are few: ["own-region", "linear-map"]; else null. */
        choices: string[] | null;
        /**
         * The value that the kernel's own policy has, as `policy` would state it; null if it has
         * none.
         */
        value: string | null;
    }[];
    modes: ModeName[];
    virt: { max_harts: number; min_memory: number; max_memory: number; firmware: string };
}

// ---------------------------------------------------------------- documents in the page

/** The content of `<script type="application/json" id="landfall-documents">`. */
export interface Embedded {
    format: 1;
    /**
     * None: a playground alone. One: look. Two: compare the first ("before") with the second
     * ("after").
     */
    documents: Document[];
}

export interface Document {
    /** Decided by the command, and by the page from the keys of a dropped file:
     *  a plan has `plan_version`, an audit `audit_format`. */
    kind: "plan" | "audit";
    /** For people: "plan of hello", "audit of a running machine". */
    title: string;
    /** The file as the command prints it with `--format json`. */
    json: Plan | Audit;
    /** The request that gives this plan, so that it can be played with; null for audits. */
    request: Request | null;
    /** The command line that made the document; null if unknown. */
    command: string | null;
    /** The symbols of the kernel's ELF; null or absent for a flat image. */
    symbols?: Symbols | null;
}

/** Functions and objects, the largest of a large kernel. */
export interface Symbols {
    /** The virtual address of the image's first byte; null for that of the plan's kernel. */
    base: Hex | null;
    /** Names, with the bytes from the image's first one, and with sizes. */
    list: [name: string, offset: number, size: number][];
    /** The number of all symbols, also of those that are not listed. */
    count: number;
}

/** docs/plan.md lists the keys; examples/plan-*.json are examples. */
export type Plan = any;
/** docs/audit.md lists the keys. */
export type Audit = any;
