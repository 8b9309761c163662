// A page that notes everything the window must never do.
import { chromium } from "playwright-core";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** Monday morning, so that pictures do not change from day to day. */
export const NOW = new Date("2026-11-23T09:42:00+01:00");

export function launch() {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
}

/** Runs before the page's own scripts; as in the window, the built-in prototypes are frozen. */
function watchPage() {
  Object.freeze(Object.prototype);
  globalThis.violations = [];
  document.addEventListener("securitypolicyviolation", (event) => {
    globalThis.violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
  });
}

export async function openPage(browser, origin, { viewport = { width: 1440, height: 900 }, ...options } = {}) {
  const context = await browser.newContext({
    viewport,
    locale: "sv-SE",
    timezoneId: "Europe/Stockholm",
    reducedMotion: "reduce",
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.clock.setFixedTime(NOW);
  await page.addInitScript(watchPage);
  const faults = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("request", (request) => {
    // Pictures of files live in the page's own memory.
    if (![`${origin}/`, `blob:${origin}/`].some((own) => request.url().startsWith(own))) faults.push(`request: ${request.url()}`);
  });
  return {
    page,
    show: async (query) => {
      await page.goto(`${origin}/?${query}`);
      await page.locator("#root > *").first().waitFor();
    },
    /** What went wrong on the page so far. */
    faults: async () => [...faults, ...(await page.evaluate(() => globalThis.violations))],
    close: () => context.close(),
  };
}

/** Everything that the page has left in the browser's stores. */
export async function stored(page) {
  const inPage = await page.evaluate(async () => [
    ...Object.keys(localStorage).map((key) => `localStorage ${key}`),
    ...Object.keys(sessionStorage).map((key) => `sessionStorage ${key}`),
    ...(await indexedDB.databases()).map(({ name }) => `indexedDB ${name}`),
    ...(await caches.keys()).map((key) => `cache ${key}`),
    ...(await navigator.serviceWorker.getRegistrations()).map(({ scope }) => `service worker ${scope}`),
  ]);
  const cookies = await page.context().cookies();
  return [...inPage, ...cookies.map(({ name }) => `cookie ${name}`)];
}
