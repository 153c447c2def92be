/* The rows of the summary and the cells of the table: what a column of VMs shows. */
"use strict";
(function () {
  const { data, say, make, breakable, below, none } = page;
  const rows = page.rowsOf(data);
  const names = new Map();
  for (const each of rows) names.set(each.name, (names.get(each.name) ?? 0) + 1);
  for (const each of rows) {
    const unique = names.get(each.name) === 1 ? each.name : each.vm_id || each.job || each.name;
    each.link = `#vm=${encodeURIComponent(unique)}`;
  }

  const SEARCHED = ["name", "group", "subscription", "vault", "code", "standing", "why", "remedy"];
  const IDS = ["vm_id", "vault_id", "job", "run", "whole_why"];

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
  const columns = [
    { name: "name", heads: [["name", "vm"], ["group", "group"]], cell: null },
    {
      name: "place",
      heads: [["vault", "vault"], ["subscription", "subscription"]],
      cell: (each) => [each.vault, below(each.subscription, "id")],
    },
    {
      name: "code",
      heads: [["code", "code"]],
      cell: (each) => [each.code ? breakable(each.code) : none(say("unknown"))],
    },
    { name: "standing", heads: [["standing", "standing"]], cell: standing },
    {
      name: "age",
      heads: [["hours", "age"]],
      cell: (each) => [each.age || none("–"), below(each.late, "late")],
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

  /** What a row itself tells, in full. */
  const told = (row) => [
    ...row.next.map((text) => [say("next"), "code", text]),
    [say("why"), "text", row.whole_why || row.why],
    [say("remedy"), "text", row.remedy],
    [say("impact"), "text", row.impacts.join(", ")],
    [say("code"), "code", row.code],
    [say("failed"), "text", row.failed],
    [say("age"), "text", [row.good, row.age, row.late].filter(Boolean).join(" · ")],
    [say("vm"), "code", row.vm_id],
    [say("subscription"), "code", row.subscription],
    [say("group"), "code", row.group],
    [say("vault"), "code", row.vault_id],
    [say("job"), "code", row.job],
    [say("run"), "code", row.run],
    ...row.correlations.map((text) => [say("correlation"), "code", text]),
    [say("link"), "code", rows.length > 1 ? row.link : ""],
  ];

  page.grids.push({
    name: "",
    heading: "machines",
    rows,
    columns,
    told,
    below: "group",
    choices: ["code", "subscription", "vault"],
    searchFor: "search_for",
    commands: true,
    searched: (each) =>
      [...SEARCHED, ...IDS].map((name) => each[name]).concat(each.impacts, each.next, each.correlations),
    links: (each) => [each.name, each.vm_id, each.job],
    kinds: { failed: (each) => each.kind !== "same_vm" && Boolean(each.vm || each.job) },
  });
})();
