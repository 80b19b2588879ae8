// The review: what is open, what is chosen, and what a key or a button does.
import { drawText, selectedUnits, selectUnits } from "./drawing.js";
import { $, el, nameOf, plural, shorten } from "./elements.js";
import { Offsets } from "./offsets.js";
import { drawCard, drawList, drawQueue } from "./panel.js";

const box = $("text");
let review = null; // labels, genres, articles
let number = 0; // of the open article
let article = null; // text, words, spans; offsets of words and spans in code points, as the server's
let offsets = null;
let current = null; // number of the span in hand
let selected = null; // { start, end } in code points
let exact = false; // whether the selection was made with Alt
let busy = false;

// --- the server ---------------------------------------------------------------------------

const ask = async (address, data) => {
  const options = data ? { method: "POST", body: JSON.stringify(data), headers: { "Content-Type": "application/json" } } : {};
  const response = await fetch(`api/${address}`, options);
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error ?? response.statusText), { status: response.status });
  return answer;
};

const trouble = (message) => {
  $("trouble").textContent = message;
  $("trouble").hidden = !message;
};
const say = (message) => { $("status").textContent = message; };

// One act at a time; a failure is said and what is shown stays what is saved.
const attempt = async (act) => {
  if (busy) return;
  busy = true;
  document.body.setAttribute("aria-busy", "true");
  try {
    await act();
    trouble("");
  } catch (error) {
    if (error.status === 409) {
      say(`Not done: ${error.message}`);
      if (error.message.includes("shown anew")) await show(number);
    } else if (error.status) trouble(`${error.message}. Nothing else was lost.`);
    else if (error instanceof TypeError) trouble("Not saved: the server does not answer. Start framing review again; what was decided before is on disk.");
    else throw error;
  } finally {
    busy = false;
    document.body.removeAttribute("aria-busy");
  }
};

const decide = async (decision) => {
  const state = await ask(`articles/${number}`, { ...decision, version: article.version });
  take(state);
};
const take = (state) => {
  Object.assign(article, state);
  Object.assign(review.articles[number], { done: state.done, decisions: state.decisions });
  article.spans.forEach((span, at) => { span.number = at; });
};

// --- what is shown ------------------------------------------------------------------------

const wordsOf = ({ start, end }) => article.text.slice(offsets.unit(start), offsets.unit(end));
const inOrder = () => [...article.spans].sort((a, b) => a.start - b.start || b.end - a.end || a.label - b.label);
const span = () => (current === null ? null : article.spans[current]);
const undecided = () => article.spans.filter((each) => each.state === "open").length;
const titleOf = (each) => `${review.labels[each.label].title}, “${shorten(wordsOf(each), 50)}”`;

const drawProgress = () => {
  const done = review.articles.filter((each) => each.done).length;
  $("meter").max = review.articles.length;
  $("meter").value = done;
  $("progress-words").textContent = `${done} of ${plural(review.articles.length, "article")} done`;
  $("place").textContent = `Article ${number + 1} of ${review.articles.length}`;
  $("done-mark").hidden = !article.done;
  $("undo").disabled = !article.decisions;
  $("previous").disabled = number === 0;
  $("next").disabled = number + 1 === review.articles.length;
  $("done").disabled = article.done;
  $("genre").value = article.genre;
};

const draw = () => {
  const units = article.spans.map((each) => ({ ...each, start: offsets.unit(each.start), end: offsets.unit(each.end) }));
  drawText(box, article.text, units, review.labels);
  drawProgress();
  drawSide();
};
const drawSide = () => {
  for (const node of box.querySelectorAll("mark")) node.classList.toggle("active", Number(node.dataset.span) === current && !selected);
  const words = selected && wordsOf(selected);
  drawCard({ span: span(), words: span() ? wordsOf(span()) : "", selected: words, labels: review.labels }, acts);
  drawList(inOrder(), selected ? null : current, review.labels, wordsOf, choose);
};

// A card that covers the foot of the page (on a phone) must not cover the span.
const reveal = () => {
  const node = box.querySelector(`mark[data-span="${current}"]`);
  if (!node) return;
  const { top, bottom } = node.getBoundingClientRect();
  const card = $("card").getBoundingClientRect();
  const covered = getComputedStyle($("card")).position === "fixed" ? card.height : 0;
  if (top < 80 || bottom > window.innerHeight - covered - 40) {
    window.scrollBy({ top: top - (window.innerHeight - covered) / 3, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }
};

const choose = (at) => {
  current = at;
  clearSelection();
  drawSide();
  if (at === null) return;
  reveal();
  say(`${titleOf(span())}: ${nameOf(span())}`);
};

const clearSelection = () => {
  selected = null;
  const selection = document.getSelection();
  if (selection.rangeCount && selectedUnits(box)) selection.removeAllRanges();
};

// The undecided span after a place, then from the top; else none.
const nextOpen = (from) => {
  const open = inOrder().filter((each) => each.state === "open");
  const after = open.filter((each) => each.start > from.start || (each.start === from.start && each.number !== from.number && each.end <= from.end));
  return (after[0] ?? open[0])?.number ?? null;
};

const show = async (at) => {
  const found = await ask(`articles/${at}`);
  number = at;
  article = found;
  take(found);
  offsets = new Offsets(article.text);
  clearSelection();
  current = inOrder().find((each) => each.state === "open")?.number ?? inOrder()[0]?.number ?? null;
  $("name").replaceChildren(el("bdi", {}, article.name));
  $("notice").textContent = article.notice;
  $("notice").hidden = !article.notice;
  document.title = `${article.name} – Framing review`;
  draw();
  window.scrollTo(0, 0);
  say(`${article.name}: ${plural(article.spans.length, "span")}, ${undecided()} undecided${article.done ? ", done" : ""}`);
};

// --- deciding about a span ----------------------------------------------------------------

const mark = (each, change) => decide({ do: "mark", span: each.number, start: each.start, end: each.end, label: review.labels[each.label].name, state: "accepted", ...change });

const judge = (state) => attempt(async () => {
  const judged = span();
  if (!judged || selected) return;
  await mark(judged, { state });
  const following = nextOpen(judged);
  if (following !== null) current = following;
  draw();
  reveal();
  const left = undecided();
  say(`${nameOf(article.spans[judged.number])}: ${titleOf(judged)}. ${left ? `${left} undecided` : "Every span is decided; d finishes the article"}`);
});

const label = (at) => attempt(async () => {
  if (!review.labels[at]) return;
  const name = review.labels[at].name;
  if (selected) {
    const place = selected;
    const added = article.spans.length;
    await decide({ do: "mark", span: added, ...place, label: name, state: "accepted" });
    clearSelection();
    current = added;
    draw();
    say(`added: ${titleOf(span())}`);
  } else if (span()) {
    await mark(span(), { label: name });
    draw();
    say(`${nameOf(span())}: ${titleOf(span())}`);
  }
});

// The next place for an edge: where a word starts or ends, or the next character.
const stepped = (place, edge, step, byCharacter) => {
  if (byCharacter) return place + step;
  const places = article.words.map((word) => word[edge === "start" ? 0 : 1]);
  return step > 0 ? places.find((each) => each > place) : places.findLast((each) => each < place);
};
const move = (edge, step, byCharacter = false) => attempt(async () => {
  const moved = span();
  if (!moved || selected) return;
  const place = stepped(moved[edge], edge, step, byCharacter);
  const after = { start: moved.start, end: moved.end, [edge]: place };
  if (place === undefined || after.start < 0 || after.start >= after.end || after.end > offsets.point(article.text.length)) {
    say("The edge can go no further");
    return;
  }
  await mark(moved, after);
  draw();
  say(`${nameOf(span())}: ${titleOf(span())}`);
});

const undo = () => attempt(async () => {
  if (!article.decisions) {
    say("Nothing to undo in this article; p goes back to the one before");
    return;
  }
  const before = article.spans.map((each) => JSON.stringify(each));
  await decide({ do: "undo" });
  const changed = article.spans.find((each, at) => before[at] !== JSON.stringify(each));
  if (changed) current = changed.number;
  else if (current >= article.spans.length) current = inOrder().at(-1)?.number ?? null;
  clearSelection();
  draw();
  reveal();
  say(`undone. ${undecided()} undecided`);
});

const rest = (state) => attempt(async () => {
  const count = undecided();
  if (!count) {
    say("Every span is decided; d finishes the article");
    return;
  }
  await decide({ do: "rest", state });
  draw();
  say(`${plural(count, "span")} ${state}; d finishes the article`);
});

const step = (by) => {
  const order = inOrder();
  if (!order.length) return;
  const at = order.findIndex((each) => each.number === current);
  choose(order[at < 0 ? 0 : (at + by + order.length) % order.length].number);
};

// --- articles -----------------------------------------------------------------------------

const turn = (by) => {
  const at = number + by;
  if (review.articles[at]) attempt(() => show(at));
  else say(by > 0 ? "This is the last article" : "This is the first article");
};

const finish = (state = null) => attempt(async () => {
  if (article.done) {
    say("This article is done; changes to it are written as they are made");
    return;
  }
  const left = undecided();
  if (left && !state) {
    $("rest-title").textContent = `${plural(left, "span is", "spans are")} undecided`;
    $("rest").showModal();
    return;
  }
  if (left) await decide({ do: "rest", state });
  await decide({ do: "done" });
  const order = review.articles.map((_, at) => (number + 1 + at) % review.articles.length);
  const following = order.find((at) => !review.articles[at].done);
  if (following === undefined) {
    draw();
    say(`All ${plural(review.articles.length, "article")} done. Train with: framing train ${review.output} --output my.skops`);
  } else {
    const name = article.name;
    await show(following);
    say(`${name} is done. Now ${article.name}: ${plural(article.spans.length, "span")}, ${undecided()} undecided`);
  }
});

const genre = () => attempt(async () => {
  await decide({ do: "genre", genre: $("genre").value });
  draw();
  say(`genre: ${article.genre}`);
}).finally(() => { $("genre").value = article.genre; });

const showQueue = () => {
  drawQueue(review.articles, number, (at) => {
    $("articles").close();
    attempt(() => show(at));
  });
  $("articles").showModal();
  $("queue").querySelector("[aria-current]")?.focus();
};

// --- selecting words ----------------------------------------------------------------------

// Code points of a selection: to the edges of the words that it cuts, or exactly; without
// white space at its ends either way.
const fitted = ([from, to], exactly) => {
  let [start, end] = [offsets.point(from), offsets.point(to)];
  if (!exactly) {
    const touched = article.words.filter(([a, b]) => a < end && start < b);
    if (!touched.length) return null;
    start = Math.min(start, touched[0][0]);
    end = Math.max(end, touched.at(-1)[1]);
  }
  const words = wordsOf({ start, end });
  start += Array.from(words.match(/^\s*/)[0]).length;
  end -= Array.from(words.match(/\s*$/)[0]).length;
  return start < end ? { start, end } : null;
};

const follow = () => {
  const units = selectedUnits(box);
  const found = units && fitted(units, exact);
  if (JSON.stringify(found) === JSON.stringify(selected)) return;
  selected = found;
  drawSide();
};
const settle = () => {
  follow();
  if (selected) selectUnits(box, offsets.unit(selected.start), offsets.unit(selected.end));
};

// By keys: from the selection, else from the span in hand, else from the first word.
const grow = (step_, extend, byCharacter) => {
  const words = article.words;
  if (!words.length) return;
  exact = byCharacter;
  const begin = selected ?? span();
  const last = begin ? Math.max(words.findLastIndex((word) => word[0] < begin.end), 0) : -1;
  if (selected && extend) {
    const end = byCharacter ? selected.end + step_ : words[last + step_]?.[1];
    if (end === undefined || end <= selected.start || end > offsets.point(article.text.length)) return;
    selected = { start: selected.start, end };
  } else {
    const at = begin && step_ < 0 ? words.findLastIndex((word) => word[0] < begin.start) : last + 1;
    const [start, end] = words[Math.min(Math.max(at, 0), words.length - 1)];
    selected = { start, end };
  }
  selectUnits(box, offsets.unit(selected.start), offsets.unit(selected.end));
  drawSide();
  document.getSelection().focusNode.parentElement?.scrollIntoView({ block: "nearest" });
  say(`selected: “${shorten(wordsOf(selected), 60)}”`);
};

const watchText = () => {
  let pressed = false;
  box.addEventListener("pointerdown", (event) => {
    pressed = event.pointerType === "mouse";
    exact = event.altKey;
  });
  document.addEventListener("pointerup", (event) => {
    if (!pressed) return;
    pressed = false;
    exact ||= event.altKey;
    setTimeout(settle); // the browser's selection is settled after the event
  });
  document.addEventListener("selectionchange", () => { if (article) follow(); });
  box.addEventListener("click", (event) => {
    if (selectedUnits(box)) return;
    const over = [];
    for (let node = event.target; node && node !== box; node = node.parentElement) {
      if (node.matches("mark")) over.push(Number(node.dataset.span));
    }
    // A second click at one place takes the span around the first.
    if (over.length) choose(over[(over.indexOf(current) + 1) % over.length]);
  });
};

// --- keys and buttons ---------------------------------------------------------------------

const acts = {
  accept: () => judge("accepted"), reject: () => judge("rejected"), label, add: label, move,
  drop: () => { clearSelection(); drawSide(); },
};
const KEYS = {
  j: () => step(1), k: () => step(-1), a: acts.accept, r: acts.reject, u: undo,
  A: () => rest("accepted"), R: () => rest("rejected"),
  n: () => turn(1), p: () => turn(-1), d: () => finish(), g: showQueue,
  "?": () => $("help").showModal(), Escape: acts.drop,
};
const BRACKETS = { "[": ["start", -1], "]": ["end", 1], "{": ["start", 1], "}": ["end", -1] };

const press = (event) => {
  const { key } = event;
  if (event.ctrlKey || event.metaKey) {
    if (key === "z" && !event.shiftKey && !event.altKey) return undo;
    return event.getModifierState("AltGraph") && BRACKETS[key] ? () => move(...BRACKETS[key]) : null;
  }
  if (key === "ArrowLeft" || key === "ArrowRight") return () => grow(key === "ArrowLeft" ? -1 : 1, event.shiftKey, event.altKey && event.shiftKey);
  if (key === "Escape") return KEYS.Escape;
  if (!$("keys-on").checked) return null;
  if (BRACKETS[key]) return () => move(...BRACKETS[key], event.altKey && !event.getModifierState("AltGraph"));
  if (event.altKey) return null;
  if (/^[0-9]$/.test(key)) return () => label((Number(key) + 9) % 10);
  return Object.hasOwn(KEYS, key) ? KEYS[key] : null;
};

const watchKeys = () => {
  document.addEventListener("keydown", (event) => {
    if (!article || event.defaultPrevented || event.isComposing) return;
    if ($("rest").open) {
      const state = { a: "accepted", r: "rejected" }[event.key];
      if (state && !event.ctrlKey && !event.metaKey && !event.altKey) closeRest(state);
      return;
    }
    if (document.querySelector("dialog[open]") || event.target.closest?.("select, input")) return;
    const act = press(event);
    if (!act) return;
    event.preventDefault();
    act();
  });
};
const closeRest = (state) => {
  $("rest").close();
  finish(state);
};

const watchButtons = () => {
  const clicks = {
    undo, done: () => finish(), previous: () => turn(-1), next: () => turn(1), "show-articles": showQueue,
    "show-help": () => $("help").showModal(), "rest-close": () => $("rest").close(),
    "rest-accept": () => closeRest("accepted"), "rest-reject": () => closeRest("rejected"),
  };
  for (const [id, act] of Object.entries(clicks)) $(id).addEventListener("click", act);
  for (const node of document.querySelectorAll("dialog .close")) node.addEventListener("click", () => node.closest("dialog").close());
  $("genre").addEventListener("change", genre);
  $("card").addEventListener("mousedown", (event) => { if (event.target.closest("button")) event.preventDefault(); }); // keeps the selection
};

await attempt(async () => {
  review = await ask("review");
  $("genre").append(...review.genres.map((name) => el("option", { value: name }, name)));
  const first = review.articles.findIndex((each) => !each.done);
  await show(Math.max(first, 0));
  watchText();
  watchKeys();
  watchButtons();
});
