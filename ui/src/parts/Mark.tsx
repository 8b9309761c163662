import lantern from "../../../icons/ledsaga-small.svg";

/** The product's lantern. Decoration beside the name. */
export function Mark() {
  return <img className="mark" src={lantern} alt="" width="22" height="22" />;
}
