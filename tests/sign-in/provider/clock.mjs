// The provider's clock, which a test may set off from the computer's.

const RealDate = Date;
let ahead = 0;

globalThis.Date = class Date extends RealDate {
  constructor(...parts) {
    super(...(parts.length === 0 ? [RealDate.now() + ahead] : parts));
  }

  static now() {
    return RealDate.now() + ahead;
  }
};

/** Seconds before (negative) or after the computer's clock. */
export function setAhead(seconds) {
  ahead = seconds * 1000;
}
