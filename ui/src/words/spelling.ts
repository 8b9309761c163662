// The Swedish spelling alphabet, said in Swedish calls whatever the language of the window.
const LETTERS: { [letter: string]: string } = {
  A: "Adam", B: "Bertil", C: "Caesar", D: "David", E: "Erik", F: "Filip", G: "Gustav", H: "Helge", I: "Ivar",
  J: "Johan", K: "Kalle", L: "Ludvig", M: "Martin", N: "Niklas", O: "Olof", P: "Petter", Q: "Qvintus", R: "Rudolf",
  S: "Sigurd", T: "Tore", U: "Urban", V: "Viktor", W: "Wilhelm", X: "Xerxes", Y: "Yngve", Z: "Zäta", Å: "Åke",
  Ä: "Ärlig", Ö: "Östen",
  "0": "nolla", "1": "etta", "2": "tvåa", "3": "trea", "4": "fyra", "5": "femma", "6": "sexa", "7": "sjua",
  "8": "åtta", "9": "nia",
  "-": "bindestreck", "/": "snedstreck", ".": "punkt", "@": "snabel-a", "_": "understreck",
}; // prettier-ignore

export interface Spelled {
  letter: string;
  /** How it is said. */
  word: string;
}

/** Letter by letter; a space is left out, other letters are said as they are. */
export function spell(text: string): Spelled[] {
  return [...text.toLocaleUpperCase("sv-SE").normalize("NFC")]
    .filter((letter) => letter.trim() !== "")
    .map((letter) => ({ letter, word: LETTERS[letter] ?? plain(letter) }));
}

/** É is spelled as E, and so on. */
function plain(letter: string): string {
  const base = letter.normalize("NFD").charAt(0);
  return LETTERS[base] ?? letter;
}
