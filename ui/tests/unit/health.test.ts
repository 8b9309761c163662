import { describe, expect, it } from "vitest";

import type { HealthView } from "../../src/ipc";
import { fakeBackend } from "../../src/ipc/fake";
import { healthLines, type HealthLine } from "../../src/words/health";

async function lines(change: (health: HealthView) => void, scene = "form"): Promise<{ [id: string]: HealthLine }> {
  const health = await fakeBackend(`?scene=${scene}`).commands.health();
  change(health);
  return Object.fromEntries(healthLines(health).map((line) => [line.id, line]));
}

const MEGABYTE = 1_024 * 1_024;

function free(megabytes: number) {
  return (health: HealthView) => {
    if (health.store) health.store.free = megabytes * MEGABYTE;
  };
}

describe("the health page", () => {
  it("asks nothing of anybody while all is well", async () => {
    const well = Object.values(await lines((health) => (health.link.needs_action = 0)));
    expect(well.map(({ level }) => level)).toEqual(well.map(() => "ok"));
    expect(well.map(({ todo }) => todo)).toEqual(well.map(() => null));
  });

  it("says what to do about everything that is not well", async () => {
    const ill = Object.values(await lines(() => undefined, "health-faults")).filter(({ level }) => level !== "ok");
    expect(ill.map(({ id }) => id)).toEqual(["damaged", "shred", "disk", "keychain", "outbox", "audit"]);
    for (const { id, todo } of ill) expect(todo, id).not.toBeNull();
  });

  it("warns of a disk that fills up before nothing can be saved", async () => {
    expect((await lines(free(501))).disk?.level).toBe("ok");
    expect((await lines(free(499))).disk?.level).toBe("warn");
    expect((await lines(free(49))).disk?.level).toBe("fault");
  });

  it("says that a locked keychain loses nothing", async () => {
    const { keychain } = await lines((health) => (health.keychain = "locked"));
    expect(keychain?.level).toBe("warn");
    expect(keychain?.words).toContain("sparas ändå");
    expect(keychain?.todo).toContain("innan du låser eller stänger");
  });

  it("has no line about a store that is in memory only but the warning", async () => {
    const memory = await lines((health) => Object.assign(health, { storage: "memory_only", store: null, keychain: "none" }));
    expect(memory.store?.level).toBe("warn");
    expect([memory.damaged, memory.shred, memory.disk]).toEqual([undefined, undefined, undefined]);
  });
});
