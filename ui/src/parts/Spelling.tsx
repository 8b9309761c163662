import { spell } from "../words/spelling";

/** Letter by letter with the words of the spelling alphabet; a screen reader gets the words. */
export function Spelling({ text }: { text: string }) {
  return (
    <ul className="spelling" lang="sv">
      {groups(text).map((group, at) => (
        <li key={at}>
          <ol>
            {spell(group).map(({ letter, word }, index) => (
              <li key={index}>
                <span className="spelling-letter" aria-hidden="true">
                  {letter}
                </span>
                <span className="spelling-word">{word}</span>
              </li>
            ))}
          </ol>
        </li>
      ))}
    </ul>
  );
}

/** Parts that stay together on a line: words, and what stands between hyphens. */
function groups(text: string): string[] {
  return text.split(/\s+|(?<=-)/).filter(Boolean);
}
