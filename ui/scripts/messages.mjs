// Compiles messages/{sv,en}.json to typed functions in src/messages. Needs no network.
import { compile } from "@inlang/paraglide-js";

await compile({
  project: "./project.inlang",
  outdir: "./src/messages",
  strategy: ["globalVariable", "baseLocale"],
  outputStructure: "locale-modules",
  emitGitIgnore: false,
  emitPrettierIgnore: false,
  emitReadme: false,
});

// The compiler leaves a timer of half a minute running.
process.exit(0);
