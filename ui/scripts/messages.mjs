// Compiles messages/{sv,en}.json to typed functions in src/messages. Needs no network.
import { readFile, writeFile } from "node:fs/promises";
import { compile } from "@inlang/paraglide-js";

await compile({
  project: "./project.inlang",
  outdir: "./src/messages",
  strategy: ["globalVariable", "baseLocale"],
  outputStructure: "message-modules",
  emitGitIgnore: false,
  emitPrettierIgnore: false,
  emitReadme: false,
});

// What is said by code is looked up by name; only that needs its name in the application.
const names = Object.keys(JSON.parse(await readFile("./messages/sv.json", "utf8")));
const byCode = names.filter((name) => /^(problem|refusal|fault)_/.test(name));
await writeFile(
  "./src/messages/by-code.js",
  `import * as m from "./messages/_index.js";\nexport const byCode = { ${byCode.map((name) => `${name}: m.${name}`).join(", ")} };\n`,
);

// The compiler leaves a timer of half a minute running.
process.exit(0);
