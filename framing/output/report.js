"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const read = (node) => JSON.parse(node.textContent);
  const { labels, model } = read($("report-data"));
  const articles = Array.from(document.querySelectorAll("script.article-data"), read);
  const ROWS = 250; // of the table, at first
  const DOTS = 300; // articles up to which each has a dot in the profile

  // Text only ever enters the page as text nodes and attributes, never as markup.
  const el = (name, attributes = {}, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== null && value !== false) node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children);
    return node;
  };
  const formats = [0, 1].map((digits) => new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  const number = (value, digits = 0) => (digits === 0 && value < 1000 ? String(value) : formats[digits].format(value));
  const plural = (n, one, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;
  const device = (label) => `d${label % 10}`;
  const swatch = (label) => el("span", { class: `swatch ${device(label)}`, "aria-hidden": "true" });
  const badge = (label) => el("span", { class: `tag ${device(label)}` }, labels[label].tag);
  const hush = (text) => el("span", { class: "hush" }, text);

  // --- what is shown ------------------------------------------------------------------

  const state = { on: new Set(labels.keys()), min: 0, sort: "order", down: false, find: "", open: null, rows: ROWS };

  articles.forEach((article, order) => {
    article.order = order;
    article.spans = article.spans.map(([start, end, label, score, quoted, why]) =>
      ({ start, end, label, score, quoted: Boolean(quoted), why: why ?? [] }));
    const first = article.text.match(/[^\s\ufeff][^\r\n]*/);
    const line = Array.from(first ? first[0] : article.path);
    article.headline = line.length > 110 ? `${line.slice(0, 108).join("").trimEnd()}…` : line.join("");
    article.lower = `${article.headline}\n${article.path}`.toLowerCase();
  });

  const shown = (article) => article.spans.filter((span) => span.score >= state.min && state.on.has(span.label));
  const perThousand = (n, words) => (words ? (1000 * n) / words : 0);

  // Counts by device for the minimum score, kept until it changes.
  const count = () => {
    for (const article of articles) {
      const counts = labels.map(() => 0);
      for (const span of article.spans) if (span.score >= state.min) counts[span.label] += 1;
      article.counts = counts;
      article.rates = counts.map((n) => perThousand(n, article.words));
    }
  };
  const total = (article) => article.counts.reduce((sum, n, label) => sum + (state.on.has(label) ? n : 0), 0);

  // Linear interpolation between the ranked values.
  const quantile = (ranked, share) => {
    if (!ranked.length) return 0;
    const at = (ranked.length - 1) * share;
    const low = Math.floor(at);
    return ranked[low] + (at - low) * ((ranked[low + 1] ?? ranked[low]) - ranked[low]);
  };
  let folder = [];
  const summarise = () => {
    const words = articles.reduce((sum, article) => sum + article.words, 0);
    folder = labels.map((_, label) => {
      const ranked = articles.map((article) => article.rates[label]).sort((a, b) => a - b);
      const spans = articles.reduce((sum, article) => sum + article.counts[label], 0);
      return {
        spans,
        rate: perThousand(spans, words),
        low: quantile(ranked, 0.25),
        median: quantile(ranked, 0.5),
        high: quantile(ranked, 0.75),
        most: ranked.at(-1) ?? 0,
        carrying: articles.filter((article) => article.counts[label]).length,
      };
    });
  };

  // --- profiles -----------------------------------------------------------------------

  const STEPS = [0.5, 1, 2, 2.5, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000];
  const scale = (largest) => {
    const step = STEPS.find((each) => each * 4 >= largest) ?? 1000;
    const top = Math.max(Math.ceil(largest / step), 1) * step;
    return { top, ticks: Array.from({ length: Math.round(top / step) + 1 }, (_, n) => n * step) };
  };
  const place = (node, { top }, from, to = from) => {
    node.style.setProperty("--from", `${(100 * from) / top}%`);
    node.style.setProperty("--size", `${(100 * (to - from)) / top}%`);
    return node;
  };
  const axis = (range) => {
    const node = el("span", { class: "axis", "aria-hidden": "true" });
    for (const tick of range.ticks) node.append(place(el("i", {}, String(tick)), range, tick));
    return node;
  };
  const visible = () => Array.from(labels.keys()).filter((label) => state.on.has(label));
  const name = (label) =>
    el("th", { scope: "row" }, el("span", { class: "name" }, badge(label), swatch(label), el("span", {}, labels[label].title)));
  const grid = (plot, range) => {
    for (const tick of range.ticks) plot.append(place(el("i", { class: "grid" }), range, tick));
  };
  const spread = (plot, stats, range) => {
    plot.append(place(el("i", { class: "box" }), range, stats.low, stats.high));
    plot.append(place(el("i", { class: "median" }), range, stats.median));
  };
  const NOTHING = "No device is chosen.";

  const drawFolder = () => {
    const chosen = visible();
    if (!chosen.length) return $("folder-profile").replaceChildren(el("p", {}, NOTHING));
    const range = scale(Math.max(...chosen.map((label) => Math.max(folder[label].most, folder[label].rate))));
    const rows = chosen.map((label) => {
      const stats = folder[label];
      const plot = el("div", { class: `plot ${device(label)}`, "aria-hidden": "true" });
      grid(plot, range);
      spread(plot, stats, range);
      if (articles.length <= DOTS) {
        for (const article of articles) plot.append(place(el("i", { class: "dot" }), range, article.rates[label]));
      }
      plot.append(place(el("i", { class: "mean" }), range, stats.rate));
      return el("tr", {}, name(label), el("td", { class: "chart" }, plot),
        el("td", { class: "figure-cell" }, number(stats.rate, 1)),
        el("td", {}, number(stats.median, 1)),
        el("td", {}, `${number(stats.low, 1)} – ${number(stats.high, 1)}`),
        el("td", {}, number(stats.carrying)));
    });
    const head = el("tr", {}, el("th", { scope: "col" }, "Device"),
      el("th", { scope: "col", class: "chart" }, hush("Chart of spans per 1,000 words"), axis(range)),
      ...["Rate", "Median", "Quartiles", "Articles"].map((title) => el("th", { scope: "col" }, title)));
    $("folder-profile").replaceChildren(el("table", { class: "profile wide" }, el("thead", {}, head), el("tbody", {}, ...rows)));
  };

  const drawArticleProfile = (article) => {
    const chosen = visible();
    if (!chosen.length) return $("article-profile").replaceChildren(el("p", {}, NOTHING));
    const alone = articles.length === 1;
    const largest = chosen.map((label) => Math.max(article.rates[label], alone ? 0 : folder[label].high));
    const range = scale(Math.max(...largest));
    const rows = chosen.map((label) => {
      const plot = el("div", { class: `plot ${device(label)}`, "aria-hidden": "true" });
      grid(plot, range);
      plot.append(place(el("i", { class: "bar" }), range, 0, article.rates[label]));
      if (!alone) spread(plot, folder[label], range);
      const stats = folder[label];
      const others = alone ? "" : `; median ${number(stats.median, 1)}, quartiles ${number(stats.low, 1)} and ${number(stats.high, 1)}`;
      return el("tr", {}, name(label), el("td", { class: "chart" }, plot),
        el("td", { class: "figure-cell" }, number(article.rates[label], 1), hush(others)));
    });
    const head = el("tr", {}, el("th", { scope: "col" }, "Device"),
      el("th", { scope: "col", class: "chart" }, hush("Chart of spans per 1,000 words"), axis(range)),
      el("th", { scope: "col" }, "Rate"));
    const key = alone ? "Spans per 1,000 words." :
      "Spans per 1,000 words. Bar: this article. Box and line: the middle half and the median of all articles.";
    $("article-profile").replaceChildren(
      el("table", { class: "profile" }, el("thead", {}, head), el("tbody", {}, ...rows)), el("p", { class: "note" }, key));
  };

  // --- the table of articles ----------------------------------------------------------

  const columns = [
    { key: "headline", title: "Article", text: true, value: (article) => article.headline },
    { key: "words", title: "Words", value: (article) => article.words },
    { key: "spans", title: "Spans", value: total },
    { key: "rate", title: "Per 1,000", spoken: "Spans per 1,000 words", value: (article) => perThousand(total(article), article.words) },
    ...labels.map((label, at) => ({ key: `device-${at}`, label: at, title: label.tag, spoken: label.title, value: (article) => article.counts[at] })),
  ];

  const buildTable = () => {
    const heads = columns.map((column) => {
      const face = "label" in column ? badge(column.label) : el("span", {}, column.title);
      const button = el("button", { type: "button", title: column.spoken ?? null,
        "aria-label": column.spoken ? `${column.title}: ${column.spoken}` : null }, face);
      button.addEventListener("click", () => sortBy(column));
      column.head = el("th", { scope: "col", class: columnClass(column) }, button);
      return column.head;
    });
    for (const article of articles) article.row = buildRow(article);
    $("table").replaceChildren(el("caption", { class: "hush" }, "Articles with their spans; the headings sort"),
      el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}));
  };
  const columnClass = (column) => ("label" in column ? `count ${device(column.label)}` : column.text ? "title" : "");
  const buildRow = (article) => {
    const link = el("a", { href: `#article-${article.order + 1}` }, el("bdi", { dir: "auto" }, article.headline));
    article.link = link;
    article.cells = columns.slice(1).map((column) => el("td", { class: columnClass(column) }));
    return el("tr", {}, el("th", { scope: "row", class: "title" }, link, el("bdi", { class: "path" }, article.path)), ...article.cells);
  };
  const fillRow = (article) => {
    columns.slice(1).forEach((column, at) => {
      const cell = article.cells[at];
      const value = column.value(article);
      if (cell.value !== value) {
        cell.value = value;
        cell.textContent = number(value, column.key === "rate" ? 1 : 0);
      }
      if (!("label" in column)) return;
      if (cell.hidden === state.on.has(column.label)) cell.hidden = !cell.hidden;
      const heat = value ? Math.max(Math.round((4 * article.rates[column.label]) / folder[column.label].most), 1) : 0;
      if (cell.heat === heat) return;
      cell.heat = heat;
      cell.className = `${columnClass(column)} heat-${heat}`;
    });
  };
  const sortBy = (column) => {
    if (state.sort === column.key) state.down = !state.down;
    else Object.assign(state, { sort: column.key, down: !column.text });
    drawTable();
  };
  const ranked = () => {
    const column = columns.find((each) => each.key === state.sort);
    const sign = state.down ? -1 : 1;
    const found = articles.filter((article) => article.lower.includes(state.find));
    if (!column) return found;
    const order = column.text ? (a, b) => column.value(a).localeCompare(column.value(b)) : (a, b) => column.value(a) - column.value(b);
    return found.sort((a, b) => sign * order(a, b) || a.order - b.order);
  };
  const drawTable = () => {
    const found = ranked();
    const rows = found.slice(0, state.rows);
    rows.forEach(fillRow);
    for (const column of columns) {
      column.head.hidden = "label" in column && !state.on.has(column.label);
      if (column.key === state.sort) column.head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      else column.head.removeAttribute("aria-sort");
    }
    const empty = el("tr", {}, el("td", { colspan: columns.length, class: "title" }, articles.length ? "No article matches." : "No articles."));
    const body = $("table").tBodies[0];
    const next = rows.length ? rows.map((article) => article.row) : [empty];
    if (next.length !== body.rows.length || next.some((row, at) => row !== body.rows[at])) body.replaceChildren(...next);
    $("more").hidden = rows.length === found.length;
    $("more").textContent = `Show ${number(found.length - rows.length)} more`;
  };

  // --- an article ---------------------------------------------------------------------

  // What would not print gets a picture of itself; every character keeps its place.
  const printable = (text) => text
    .replace(/\r\n/g, " \n").replace(/\r/g, "\n")
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, (char) => String.fromCharCode(0x2400 + char.charCodeAt(0)))
    .replace(/\u007f/g, "\u2421");

  // Paragraphs end at blank lines; where there are none, at every line.
  const paragraphs = (text) => {
    const gap = /\n[ \t]*\n\s*/.test(text.trim()) ? /\n[ \t]*\n\s*/g : /\n/g;
    const found = [];
    let start = 0;
    for (const { index, 0: { length } } of text.matchAll(gap)) {
      found.push([start, index]);
      start = index + length;
    }
    found.push([start, text.length]);
    return found.filter(([from, to]) => text.slice(from, to).trim());
  };

  // Spans that overlap get lanes of their own; shorter ones lie nearer to the words.
  const assignLanes = (spans) => {
    const done = [];
    for (const span of [...spans].sort((a, b) => a.end - a.start - (b.end - b.start))) {
      const taken = new Set(done.filter((other) => other.start < span.end && span.start < other.end).map((other) => other.lane));
      span.lane = 0;
      while (taken.has(span.lane)) span.lane += 1;
      done.push(span);
    }
    return Math.max(0, ...spans.map((span) => span.lane));
  };

  const drawText = (article) => {
    const text = printable(article.text);
    const spans = shown(article);
    const lanes = assignLanes(spans);
    const box = $("text");
    box.style.setProperty("--lanes", Math.min(lanes, 5));
    const blocks = paragraphs(text);
    box.replaceChildren(...blocks.map(([from, to], at) => {
      const node = el("p", { dir: "auto", class: at === 0 && to - from < 160 ? "headline" : null });
      const inside = spans.filter((span) => span.start < to && from < span.end);
      const edges = [from, to, ...inside.flatMap((span) => [span.start, span.end])].filter((edge) => from <= edge && edge <= to);
      const cuts = [...new Set(edges)].sort((a, b) => a - b);
      for (let n = 0; n + 1 < cuts.length; n += 1) node.append(segment(article, text, inside, cuts[n], cuts[n + 1], blocks));
      return node;
    }));
    if (!blocks.length) box.replaceChildren(el("p", {}, "This article is empty."));
  };

  // One stretch of text under the same spans: marks in marks, the lowest lane innermost.
  const segment = (article, text, inside, start, end, blocks) => {
    let node = document.createTextNode(text.slice(start, end));
    const over = inside.filter((span) => span.start <= start && end <= span.end).sort((a, b) => a.lane - b.lane);
    const ending = over.filter((span) => isLast(span, end, blocks));
    for (const span of over) {
      const mark = el("mark", { class: device(span.label), "data-span": article.spans.indexOf(span) }, node);
      mark.style.setProperty("--lane", Math.min(span.lane, 5));
      if (ending.includes(span)) mark.append(tie(), why(article, span));
      node = mark;
    }
    return node;
  };
  // Whether the last words of a span end here: the rest may be a gap between paragraphs.
  const isLast = (span, end, blocks) =>
    span.end === end || (span.end > end && !blocks.some(([from]) => from >= end && from < span.end) && blocks.some(([, to]) => to === end));

  // Keeps a tag on the line of the last word.
  const tie = () => el("span", { class: "tie", "aria-hidden": "true" }, "\u2060");
  const why = (article, span) => {
    const { tag, title } = labels[span.label];
    return el("button", { type: "button", class: `tag ${device(span.label)}`, dir: "ltr", "data-span": article.spans.indexOf(span),
      "aria-label": `${tag}: ${title}, score ${span.score.toFixed(2)}` }, tag);
  };

  const drawReading = () => {
    const article = articles[state.open];
    const n = total(article);
    $("reading-title").replaceChildren(el("bdi", {}, article.path));
    $("facts").textContent = [plural(article.words, "word"), plural(article.sentences, "sentence"), plural(n, "span"),
      `${number(perThousand(n, article.words), 1)} per 1,000 words`].join(" · ");
    for (const [id, at] of [["previous", state.open - 1], ["next", state.open + 1]]) {
      if (articles[at]) $(id).setAttribute("href", `#article-${at + 1}`);
      else $(id).removeAttribute("href");
      $(id).hidden = articles.length === 1;
    }
    $("back").hidden = articles.length === 1;
    drawText(article);
    drawArticleProfile(article);
  };

  // --- why a span is marked -----------------------------------------------------------

  const card = $("card");
  let anchor = null;
  let pinned = false;
  let timer = 0;

  const evidence = (span) => {
    const most = Math.max(...span.why.map(([, weight]) => Math.abs(weight))) || 1;
    const items = span.why.map(([word, weight]) => {
      const bar = el("i", { class: weight < 0 ? "against" : "for", "aria-hidden": "true" });
      bar.style.setProperty("--size", `${(100 * Math.abs(weight)) / most}%`);
      return el("li", {}, el("bdi", {}, printable(word)), el("span", { class: "track" }, bar),
        el("span", { class: "weight" }, `${weight < 0 ? "−" : "+"}${Math.abs(weight).toFixed(2)}`));
    });
    return [el("p", { class: "note" }, "Words that spoke for it (+) and against it (−)"), el("ul", { class: "evidence" }, ...items)];
  };
  const describe = (article, span) => {
    const words = Array.from(printable(article.text.slice(span.start, span.end)).replace(/\s+/g, " "));
    const quote = words.length > 90 ? `${words.slice(0, 60).join("")} … ${words.slice(-25).join("")}` : words.join("");
    const { title, definition } = labels[span.label];
    const node = el("div", { class: `reason ${device(span.label)}` },
      el("p", { class: "what" }, badge(span.label), el("strong", {}, title), el("span", { class: "score" }, "score ", el("b", {}, span.score.toFixed(2)))),
      el("p", { class: "quote" }, el("bdi", { dir: "auto" }, quote)), el("p", {}, definition));
    if (span.quoted) node.append(el("p", { class: "note" }, "Inside a direct quotation: the speaker’s words, not the article’s."));
    if (span.why.length) node.append(...evidence(span));
    return node;
  };

  const open = (target, spans, pin = false) => {
    clearTimeout(timer);
    close();
    const article = articles[state.open];
    anchor = target;
    pinned = pin;
    card.replaceChildren(...spans.map((at) => describe(article, article.spans[at])));
    card.hidden = false;
    if (target.matches("button")) target.setAttribute("aria-describedby", "card");
    for (const at of spans) for (const node of $("text").querySelectorAll(`mark[data-span="${at}"]`)) node.classList.add("active");
    arrange(target);
  };
  const close = () => {
    if (!anchor) return;
    anchor.removeAttribute("aria-describedby");
    for (const node of $("text").querySelectorAll("mark.active")) node.classList.remove("active");
    card.hidden = true;
    anchor = null;
    pinned = false;
  };
  const arrange = (target) => {
    const rect = target.getClientRects()[0] ?? target.getBoundingClientRect();
    const width = document.documentElement.clientWidth;
    if (getComputedStyle(card).position === "fixed") {
      window.scrollBy(0, Math.max(rect.bottom + 24 - (window.innerHeight - card.offsetHeight), 0));
      return;
    }
    const left = Math.min(Math.max(rect.left, 12), Math.max(width - card.offsetWidth - 12, 12));
    const below = rect.bottom + 10;
    const fits = below + card.offsetHeight <= window.innerHeight || rect.top < card.offsetHeight + 10;
    const top = fits ? below : rect.top - card.offsetHeight - 10;
    card.style.setProperty("--left", `${left + window.scrollX}px`);
    card.style.setProperty("--top", `${top + window.scrollY}px`);
  };
  // The spans at a place, innermost first; of a tag only its own.
  const spansAt = (target) => {
    if (target.matches("button.tag")) return [Number(target.dataset.span)];
    const found = [];
    for (let node = target; node && node !== $("text"); node = node.parentElement) {
      if (node.matches("mark")) found.push(Number(node.dataset.span));
    }
    return found;
  };
  const later = (action, delay) => {
    clearTimeout(timer);
    timer = setTimeout(action, delay);
  };

  const watchText = () => {
    const box = $("text");
    const part = (event) => (event.target instanceof Element ? event.target.closest("button.tag, mark") : null);
    box.addEventListener("pointerover", (event) => {
      const target = part(event);
      if (event.pointerType !== "mouse" || pinned || !target) return;
      later(() => open(target, spansAt(target)), 120);
    });
    box.addEventListener("pointerout", (event) => {
      if (event.pointerType === "mouse" && !pinned) later(close, 250);
    });
    card.addEventListener("pointerenter", () => clearTimeout(timer));
    card.addEventListener("pointerleave", () => { if (!pinned) later(close, 250); });
    box.addEventListener("focusin", (event) => {
      const target = part(event);
      if (target && target !== anchor) open(target, spansAt(target), true);
    });
    box.addEventListener("focusout", () => later(close, 0));
    document.addEventListener("click", (event) => {
      const target = event.target instanceof Element && box.contains(event.target) ? part(event) : null;
      if (target) open(target, spansAt(target), true);
      else if (!card.contains(event.target)) close();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
    });
    window.addEventListener("resize", () => { if (anchor) arrange(anchor); });
  };

  // --- filters, and where we are ------------------------------------------------------

  const boxes = labels.map((label, at) => {
    const input = el("input", { type: "checkbox", id: `device-${at}`, checked: true });
    const tally = el("span", { class: "tally" });
    input.addEventListener("change", () => {
      if (input.checked) state.on.add(at);
      else state.on.delete(at);
      draw();
    });
    $("devices").append(el("label", { class: "choice", title: label.definition }, input, badge(at), swatch(at), el("span", {}, label.title), tally));
    return { input, tally };
  });
  const choose = (all) => {
    state.on = new Set(all ? labels.keys() : []);
    for (const { input } of boxes) input.checked = all;
    draw();
  };

  const drawFilters = () => {
    const seen = state.open === null ? articles : [articles[state.open]];
    boxes.forEach(({ tally }, at) => {
      tally.textContent = number(seen.reduce((sum, article) => sum + article.counts[at], 0));
    });
    $("minimum-value").textContent = state.min.toFixed(2);
    const all = seen.reduce((sum, article) => sum + article.spans.length, 0);
    const kept = seen.reduce((sum, article) => sum + total(article), 0);
    $("status").textContent = `${number(kept)} of ${plural(all, "span")} shown${state.open === null ? ` in ${plural(articles.length, "article")}` : ""}`;
  };

  const draw = () => {
    close();
    drawFilters();
    if (state.open === null) {
      drawFolder();
      drawTable();
    } else drawReading();
  };
  let asked = false;
  const setMinimum = (value) => {
    state.min = value;
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      count();
      summarise();
      draw();
    });
  };

  // #article-3 is the third article, #articles (or nothing) the table; other anchors stay.
  const follow = (first) => {
    const found = /^#article-(\d+)$/.exec(location.hash);
    const before = state.open;
    if (found && articles[found[1] - 1]) state.open = found[1] - 1;
    else if (articles.length === 1) state.open = 0;
    else if (!location.hash || location.hash === "#articles" || found) state.open = null;
    if (!first && before === state.open) return;
    $("overview").hidden = state.open !== null;
    $("reading").hidden = state.open === null;
    draw();
    if (first) return;
    if (state.open === null) {
      articles[before].link.focus({ preventScroll: true });
      articles[before].link.scrollIntoView({ block: "center" });
    } else {
      window.scrollTo(0, 0);
      $("reading-title").focus({ preventScroll: true });
    }
  };

  const introduce = () => {
    const words = articles.reduce((sum, article) => sum + article.words, 0);
    const spans = articles.reduce((sum, article) => sum + article.spans.length, 0);
    const facts = [[articles.length, "article"], [words, "word"], [spans, "span"]];
    $("summary").replaceChildren(
      ...facts.map(([n, one]) => el("li", {}, el("b", {}, number(n)), ` ${one}${n === 1 ? "" : "s"}`)),
      el("li", {}, el("b", {}, number(perThousand(spans, words), 1)), " spans per 1,000 words"));
    $("profile-note").textContent = "Spans per 1,000 words. Diamond: all articles together. Box and line: the middle half of the articles and their median."
      + (articles.length <= DOTS ? " Dots: single articles." : "");
    $("glossary").append(...labels.flatMap((label, at) => [
      el("dt", {}, badge(at), swatch(at), label.title),
      el("dd", {}, label.definition, ...(label.example ? [el("span", { class: "example" }, label.example)] : []))]));
    $("model").textContent = ["Model", model.name, model.version, model.sha256 && `SHA-256 ${model.sha256}`].filter(Boolean).join(" ");
    const lowest = articles.reduce((least, article) => article.spans.reduce((low, span) => Math.min(low, span.score), least), 1);
    const floor = spans ? Math.floor(lowest * 20) / 20 : 0;
    Object.assign($("minimum"), { min: floor, value: floor });
    state.min = Number($("minimum").value);
  };

  introduce();
  count();
  summarise();
  buildTable();
  watchText();
  $("all").addEventListener("click", () => choose(true));
  $("none").addEventListener("click", () => choose(false));
  $("minimum").addEventListener("input", (event) => setMinimum(Number(event.target.value)));
  $("find").addEventListener("input", (event) => {
    state.find = event.target.value.trim().toLowerCase();
    drawTable();
  });
  $("more").addEventListener("click", () => {
    state.rows += ROWS;
    drawTable();
  });
  window.addEventListener("beforeprint", () => {
    state.rows = Infinity;
    if (state.open === null) drawTable();
  });
  const wide = matchMedia("(min-width: 60rem)");
  const fold = () => { $("filters").open = wide.matches; };
  wide.addEventListener("change", fold);
  fold();
  window.addEventListener("hashchange", () => follow(false));
  follow(true);
})();
