// What stands beside the article: the span in hand, and the list of all.
import { $, device, el, keyOf, nameOf, plural, printable, shorten, SIGNS } from "./elements.js";

const badge = (labels, label) => el("span", { class: `tag ${device(label)}` }, labels[label].tag);
const key = (name) => el("kbd", {}, name);

const button = (name, act, ...content) => {
  const node = el("button", { type: "button", "data-name": name }, ...content);
  node.addEventListener("click", act);
  return node;
};
// What is drawn anew keeps the keyboard where it was.
const redraw = (box, ...children) => {
  const held = box.contains(document.activeElement) ? document.activeElement.dataset.name : undefined;
  box.replaceChildren(...children);
  if (held) box.querySelector(`[data-name="${held}"]`)?.focus({ preventScroll: true });
};

const SHOWN = 5; // words of the evidence

const evidence = (span) => {
  const most = Math.max(...span.why.map(([, weight]) => Math.abs(weight))) || 1;
  const items = span.why.slice(0, SHOWN).map(([word, weight]) => {
    const bar = el("i", { class: weight < 0 ? "against" : "for", "aria-hidden": "true" });
    bar.style.setProperty("--size", `${(100 * Math.abs(weight)) / most}%`);
    return el("li", {}, el("bdi", {}, printable(word)), el("span", { class: "track" }, bar),
      el("span", { class: "weight" }, `${weight < 0 ? "−" : "+"}${Math.abs(weight).toFixed(2)}`));
  });
  return el("details", { class: `why ${device(span.first[2])}`, open: true },
    el("summary", {}, "Why: words that spoke for it (+) and against it (−)"), el("ul", { class: "evidence" }, ...items));
};

// Buttons for the labels: of the span in hand, or for the words that are selected.
const labelButtons = (labels, chosen, act) => el("div", { class: "labels", role: "group", "aria-label": chosen === null ? "Add as" : "Label" },
  ...labels.map(({ title, tag, definition }, at) => {
    const node = button(`label-${at}`, () => act(at), key(keyOf(at)), el("span", { class: `tag ${device(at)}` }, tag), el("span", { class: "title" }, title));
    node.title = definition;
    if (chosen !== null) node.setAttribute("aria-pressed", String(at === chosen));
    return node;
  }));

const edge = (name, sign, act, step) => {
  const node = el("button", { type: "button", "data-name": step.join(""), "aria-label": name, title: `${name} (Alt: by a character)` }, sign);
  node.addEventListener("click", (event) => act(...step, event.altKey));
  return node;
};
const edges = (acts) => el("p", { class: "edges" },
  el("span", { role: "group", "aria-label": "Start" }, el("span", { "aria-hidden": "true" }, "Start "),
    edge("Start one word earlier", "◂ [", acts.move, ["start", -1]), edge("Start one word later", "{ ▸", acts.move, ["start", 1])),
  el("span", { role: "group", "aria-label": "End" }, el("span", { "aria-hidden": "true" }, "End "),
    edge("End one word earlier", "◂ }", acts.move, ["end", -1]), edge("End one word later", "] ▸", acts.move, ["end", 1])));

const drawSpan = (span, words, labels, acts) => {
  const { title, definition } = labels[span.label];
  const name = nameOf(span);
  const parts = [
    el("p", { class: "what" }, badge(labels, span.label), el("strong", {}, title),
      el("span", { class: `state ${name}` }, `${SIGNS[name]} ${name}`),
      el("span", { class: "score" }, span.score === null ? "" : `score ${span.score.toFixed(2)}`)),
    el("p", { class: `quote ${device(span.label)}` }, el("bdi", { dir: "auto" }, shorten(words))),
    el("p", { class: "definition" }, definition),
  ];
  if (span.changed) parts.push(el("p", { class: "note" }, span.first[2] === span.label ? "You moved its edges." : `The model said ${labels[span.first[2]].title}.`));
  if (span.quoted) parts.push(el("p", { class: "note" }, "Inside a direct quotation: the speaker’s words, not the article’s."));
  parts.push(
    el("p", { class: "verdict" },
      button("accept", acts.accept, key("a"), " Accept"), button("reject", acts.reject, key("r"), span.first ? " Reject" : " Remove")),
    edges(acts), labelButtons(labels, span.label, acts.label));
  if (span.why.length) parts.push(evidence(span));
  return parts;
};

const drawSelection = (words, labels, acts) => [
  el("p", { class: "what" }, el("strong", {}, "Selected words"), button("drop", acts.drop, key("Esc"), " Cancel")),
  el("p", { class: "quote" }, el("bdi", { dir: "auto" }, shorten(words))),
  el("p", { class: "note" }, "Choose a device to add a span:"),
  labelButtons(labels, null, acts.add),
];

// selected: the words of the selection, or null.
export const drawCard = ({ span, words, selected, labels }, acts) => {
  const parts = selected !== null ? drawSelection(selected, labels, acts) : span ? drawSpan(span, words, labels, acts)
    : [el("p", { class: "note" }, "No span here. Select words, then press 1 … 0 or choose a device, to add one.")];
  const open = $("card").querySelector(".why")?.open ?? true;
  redraw($("card"), ...parts);
  const why = $("card").querySelector(".why");
  if (why) why.open = open;
};

export const drawList = (spans, current, labels, wordsOf, choose) => {
  const undecided = spans.filter((span) => span.state === "open").length;
  $("list-title").textContent = spans.length ? `${plural(spans.length, "span")}, ${undecided} undecided` : "No spans";
  redraw($("list"), ...spans.map((span) => {
    const name = nameOf(span);
    const node = button(`span-${span.number}`, () => choose(span.number),
      badge(labels, span.label), el("span", { class: "hush" }, ` ${labels[span.label].title} `),
      el("bdi", { class: "words", dir: "auto" }, shorten(wordsOf(span), 70)),
      el("span", { class: "score" }, span.score === null ? "" : span.score.toFixed(2)),
      el("span", { class: "sign", title: name }, el("span", { "aria-hidden": "true" }, SIGNS[name]), el("span", { class: "hush" }, ` ${name}`)));
    node.className = name;
    if (span.number === current) node.setAttribute("aria-current", "true");
    return el("li", {}, node);
  }));
  const now = $("list").querySelector("[aria-current]");
  if (now) {
    const box = $("list");
    const top = now.offsetTop - box.offsetTop;
    if (top < box.scrollTop || top + now.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 3;
  }
};

export const drawQueue = (articles, current, open) => {
  $("queue").replaceChildren(...articles.map((article, at) => {
    const state = article.done ? "done" : article.decisions ? "begun" : "";
    const node = button(`article-${at}`, () => open(at), el("bdi", {}, article.name), el("span", { class: "queue-state" }, state));
    if (at === current) node.setAttribute("aria-current", "true");
    return el("li", {}, node);
  }));
};
