/* Puts the page together: filters, the table's frame, the switch of colours, links, print. */
"use strict";
(function () {
  const { make, say, rows } = page;
  const root = document.getElementById("table");
  const body = make("tbody", { role: "rowgroup" });
  const heads = new Map();
  const shown = make("p", { class: "shown", role: "status" });
  const pager = make("nav", { class: "pager", "aria-label": say("page_size") });
  const nothing = make("p", { class: "calm", hidden: true }, say("nothing_found"));
  const tiles = [...document.querySelectorAll(".tile")];
  const choices = new Map();
  const lang = document.documentElement.lang;

  const table = page.tableOf(rows, (before, now) => {
    const same = ["columnFilters", "globalFilter", "sorting", "pagination"].every(
      (name) => before[name] === now[name],
    );
    if (same) page.showStories(table, body);
    else show();
  });

  function show() {
    page.showRows(table, body);
    const { pageIndex, pageSize } = table.getState().pagination;
    const count = table.getFilteredRowModel().rows.length;
    nothing.hidden = count > 0;
    shown.textContent = say("shown", { shown: count.toLocaleString(lang), all: rows.length.toLocaleString(lang) });
    for (const [name, { head, button, word }] of heads) {
      const sorted = table.getColumn(name).getIsSorted();
      button.dataset.sorted = sorted || "";
      button.setAttribute("aria-label", sorted ? `${say(word)}: ${say(`${sorted}ending`)}` : say("sort_by", { column: say(word) }));
      if (sorted) head.setAttribute("aria-sort", `${sorted}ending`);
    }
    for (const head of root.querySelectorAll("thead th")) {
      const sorted = [...heads.values()].some((each) => each.head === head && each.button.dataset.sorted);
      if (!sorted) head.removeAttribute("aria-sort");
    }
    const kind = table.getColumn("kind").getFilterValue();
    for (const tile of tiles) tile.setAttribute("aria-pressed", String(tile.dataset.kind === kind));
    for (const [name, select] of choices) select.value = table.getColumn(name).getFilterValue() ?? "";
    showPager(count, pageIndex, pageSize);
  }

  function showPager(count, pageIndex, pageSize) {
    pager.hidden = rows.length <= 50;
    const first = count ? pageIndex * pageSize + 1 : 0;
    const last = Math.min(count, (pageIndex + 1) * pageSize);
    pager.querySelector("p").textContent = say("rows_of_page", {
      first: first.toLocaleString(lang),
      last: last.toLocaleString(lang),
      count: count.toLocaleString(lang),
    });
    pager.querySelector(".previous").disabled = !table.getCanPreviousPage();
    pager.querySelector(".next").disabled = !table.getCanNextPage();
  }

  function makePager() {
    const previous = make("button", { type: "button", class: "quiet previous" }, say("previous"));
    const next = make("button", { type: "button", class: "quiet next" }, say("next_page"));
    previous.addEventListener("click", () => table.previousPage());
    next.addEventListener("click", () => table.nextPage());
    const size = make("select", { id: "size" }, ...[50, 200, 1000].map((n) => make("option", { value: n }, String(n))));
    size.addEventListener("change", () => table.setPageSize(Number(size.value)));
    const label = make("label", { for: "size" }, say("page_size"));
    pager.append(previous, make("p"), next, label, size);
  }

  function makeHeads() {
    const cells = page.columns.map((column) => {
      const head = make("th", { scope: "col", role: "columnheader", class: column.name });
      for (const [name, word] of column.heads) {
        if (name === null) {
          head.append(make("span", { class: "label" }, say(word)));
          continue;
        }
        const button = make("button", { type: "button", class: "sort" }, say(word));
        button.addEventListener("click", () => table.getColumn(name).toggleSorting());
        heads.set(name, { head, button, word });
        head.append(button);
      }
      return head;
    });
    return make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...cells));
  }

  function makeSearch() {
    const search = make("input", { type: "search", id: "search", placeholder: say("search_for"), autocomplete: "off", spellcheck: "false" });
    let waiting = 0;
    search.addEventListener("input", () => {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(() => table.setGlobalFilter(search.value.trim() || undefined), 120);
    });
    return [make("label", { for: "search" }, say("search")), search];
  }

  function makeChoice(name) {
    const counted = new Map();
    for (const row of rows) if (row[name]) counted.set(row[name], (counted.get(row[name]) ?? 0) + 1);
    if (counted.size < 2) return null;
    const sorted = [...counted].sort((one, other) => other[1] - one[1] || one[0].localeCompare(other[0]));
    const options = sorted.map(([text, count]) => make("option", { value: text }, `${text} (${count})`));
    const select = make("select", { id: `choose-${name}` }, make("option", { value: "" }, say("any")), ...options);
    select.addEventListener("change", () => table.getColumn(name).setFilterValue(select.value || undefined));
    choices.set(name, select);
    return make("span", { class: "field" }, make("label", { for: `choose-${name}` }, say(name)), select);
  }

  function makeTools() {
    const commands = make("input", { type: "checkbox", id: "commands" });
    commands.addEventListener("change", () => root.classList.toggle("commands", commands.checked));
    const clear = make("button", { type: "button", class: "quiet", id: "clear" }, say("clear"));
    clear.addEventListener("click", all);
    return make(
      "div",
      { class: "filters", role: "search", "aria-label": say("filters") },
      make("span", { class: "field wide" }, ...makeSearch()),
      ...page.choices.map(makeChoice),
      make("span", { class: "field check" }, commands, make("label", { for: "commands" }, say("commands"))),
      clear,
      shown,
    );
  }

  function all() {
    table.resetColumnFilters(true);
    table.resetGlobalFilter(true);
    document.getElementById("search").value = "";
  }

  /** Show only the rows that have this value in this column. */
  page.filterBy = function (name, value) {
    if (rows.some((row) => row[name] === value)) {
      all();
      table.getColumn(name).setFilterValue(value);
      root.scrollIntoView();
    }
  };

  function listen() {
    for (const button of document.querySelectorAll("[data-kind]")) {
      button.addEventListener("click", () => {
        const { kind, code } = button.dataset;
        const pressed = button.getAttribute("aria-pressed") === "true";
        all();
        if (!pressed) table.getColumn("kind").setFilterValue(kind);
        if (code) table.getColumn("code").setFilterValue(code);
        if (!button.classList.contains("tile")) root.scrollIntoView();
      });
    }
    window.addEventListener("hashchange", follow);
  }

  /** Go to the VM that the address names: by its name, or by its id. */
  function follow() {
    const found = /^#vm=(.+)$/.exec(window.location.hash);
    if (!found) return;
    let wanted = found[1];
    try {
      wanted = decodeURIComponent(wanted);
    } catch {
      /* Then it is taken as it is. */
    }
    wanted = wanted.toLowerCase();
    const row = rows.find((each) => [each.name, each.vm_id, each.job].some((text) => text.toLowerCase() === wanted));
    if (!row) return;
    all();
    const place = table.getSortedRowModel().rows.findIndex((each) => each.original === row);
    table.setPageIndex(Math.floor(place / table.getState().pagination.pageSize));
    table.getRow(String(row.index)).toggleExpanded(true);
    const button = root.querySelector(`#row-${row.index} .expand`);
    button.scrollIntoView({ block: "start" });
    button.focus({ preventScroll: true });
  }

  function dark() {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  }

  function switchColours() {
    const button = document.getElementById("theme");
    const label = () => {
      button.textContent = dark() ? say("light") : say("dark");
      button.setAttribute("aria-label", `${say("theme")}: ${button.textContent}`);
    };
    button.addEventListener("click", () => {
      document.documentElement.dataset.theme = dark() ? "light" : "dark";
      try {
        window.localStorage.setItem("remediate-theme", document.documentElement.dataset.theme);
      } catch {
        /* A viewer of mail may have no storage. */
      }
      label();
      page.redraw();
    });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      label();
      page.redraw();
    });
    label();
  }

  /** On paper there are all rows, up to a number that a person may read, in light colours. */
  function print() {
    let before = null;
    const opened = [];
    window.addEventListener("beforeprint", () => {
      before = { size: table.getState().pagination.pageSize, theme: document.documentElement.dataset.theme };
      document.documentElement.dataset.theme = "light";
      for (const hidden of document.querySelectorAll("details.case:not([open])")) {
        hidden.open = true;
        opened.push(hidden);
      }
      if (table.getFilteredRowModel().rows.length <= 500) table.setPageSize(500);
      page.redraw(true);
    });
    window.addEventListener("afterprint", () => {
      if (before === null) return;
      if (before.theme) document.documentElement.dataset.theme = before.theme;
      else delete document.documentElement.dataset.theme;
      for (const hidden of opened.splice(0)) hidden.open = false;
      table.setPageSize(before.size);
      page.redraw();
    });
    document.getElementById("print").addEventListener("click", () => window.print());
  }

  makePager();
  const grid = make("table", { class: "vms", role: "table", "aria-labelledby": "machines" }, makeHeads(), body);
  const single = rows.length === 1;
  root.append(...(single ? [] : [makeTools()]), grid, nothing, pager);
  document.getElementById("tools").hidden = false;
  show();
  if (!single) listen();
  else for (const tile of tiles) tile.disabled = true;
  switchColours();
  print();
  if (single) table.getRow("0").toggleExpanded(true);
  follow();
  document.documentElement.dataset.ready = "true";
})();
