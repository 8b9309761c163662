// Where the keyboard is.

/** What has focus: name, pane and place, and whether it and its focus can be seen. */
export function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return null;
    // A native control that is drawn by its label shows focus there.
    const marked = [element, element.parentElement, element.nextElementSibling].filter(Boolean);
    const rings = marked.map((each) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each);
      return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || boxShadow !== "none";
    });
    const { top, bottom, left, right } = element.getBoundingClientRect();
    const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    const near = [element, element.closest("label"), element.parentElement].filter(Boolean);
    const pane = element.closest("[data-pane]");
    const region = pane?.getAttribute("data-pane") ?? element.closest("header, footer")?.localName ?? "elsewhere";
    return {
      name: element.getAttribute("name") ?? element.getAttribute("aria-label") ?? element.textContent.trim().slice(0, 60),
      tag: element.localName,
      region,
      ring: rings.some(Boolean),
      covered: over !== null && !near.some((each) => each.contains(over) || over.contains(each)),
      onScreen: bottom > 0 && top < innerHeight && right > 0 && left < innerWidth,
    };
  });
}

/** Presses Tab until the field or button of that name has focus. */
export async function tabTo(page, name, key = "Tab") {
  const passed = [];
  for (let count = 0; count < 80; count += 1) {
    const here = await focused(page);
    if (here?.name === name) return here;
    passed.push(here?.name);
    await page.keyboard.press(key);
  }
  throw new Error(`no way by ${key} to ${name}; passed ${JSON.stringify(passed)}`);
}
