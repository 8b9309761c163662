import { ipcError } from "../ipc";
import type { IpcError } from "../ipc";
import { Observable } from "./observable";

/** Where what was typed stands. `saved` only when the core has answered. */
export type Saving =
  | { state: "saved" }
  | { state: "saving" }
  /** On screen and tried again; the code says why it is not saved yet. */
  | { state: "failed"; code: string };

export interface SaverPort<Item, Answer> {
  /** Saves a batch; resolves when it is durable. */
  send(items: Item[]): Promise<Answer>;
  /** Items with the same key replace each other while they wait; `null` never does. */
  key(item: Item): string | null;
  saved(answer: Answer, items: Item[]): void;
  /** The core will never take this item; it is not tried again. */
  refused(item: Item, error: IpcError): void;
}

const PAUSE_MS = 120;
/** Whoever types without a pause is saved all the same. */
const LONGEST_MS = 1_000;
const RETRY_MS = [500, 1_000, 2_000, 4_000, 8_000];

/** Brings changes to the core in order, one batch in flight, and gives none up. */
export class Saver<Item, Answer> {
  readonly saving = new Observable<Saving>({ state: "saved" });
  #waiting: Item[] = [];
  #sending: Item[] = [];
  #inFlight: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the first of what waits for a pause was typed. */
  #oldest: number | null = null;
  #failures = 0;
  #stopped = false;
  /** After a refusal items go one by one, so that only the refused one is dropped. */
  #single = 0;

  constructor(private readonly port: SaverPort<Item, Answer>) {}

  /** Saves after a pause in typing, or soon without one. */
  later(item: Item): void {
    this.#add(item);
    if (this.#failures > 0) return;
    const now = performance.now();
    this.#oldest ??= now;
    this.#schedule(Math.max(0, Math.min(PAUSE_MS, this.#oldest + LONGEST_MS - now)));
  }

  /** Saves at once. */
  now(...items: Item[]): void {
    for (const item of items) this.#add(item);
    void this.#run();
  }

  /** Whether an item with this key is not yet with the core. */
  waits(key: string): boolean {
    return [...this.#sending, ...this.#waiting].some((item) => this.port.key(item) === key);
  }

  get idle(): boolean {
    return this.#waiting.length === 0 && this.#inFlight === null;
  }

  /** Tries everything now; resolves to whether all of it is saved. */
  async flush(): Promise<boolean> {
    do {
      await this.#run();
    } while (!this.idle && this.saving.value.state !== "failed");
    return this.idle;
  }

  /** Does something between two batches, after all that was typed before it is saved; rejects when it cannot be. */
  async between<T>(work: () => Promise<T>): Promise<T> {
    while (!this.idle) {
      await this.flush();
      const { value } = this.saving;
      if (value.state === "failed") throw { code: value.code, message: "not saved", retryable: true } satisfies IpcError;
    }
    const working = work();
    this.#inFlight = working.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await working;
    } finally {
      this.#inFlight = null;
      if (this.#waiting.length > 0) void this.#run();
    }
  }

  /** Forgets everything, for a form that is no longer on this computer's screen. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#stopped = true;
    this.#waiting = [];
  }

  #add(item: Item): void {
    if (this.#stopped) return;
    const key = this.port.key(item);
    const index = key === null ? -1 : this.#waiting.findIndex((other) => this.port.key(other) === key);
    // In its place: what is asked further on may depend on it.
    if (index >= 0) this.#waiting[index] = item;
    else this.#waiting.push(item);
    if (this.saving.value.state === "saved") this.saving.set({ state: "saving" });
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#run(), ms);
  }

  async #run(): Promise<void> {
    clearTimeout(this.#timer);
    this.#oldest = null;
    while (this.#inFlight) await this.#inFlight;
    if (this.#waiting.length === 0) return;
    this.#inFlight = this.#send();
    try {
      await this.#inFlight;
    } finally {
      this.#inFlight = null;
    }
    if (this.#waiting.length === 0) this.saving.set({ state: "saved" });
    else if (this.saving.value.state !== "failed") void this.#run();
  }

  async #send(): Promise<void> {
    const batch = this.#single > 0 ? this.#waiting.slice(0, 1) : this.#waiting;
    this.#waiting = this.#waiting.slice(batch.length);
    this.#sending = batch;
    let answer: Answer;
    try {
      answer = await this.port.send(batch);
    } catch (thrown) {
      this.#sending = [];
      this.#failed(batch, ipcError(thrown));
      return;
    }
    this.#sending = [];
    this.#recovered();
    this.port.saved(answer, batch);
  }

  #recovered(): void {
    this.#failures = 0;
    this.#single = Math.max(0, this.#single - 1);
    if (this.saving.value.state === "failed") this.saving.set({ state: "saving" });
  }

  #failed(batch: Item[], error: IpcError): void {
    const [first, ...rest] = batch;
    if (first === undefined) return;
    if (!error.retryable && error.code !== "locked") {
      if (rest.length > 0) {
        this.#waiting = this.#merge(batch);
        this.#single = batch.length;
      } else {
        this.#recovered();
        this.port.refused(first, error);
      }
      return;
    }
    if (this.#stopped) return;
    this.#waiting = this.#merge(batch);
    const pause = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)] ?? 0;
    this.#failures += 1;
    this.saving.set({ state: "failed", code: error.code });
    this.#schedule(pause);
  }

  /** What failed, before what came since; where something came since for the same key, that counts. */
  #merge(batch: Item[]): Item[] {
    const since = [...this.#waiting];
    const merged = batch.map((item) => {
      const key = this.port.key(item);
      const index = key === null ? -1 : since.findIndex((other) => this.port.key(other) === key);
      return index < 0 ? item : (since.splice(index, 1)[0] ?? item);
    });
    return [...merged, ...since];
  }
}
