/* The rows of the summary and the cells of the table: what a column of VMs shows. */
"use strict";
(function () {
  const { data, say, make, unpacked } = page;
  const columns = data.columns;

  /** A row of the data as an object. What is searched is put together when it is first needed. */
  function row(values, index) {
    const found = { index };
    let at = 0;
    for (const name of columns.texts) found[name] = unpacked(values[at++]);
    for (const name of columns.lists) found[name] = values[at++].map(unpacked);
    for (const name of columns.numbers) found[name] = values[at++];
    return found;
  }

  page.rows = data.rows.map(row);
  const names = new Map();
  for (const each of page.rows) names.set(each.name, (names.get(each.name) ?? 0) + 1);
  for (const each of page.rows) {
    const unique = names.get(each.name) === 1 ? each.name : each.vm_id || each.job || each.name;
    each.link = `#vm=${encodeURIComponent(unique)}`;
  }

  const SEARCHED = ["name", "group", "subscription", "vault", "code", "standing", "why", "remedy"];
  const IDS = ["vm_id", "vault_id", "job", "run", "whole_why"];

  /** All texts of a row in small letters, for the search. */
  page.searched = function (each) {
    each.words ??= [...SEARCHED, ...IDS]
      .map((name) => each[name])
      .concat(each.impacts, each.next, each.correlations)
      .join("\n")
      .toLowerCase();
    return each.words;
  };

  /** A code that may be broken where its words begin. It is copied without the breaks. */
  function breakable(code) {
    const words = code.split(/(?<=[a-z0-9])(?=[A-Z])/);
    return make("code", {}, ...words.flatMap((word, n) => (n ? [make("wbr"), word] : [word])));
  }

  const below = (text, kind = "") => (text ? make("span", { class: `below ${kind}` }, text) : null);

  function standing(each) {
    const tone = data.kinds[each.kind][1];
    const chip = make("span", { class: `chip ${tone}` }, each.standing);
    return [chip, below(each.why, "why")];
  }

  function next(each) {
    return each.next.map((text) =>
      page.copyButton(text, say("copy_command", { vm: each.name })),
    );
  }

  /** The columns: what they show, and the values by which they sort. */
  page.columns = [
    { name: "name", heads: [["name", "vm"], ["group", "group"]], cell: null },
    {
      name: "place",
      heads: [["vault", "vault"], ["subscription", "subscription"]],
      cell: (each) => [each.vault, below(each.subscription, "id")],
    },
    {
      name: "code",
      heads: [["code", "code"]],
      cell: (each) => [each.code ? breakable(each.code) : make("span", { class: "none" }, say("unknown"))],
    },
    { name: "standing", heads: [["standing", "standing"]], cell: standing },
    {
      name: "age",
      heads: [["hours", "age"]],
      cell: (each) => [each.age || make("span", { class: "none" }, "–"), below(each.late, "late")],
    },
    {
      name: "remedy",
      heads: [["remedy", "remedy"]],
      cell: (each) => [
        each.remedy,
        make("span", { class: "badges" }, ...each.impacts.map((text) => make("span", { class: "badge" }, text))),
      ],
    },
    { name: "next", heads: [[null, "next"]], cell: next },
  ];

  /** The columns that have a choice of their values above the table. */
  page.choices = ["code", "subscription", "vault"];
})();
