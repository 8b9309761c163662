// A test is a name and a function; the last line counts them.

const tests = [];

export function test(name, run) {
  tests.push({ name, run });
}

export function same(found, expected, what = "") {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}\n  expected ${b}\n  found    ${a}`);
}

export function holds(condition, what) {
  if (!condition) throw new Error(what);
}

/** Runs the tests whose name contains `filter`; resolves to the number that failed. */
export async function runAll(filter = "") {
  const chosen = tests.filter(({ name }) => name.includes(filter));
  let failed = 0;
  for (const { name, run } of chosen) {
    try {
      await run();
      console.log(`ok      ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${name}\n${String(error.message).replace(/^/gm, "        ")}`);
    }
  }
  console.log(`${chosen.length - failed} passed, ${failed} failed`);
  return failed;
}
