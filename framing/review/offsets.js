// The one place where offsets are converted. The server counts code points, as Python does;
// strings and ranges in a browser count UTF-16 code units.
export class Offsets {
  #units = [0]; // of each code point
  #points = []; // of each code unit

  constructor(text) {
    let point = 0;
    for (const char of text) {
      for (let n = 0; n < char.length; n += 1) this.#points.push(point);
      point += 1;
      this.#units.push(this.#units.at(-1) + char.length);
    }
    this.#points.push(point);
  }

  unit(point) {
    return this.#units[point];
  }

  // A unit in the middle of a character counts as before it.
  point(unit) {
    return this.#points[unit];
  }
}
