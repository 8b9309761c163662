import { defineConfig, type Plugin } from "vite";

/** The component library's own words in languages that the window does not speak are left out. */
const ownLanguages: Plugin = {
  name: "own-languages",
  enforce: "pre",
  load: (id) =>
    /react-(aria|stately)[^?]*\/intl\/[^?]*[a-z]{2}-[A-Z]{2}\.mjs/.test(id) && !/(sv-SE|en-US)\.mjs/.test(id)
      ? "export default {};"
      : null,
};

// VITE_FAKE=1 makes a build that runs in a browser against the fake core (tests and pictures).
// The production build leaves the fake out altogether.
export default defineConfig(({ mode }) => ({
  base: "./",
  clearScreen: false,
  plugins: [ownLanguages],
  esbuild: { jsx: "automatic" },
  define: {
    "import.meta.env.VITE_FAKE": JSON.stringify(process.env.VITE_FAKE ?? (mode === "production" ? "" : "1")),
  },
  build: {
    outDir: process.env.VITE_OUT_DIR ?? "dist",
    emptyOutDir: true,
    target: ["safari16", "chrome110"],
    // Fonts stay files: the content security policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Read from disk, not over a network: one file is the fastest.
    chunkSizeWarningLimit: 700,
  },
  server: { port: 1420, strictPort: true },
}));
