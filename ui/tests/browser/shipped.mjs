// The build that the application embeds.
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildUi } from "./server.mjs";
import { holds, same, test } from "./suite.mjs";

/** Read before anything can be done; what is read when it is first opened is not. */
const LIMIT = 200_000;
/** Only the fake core says these. */
const FAKE = ["Exempelsson", "Astrid Ekvall", "bostadsanpassningsbidrag"];

export function checkShipped() {
  test("the shipped build is small, whole, and has no fake core in it", async () => {
    const folder = await buildUi({ fake: false });
    try {
      const names = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      same(files.filter((name) => name.endsWith(".map")), [], "source maps");
      const texts = await Promise.all(
        files.filter((name) => /\.(html|js|css)$/.test(name)).map((name) => readFile(name, "utf8")),
      );
      for (const words of FAKE) holds(!texts.some((text) => text.includes(words)), `${words} is in the build`);
      const page = await readFile(join(folder, "index.html"), "utf8");
      const first = await readFirst(folder, page);
      const size = [page, ...first].reduce((sum, text) => sum + gzipSync(text).length, 0);
      holds(size <= LIMIT, `${size} bytes compressed, more than ${LIMIT}`);
      holds(!/<style|<script(?![^>]*\bsrc=)|\sstyle=|https?:/.test(page), "index.html has something inline or from outside");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

/** What the page names, and what that imports without being asked to. */
async function readFirst(folder, page) {
  const waiting = [...page.matchAll(/(?:src|href)="\.\/([^"]+\.(?:js|css))"/g)].map(([, path]) => path);
  const texts = new Map();
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (texts.has(path)) continue;
    const text = await readFile(join(folder, path), "utf8");
    texts.set(path, text);
    for (const [, name] of text.matchAll(/(?:^|[;}])import(?:[^("';]*from)?["']\.\/([^"']+\.js)["']/g)) waiting.push(`assets/${name}`);
  }
  holds(texts.size >= 2, "the page names a script and a stylesheet");
  return [...texts.values()];
}
