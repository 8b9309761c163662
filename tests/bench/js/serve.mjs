// One form engine, driven line by line over standard input and output.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [name] = process.argv.slice(2);
const packages = { survey: "survey-core", formio: "@formio/core", "form-js": "@bpmn-io/form-js-viewer" };
const engine = await import(`./engines/${name}.mjs`);
const lock = JSON.parse(readFileSync(createRequire(import.meta.url).resolve("./package-lock.json"), "utf8"));

// Standard output is for answers.
console.log = console.info = console.debug = console.error;

let definition;
let answers;

const commands = {
  hello() {
    const version = lock.packages[`node_modules/${packages[name]}`].version;
    return { name: `${packages[name]} ${version}`, node: process.version };
  },
  take(message) {
    ({ definition, answers } = message);
    return {};
  },
  // What it says after every answer.
  async standings() {
    const form = await engine.load(definition);
    return answers.map(([question, value]) => {
      form.answer(question, value);
      return form.standing();
    });
  },
  // Nanoseconds for each answer, from an empty form.
  async round({ validate }) {
    const form = await engine.load(definition);
    const one = !validate
      ? form.answer
      : (form.answerAndValidate ??
        ((question, value) => {
          form.answer(question, value);
          return form.validate();
        }));
    globalThis.gc?.();
    const times = new Array(answers.length);
    for (let index = 0; index < answers.length; index++) {
      const [question, value] = answers[index];
      const start = process.hrtime.bigint();
      one(question, value);
      times[index] = Number(process.hrtime.bigint() - start);
    }
    return times;
  },
  // Nanoseconds from the definition's text to a form that can be answered.
  async load() {
    const start = process.hrtime.bigint();
    await engine.load(definition);
    return Number(process.hrtime.bigint() - start);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  const answer = await commands[message.do](message);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
