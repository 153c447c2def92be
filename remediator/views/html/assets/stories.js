/* The story of a row: labelled texts in sections. */
"use strict";
(function () {
  const { data, say, make, unpacked } = page;

  function shown(form, text) {
    if (form === "code") return page.exact(text);
    if (form === "link") {
      return make("a", { href: text, rel: "noopener noreferrer", target: "_blank" }, text);
    }
    return text;
  }

  /** Labels and texts. A text without a label belongs to the label before it. */
  function items(list) {
    const told = make("dl", { class: "items" });
    let group = null;
    let last = null;
    for (const [label, form, text] of list) {
      if (group === null || (label && label !== last)) {
        group = make("div", {}, make("dt", {}, label || "\u00a0"));
        told.append(group);
        last = label;
      }
      group.append(make("dd", {}, shown(form, text)));
    }
    return told;
  }

  const unpackedItems = (list) =>
    items(list.map(([label, form, text]) => [unpacked(label), form, unpacked(text)]));

  function step(told) {
    const badges = told.badges.map(([text, tone]) =>
      make("span", { class: `badge ${tone}` }, unpacked(text)),
    );
    const number = told.number ? make("span", { class: "step" }, String(told.number)) : null;
    const title = unpacked(told.title);
    const head = make("div", { class: "stephead" }, number, title ? make("h4", {}, title) : null, ...badges);
    return make("li", {}, head, told.items.length ? unpackedItems(told.items) : null);
  }

  function timeline(told) {
    const canvas = make("canvas", { role: "img", "aria-label": say("timeline") });
    const frame = make("div", { class: "drawing" }, canvas);
    const heads = ["time", "since", "event"].map((name) => make("th", { scope: "col" }, say(name)));
    const rows = told.events.map(([at, after, text]) =>
      make(
        "tr",
        {},
        make("td", { class: "number" }, unpacked(at)),
        make("td", { class: "number" }, unpacked(after)),
        make("td", { class: "told" }, unpacked(text)),
      ),
    );
    const table = make(
      "table",
      { class: "numbers" },
      make("thead", {}, make("tr", {}, ...heads)),
      make("tbody", {}, ...rows),
    );
    const region = { class: "scroll", tabindex: "0", role: "region", "aria-label": unpacked(told.title) };
    return [told.spans.length ? frame : null, make("div", region, table)].filter(Boolean);
  }

  function section(told) {
    const found = make("section", {}, make("h3", {}, unpacked(told.title)));
    if (told.items) found.append(unpackedItems(told.items));
    if (told.steps) found.append(make("ol", { class: "steps" }, ...told.steps.map(step)));
    if (told.events) found.append(...timeline(told));
    return found;
  }

  /** What the table's row itself tells, in full. */
  function summary(list) {
    return make(
      "section",
      {},
      make("h3", {}, say("summary")),
      items(list.filter(([, , text]) => text)),
    );
  }

  /** The whole story of a row. Its pictures are drawn when it is in the page. */
  page.story = function (spec, row) {
    const sections = row.story === null ? [] : data.stories[row.story];
    return make("div", { class: "story" }, summary(spec.told(row)), ...sections.map(section));
  };

  /** Draw the pictures of a story that is in the page now. */
  page.drawStory = function (row, element) {
    const told = row.story === null ? null : data.stories[row.story].find((each) => each.spans);
    const frame = element.querySelector(".drawing");
    if (told && frame) page.draw(frame, { spans: told.spans });
  };
})();
