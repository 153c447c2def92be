/* The data of the page, its words, and how elements are made. Texts become text, never markup. */
"use strict";
const page = (function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const words = data.texts;

  /** The text of a packed value: the number of a part, or the numbers of several parts. */
  function unpacked(packed) {
    return Array.isArray(packed)
      ? packed.map((number) => data.parts[number]).join("")
      : data.parts[packed];
  }

  /** The rows of a list as objects: a key for each of its columns. */
  function rowsOf({ columns, rows }) {
    return rows.map((values, index) => {
      const found = { index };
      let at = 0;
      for (const name of columns.texts) found[name] = unpacked(values[at++]);
      for (const name of columns.lists) found[name] = values[at++].map(unpacked);
      for (const name of columns.numbers) found[name] = values[at++];
      return found;
    });
  }

  /** A word with its values put in. */
  function say(name, values = {}) {
    return words[name].replace(/\{(\w+)\}/g, (place, key) =>
      key in values ? String(values[key]) : place,
    );
  }

  /** An element with attributes and children. A text among the children becomes a text node. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === false || value === null || value === undefined) continue;
      element.setAttribute(name, value === true ? "" : String(value));
    }
    element.append(...children.filter((child) => child !== null && child !== ""));
    return element;
  }

  /** A code that may be broken where its words begin. It is copied without the breaks. */
  function breakable(code) {
    const words = code.split(/(?<=[a-z0-9])(?=[A-Z])/);
    return make("code", {}, ...words.flatMap((word, n) => (n ? [make("wbr"), word] : [word])));
  }

  /** A smaller text on a line of its own, below what a cell shows first. */
  const below = (text, kind = "") => (text ? make("span", { class: `below ${kind}` }, text) : null);

  /** What stands in a cell whose value is not known. */
  const none = (text) => make("span", { class: "none" }, text);

  /** Tell something to those who do not see the page. */
  function announce(text) {
    document.getElementById("said").textContent = text;
  }

  return { data, say, make, rowsOf, breakable, below, none, announce, unpacked, grids: [] };
})();
