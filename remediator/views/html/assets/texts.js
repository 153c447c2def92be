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

  /** Tell something to those who do not see the page. */
  function announce(text) {
    document.getElementById("said").textContent = text;
  }

  return { data, say, make, unpacked, announce };
})();
