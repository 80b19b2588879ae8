// Small tools for the page. Text enters it as text nodes and attributes only.
export const $ = (id) => document.getElementById(id);

export const el = (name, attributes = {}, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children);
  return node;
};

export const device = (label) => `d${label % 10}`;
export const keyOf = (label) => (label < 10 ? String((label + 1) % 10) : "");
export const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

// What would not print gets a picture of itself; every character keeps its place.
export const printable = (text) => text
  .replace(/\r\n/g, " \n").replace(/\r/g, "\n")
  .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, (char) => String.fromCharCode(0x2400 + char.charCodeAt(0)))
  .replace(/\u007f/g, "\u2421");

export const shorten = (text, most = 90) => {
  const chars = Array.from(printable(text).replace(/\s+/g, " "));
  return chars.length > most ? `${chars.slice(0, most - 28).join("")} … ${chars.slice(-25).join("")}` : chars.join("");
};

// What a span is called: open, accepted, rejected, corrected, added, removed.
export const nameOf = (span) => {
  if (span.state === "accepted") return span.first ? (span.changed ? "corrected" : "accepted") : "added";
  if (span.state === "rejected") return span.first ? "rejected" : "removed";
  return "undecided";
};
export const SIGNS = { undecided: "?", accepted: "✓", corrected: "✓", added: "+", rejected: "✗", removed: "✗" };
