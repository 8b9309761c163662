// axe-core on the page as it stands, for the success criteria of WCAG A and AA up to 2.2.
import axe from "axe-core";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** One line for each element at fault. */
export async function accessibilityFaults(page) {
  // Through the debugger, which the page's policy does not bind.
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async (values) => {
    const { violations } = await globalThis.axe.run(document, {
      runOnly: { type: "tag", values },
      resultTypes: ["violations"],
    });
    return violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`),
    }));
  }, TAGS);
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node}`));
}
