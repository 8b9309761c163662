// The build that the application embeds.
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildUi } from "./server.mjs";
import { holds, same, test } from "./suite.mjs";

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
      const size = texts.reduce((sum, text) => sum + gzipSync(text).length, 0);
      holds(size <= LIMIT, `${size} bytes compressed, more than ${LIMIT}`);
      const page = await readFile(join(folder, "index.html"), "utf8");
      holds(!/<style|<script(?![^>]*\bsrc=)|\sstyle=|https?:/.test(page), "index.html has something inline or from outside");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}
