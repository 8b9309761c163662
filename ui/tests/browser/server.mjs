// Serves the fake build on loopback with the headers that the real window has.
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const UI = fileURLToPath(new URL("../../", import.meta.url));
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** The application's own content security policy. */
async function policy() {
  const configuration = JSON.parse(await readFile(join(UI, "../src-tauri/tauri.conf.json"), "utf8"));
  return configuration.app.security.csp;
}

/** Builds the UI, with the fake core in it or as it is shipped; resolves to the folder of the build. */
export async function buildUi({ fake }) {
  // A folder of its own: another run, or the application's own build, does not change it halfway.
  const folder = await mkdtemp(join(tmpdir(), "ledsaga-ui-"));
  process.env.VITE_FAKE = fake ? "1" : "";
  process.env.VITE_OUT_DIR = folder;
  execFileSync(process.execPath, ["scripts/messages.mjs"], { cwd: UI, stdio: "inherit" });
  await build({ root: UI, logLevel: "error" });
  return folder;
}

/** Builds and serves; resolves to the origin and a function that stops it all. */
export async function serve() {
  const [folder, csp] = [await buildUi({ fake: true }), await policy()];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = normalize(join(folder, pathname === "/" ? "index.html" : pathname));
    try {
      const body = path.startsWith(folder) ? await readFile(path) : undefined;
      if (body === undefined) throw new Error("outside the build");
      response.writeHead(200, {
        "content-type": TYPES[extname(path)] ?? "application/octet-stream",
        "content-security-policy": csp,
        "cache-control": "no-store",
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  return {
    origin: `http://127.0.0.1:${port}`,
    stop: async () => {
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}
