import type { Block, Span } from "../ipc";

/** What a definition says in more than one line, drawn block by block: nothing in it is ever read as HTML. */
export function RichText({ text }: { text: Block[] }) {
  return (
    <div className="rich" lang="sv">
      {text.map((block, index) => (
        <RichBlock key={index} block={block} />
      ))}
    </div>
  );
}

function RichBlock({ block }: { block: Block }) {
  switch (block.block) {
    case "paragraph":
      return <p>{spans(block.text)}</p>;
    case "heading":
      // A bold line: the headings of the page are the window's own.
      return <p className="rich-heading">{spans(block.text)}</p>;
    case "list": {
      const items = block.items.map((item, index) => <li key={index}>{spans(item)}</li>);
      return block.ordered ? <ol className="numbered">{items}</ol> : <ul className="bullets">{items}</ul>;
    }
  }
}

function spans(text: Span[]) {
  return text.map((span, index) => <Styled key={index} span={span} />);
}

function Styled({ span: { text, strong, stress } }: { span: Span }) {
  const stressed = stress ? <em>{text}</em> : text;
  return strong ? <strong>{stressed}</strong> : stressed;
}

/** Only the words. */
export function plainWords(text: Block[]): string {
  const line = (said: Span[]): string => said.map(({ text: words }) => words).join("");
  return text.flatMap((block) => (block.block === "list" ? block.items.map(line) : [line(block.text)])).join("\n");
}
