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
  { name: "files-cleaned", query: "scene=files-protected", act: (page) => attachTwo(page) },
  { name: "preview", query: "scene=files", act: (page) => showFile(page) },
  {
    name: "preview-covered",
    query: "scene=files-protected",
    act: async (page) => {
      await showFile(page);
      await page.evaluate(() => window.dispatchEvent(new Event("blur")));
      await page.getByRole("button", { name: "Visa igen" }).waitFor();
    },
  },
  { name: "history", act: (page) => history(page, "Lingonstigen 21") },
  {
    name: "history-protected",
    act: (page) => history(page, "Dold"),
    secrets: ["Astrid", "Lingonstigen", "Lingongatan", "19480114"],
  },
  { name: "history-empty", query: "scene=form", act: dialog("Control+h") },
  { name: "last-day" },
  { name: "last-day-no-more" },
  { name: "time-up" },
  { name: "extend", query: "scene=last-day", act: (page) => about(page, "Förläng tiden") },
  { name: "discard", query: "scene=form", act: (page) => about(page, "Kasta utkast") },
  {
    name: "just-discarded",
    query: "scene=form",
    act: async (page) => {
      await about(page, "Kasta utkast");
      await page.getByRole("dialog").getByRole("button", { name: "Kasta utkast" }).click();
      await page.getByRole("button", { name: "Ångra" }).waitFor();
    },
  },
  {
    name: "discarded",
    act: async (page) => {
      await page.getByText("Kastade utkast (1)").click();
      await page.getByRole("button", { name: /^Ta tillbaka .+, samtal A$/ }).waitFor();
    },
  },
  { name: "discarded-protected" },
  { name: "erase", query: "scene=discarded", act: (page) => about(page, "Radera för gott") },
  { name: "undone", query: "scene=history", act: (page) => press("Control+Alt+z")(page).then(() => page.getByText("Ångrat:").first().waitFor()) },
  { name: "search", query: "scene=form&indexed=43", act: (page) => search(page, "astr", "Hittat i namnet") },
  { name: "search-none", query: "scene=form", act: (page) => search(page, "vera", "Inget hittades.") },
  { name: "search-within", query: "scene=protected", act: (page) => searchWithin(page) },
  { name: "large-desk", query: "scene=workspace&more=9900&damaged=3" },
  { name: "unreadable" },
  {
    name: "certificates",
    query: "scene=workspace",
    act: async (page) => {
      await page.keyboard.press("Control+k");
      await page.keyboard.type("gallr");
      await page.keyboard.press("Enter");
      await page.getByRole("row").nth(1).waitFor();
    },
  },
  { name: "protected" },
  { name: "read-back", act: (page) => readBack(page) },
  { name: "read-back-protected", act: (page) => readBack(page), secrets: ["Astrid", "Lingongatan", "19480114"] },
  { name: "queued" },
  { name: "unknown" },
  { name: "uploading" },
  { name: "withdrawing" },
  { name: "receipt" },
  { name: "needs-action" },
  { name: "memory-only" },
  { name: "unreachable", query: "scene=form&link=unreachable" },
  { name: "maintenance", query: "scene=queued&link=maintenance" },
  { name: "unknown-issuer", query: "scene=form&link=unknown_issuer" },
  { name: "clock-off", query: "scene=form&clock=7" },
  { name: "ask-case", query: "scene=form", act: (page) => askCase(page, "Komplettering begärd") },
  { name: "ask-case-offline", query: "scene=form&link=unreachable", act: (page) => askCase(page, "Senast den här datorn") },
  { name: "not-saved", query: "scene=form&failing=disk_full", act: (page) => typeNote(page) },
  { name: "palette", query: "scene=form", act: dialog("Control+k") },
  { name: "keys", query: "scene=workspace", act: dialog("?") },
  { name: "settings", query: "scene=form", act: dialog("Control+,") },
  { name: "lower-protection", query: "scene=protected", act: (page) => lowerProtection(page) },
  { name: "english", query: "scene=form&language=en" },
];

/** Asks how the case stands that the case officer has asked a supplement for. */
async function askCase(page, words) {
  await page.keyboard.press("Control+Shift+f");
  await page.getByLabel("Ärendenummer").fill("exb 2026 2w8d 4h");
  await page.keyboard.press("Enter");
  await page.getByText(words).first().waitFor();
}

async function readBack(page) {
  for (let step = 0; step < 4; step += 1) await press("Control+Enter")(page);
  await page.getByRole("heading", { name: "Läs upp för den som ringer" }).waitFor();
}

/** Opens the dialog by the first button of that name. */
async function about(page, name) {
  await page.locator(".middle").getByRole("button", { name }).first().click();
  await page.getByRole("dialog").waitFor();
}

async function history(page, words) {
  await page.keyboard.press("Control+h");
  await page.getByRole("dialog").getByText(words).first().waitFor();
}

async function attachTwo(page) {
  for (const name of ["ritning.pdf", "brev.rtf"]) {
    await page.getByRole("button", { name: "Välj fil" }).nth(1).click();
    await page.getByText(name, { exact: true }).waitFor();
  }
}

async function showFile(page) {
  await page.getByRole("button", { name: "Visa situationsplan.pdf" }).click();
  await page.getByRole("img", { name: "situationsplan.pdf, sida 1 av 3, som bild" }).waitFor();
}

async function search(page, query, words) {
  await page.keyboard.press("Control+f");
  await page.waitForFunction(() => document.activeElement?.getAttribute("name") === "search");
  await page.keyboard.type(query);
  await page.getByText(words).first().waitFor();
}

async function searchWithin(page) {
  await page.locator('[name="search.within"]').fill("december");
  await page.getByText("Hittat i vad det gäller").waitFor();
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
