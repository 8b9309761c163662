// Marked text for the fake core: the marks that the demo uses, one mark to a line. The reader is Rust's `rich.rs`.
import type { Block, Span } from "./bindings";

export function blocks(marked = ""): Block[] {
  return marked
    .split(/\n{2,}/)
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(block);
}

function block(part: string): Block {
  const lines = part.split("\n").map((line) => line.trim());
  const item = /^(?:[-*]|\d+\.) /;
  if (lines.every((line) => item.test(line))) {
    return {
      block: "list",
      ordered: /^\d/.test(part),
      items: lines.map((line) => spans(line.replace(item, ""))),
    };
  }
  const heading = /^#+ (.*)$/.exec(part)?.[1];
  if (heading !== undefined) return { block: "heading", text: spans(heading) };
  return { block: "paragraph", text: spans(lines.join(" ")) };
}

function spans(line: string): Span[] {
  return line
    .split(/(\*\*[^*]+\*\*|\*[^*]+\*)/)
    .filter((part) => part !== "")
    .map((part) => {
      const [strong, stress] = [part.startsWith("**"), part.startsWith("*") && !part.startsWith("**")];
      return { text: part.replace(/^\*+|\*+$/g, ""), strong, stress };
    });
}
