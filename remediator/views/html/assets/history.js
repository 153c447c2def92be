/* The rows of a history and the cells of its tables: failures by VM and code, and remedies. */
"use strict";
(function () {
  const { data, say, make, breakable, below, none } = page;
  const failures = page.rowsOf(data);
  const remedies = page.rowsOf(data.remedies);
  for (const each of failures) each.link = `#vm=${encodeURIComponent(each.key)}`;

  const number = (name) => ({
    name: "amount",
    heads: [[name, name]],
    cell: (each) => [each[name] ? each[name].toLocaleString(document.documentElement.lang) : none("0")],
  });

  const code = {
    name: "code",
    heads: [["code", "code"]],
    cell: (each) => [each.code ? breakable(each.code) : none(say("unknown"))],
  };

  function state(each) {
    const tone = data.kinds[each.kind][1];
    return [make("span", { class: `chip ${tone}` }, each.state), below(each.recovered)];
  }

  page.grids.push({
    name: "",
    heading: "machines",
    rows: failures,
    columns: [
      { name: "name", heads: [["name", "vm"], ["group", "group"]], cell: null },
      {
        name: "place",
        heads: [["vault", "vault"], ["subscription", "subscription"]],
        cell: (each) => [each.vault, below(each.subscription, "id")],
      },
      code,
      number("failures"),
      {
        name: "when",
        heads: [["last", "last"], ["first", "first"]],
        cell: (each) => [each.last, each.first === each.last ? null : below(each.first)],
      },
      { name: "state", heads: [["state", "state"]], cell: state },
      {
        name: "age",
        heads: [["seconds", "took"]],
        cell: (each) => [each.took || none("–")],
      },
    ],
    told: (row) => [
      [say("code"), "code", row.code],
      [say("failures"), "text", row.failures.toLocaleString(document.documentElement.lang)],
      [say("first"), "text", row.first],
      [say("last"), "text", row.last],
      [say("state"), "text", [row.state, row.recovered].filter(Boolean).join(" · ")],
      [say("took"), "text", row.took],
      [say("vm"), "code", row.vm_id],
      [say("subscription"), "code", row.subscription],
      [say("vault"), "code", row.vault_id],
      [say("link"), "code", failures.length > 1 ? row.link : ""],
    ],
    below: "group",
    choices: ["code", "vault", "subscription"],
    searchFor: "search_for",
    searched: (each) => [each.name, each.code, each.state, each.vm_id, each.vault_id, each.subscription],
    links: (each) => [each.key, each.name, each.vm_id],
    kinds: {},
  });

  const NUMBERS = data.remedies.columns.numbers.filter((name) => name !== "story");

  page.grids.push({
    name: "remedies",
    heading: "remedies",
    rows: remedies,
    columns: [
      { name: "name", heads: [["name", "remedy"]], cell: null },
      { name: "playbook", heads: [["playbook", "playbook"]], cell: (each) => [breakable(each.playbook)] },
      ...["runs", "recovered", "failed_again", "failed_otherwise", "needs_human", "uncertain"].map(number),
    ],
    told: (row) => [
      [say("remedy"), "code", row.rung],
      [say("playbook"), "code", row.playbook],
      ["", "text", row.about],
      ...NUMBERS.filter((name) => row[name]).map((name) => [say(name), "text", String(row[name])]),
    ],
    below: "rung",
    choices: ["playbook"],
    searchFor: "search_remedies",
    searched: (each) => [each.name, each.rung, each.playbook, each.about],
    links: () => [],
    kinds: {},
  });
})();
