/** A key combination. `key` is a KeyboardEvent key, or its code where Alt may turn it into another character. */
export interface Chord {
  ctrl?: true;
  shift?: true;
  alt?: true;
  key: string;
}

/** How a code begins that names a place on the keyboard. */
const CODE = /^(Digit|Key)/;

/** As printed on the keyboard. */
export function chordWords({ ctrl, shift, alt, key }: Chord): string {
  return [ctrl && "Ctrl", shift && "Shift", alt && "Alt", key.replace(CODE, "").toUpperCase()]
    .filter(Boolean)
    .join("+")
    .replace("ENTER", "Enter");
}

export function pressed(event: KeyboardEvent, chord: Chord): boolean {
  const key = CODE.test(chord.key) ? event.code : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return (
    key === chord.key &&
    (event.ctrlKey || event.metaKey) === (chord.ctrl ?? false) &&
    event.altKey === (chord.alt ?? false) &&
    // A character such as ? already says whether Shift was held.
    (event.shiftKey === (chord.shift ?? false) || (!chord.ctrl && /^\W$/.test(chord.key)))
  );
}
