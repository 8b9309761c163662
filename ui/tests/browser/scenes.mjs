// Every screen of the window: how the fake core begins and what the worker does to get there.

export const THEMES = ["light", "dark", "contrast"];

const press = (key) => async (page) => {
  await page.keyboard.press(key);
};

const dialog = (key) => async (page) => {
  await page.keyboard.press(key);
  await page.getByRole("dialog").waitFor();
};

/** Names and numbers of the protected caller in every scene: on no screen without being revealed. */
const SECRETS = ["Vera Holm", "19850101"];

export function secretsOf({ secrets = [] }) {
  return [...SECRETS, ...secrets];
}

/** `name` is also the picture's; `act` brings the page from what the core begins with to what is shown. */
export const SCENES = [
  { name: "sign-in" },
  { name: "signing-in" },
  { name: "sign-in-problem" },
  { name: "blocked-keychain-locked" },
  { name: "blocked-store-unreadable" },
  { name: "blocked-key-lost" },
  { name: "blocked-disk-full" },
  { name: "locked" },
  { name: "locked-idle" },
  { name: "locked-pin" },
  { name: "locked-pin-wait" },
  { name: "locked-pin-first" },
  { name: "locked-pin-forgotten", query: "scene=locked-pin", act: (page) => forgetPin(page) },
  { name: "covered", query: "scene=form&failing=disk_full", act: (page) => lockUnsaved(page), secrets: ["Astrid", "19480114", "Ringer tillbaka"] },
  { name: "pin-required" },
  { name: "pin", query: "scene=form", act: (page) => fromSettings(page, "Välj PIN-kod") },
  { name: "pin-change", query: "scene=pin-set", act: (page) => fromSettings(page, "Ändra eller ta bort PIN-koden") },
  { name: "health", query: "scene=form", act: (page) => health(page) },
  { name: "health-faults", act: (page) => health(page) },
  { name: "idle-warning", query: "scene=idle", act: (page) => page.getByText("låser sig om en halv minut").waitFor() },
  { name: "empty" },
  { name: "workspace" },
  { name: "catalogue" },
  { name: "no-catalogue" },
  { name: "form" },
  { name: "form-errors" },
  { name: "rows" },
  {
    name: "newer-version",
    act: async (page) => {
      await page.getByRole("button", { name: "Se vad som ändras" }).click();
      await page.getByRole("button", { name: "Byt till den nya versionen" }).waitFor();
    },
  },
  { name: "kinds" },
  { name: "kinds-table" },
  { name: "kinds-errors" },
  { name: "kinds-information" },
  { name: "files" },
  { name: "protected" },
  { name: "read-back", act: (page) => readBack(page) },
  { name: "read-back-protected", act: (page) => readBack(page), secrets: ["Astrid", "Lingongatan", "19480114"] },
  { name: "queued" },
  { name: "unknown" },
  { name: "receipt" },
  { name: "needs-action" },
  { name: "memory-only" },
  { name: "unreachable", query: "scene=form&link=unreachable" },
  { name: "not-saved", query: "scene=form&failing=disk_full", act: (page) => typeNote(page) },
  { name: "palette", query: "scene=form", act: dialog("Control+k") },
  { name: "keys", query: "scene=workspace", act: dialog("?") },
  { name: "settings", query: "scene=form", act: dialog("Control+,") },
  { name: "lower-protection", query: "scene=protected", act: (page) => lowerProtection(page) },
  { name: "english", query: "scene=form&language=en" },
];

async function readBack(page) {
  for (let step = 0; step < 4; step += 1) await press("Control+Enter")(page);
  await page.getByRole("heading", { name: "Läs upp för den som ringer" }).waitFor();
}

async function lowerProtection(page) {
  await page.keyboard.press("Control+Shift+P");
  await page.getByLabel("Skäl").waitFor();
}

async function forgetPin(page) {
  await page.getByRole("button", { name: "Glömt PIN-koden?" }).click();
}

async function lockUnsaved(page) {
  await typeNote(page);
  await page.keyboard.press("Control+l");
  await page.getByRole("heading", { name: "Ledsaga är låst, men något är inte sparat" }).waitFor();
}

async function fromSettings(page, button) {
  await page.keyboard.press("Control+,");
  await page.getByRole("button", { name: button }).click();
  await page.getByLabel("Samma PIN-kod en gång till").waitFor();
}

async function health(page) {
  await page.keyboard.press("Control+,");
  await page.getByRole("button", { name: "Hälsa" }).click();
  await page.locator("[data-health='policy']").waitFor();
}

async function typeNote(page) {
  await page.getByLabel("Anteckningar").fill("Ringer tillbaka efter lunch.");
  await page.getByText("Inte sparat än").first().waitFor();
}

export function queryOf({ name, query }, theme) {
  return `${query ?? `scene=${name}`}&theme=${theme}`;
}
