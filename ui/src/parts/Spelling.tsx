import { spell } from "../words/spelling";

/** Letter by letter with the words of the spelling alphabet; a screen reader gets the words. */
export function Spelling({ text }: { text: string }) {
  return (
    <ol className="spelling" lang="sv">
      {spell(text).map(({ letter, word }, index) => (
        <li key={index}>
          <span className="spelling-letter" aria-hidden="true">
            {letter}
          </span>
          <span className="spelling-word">{word}</span>
        </li>
      ))}
    </ol>
  );
}
