/* One table with its frame: search, filters, heads that sort, pages. */
"use strict";
(function () {
  const { make, say } = page;
  const lang = document.documentElement.lang;

  /** Puts a table in its place, with its filters. Returns the parts that the page leads. */
  page.gridOf = function (spec) {
    const { rows } = spec;
    const id = (name) => (spec.name ? `${spec.name}-${name}` : name);
    const root = document.getElementById(id("table"));
    const heading = document.getElementById(spec.heading);
    const body = make("tbody", { role: "rowgroup" });
    const heads = new Map();
    const shown = make("p", { class: "shown", role: "status" });
    const pager = make("nav", { class: "pager", "aria-label": say("page_size") });
    const nothing = make("p", { class: "calm", hidden: true }, say(rows.length ? "nothing_found" : "no_rows"));
    const tiles = spec.name ? [] : [...document.querySelectorAll("button.tile")];
    const choices = new Map();

    const table = page.tableOf(spec, (before, now) => {
      const same = ["columnFilters", "globalFilter", "sorting", "pagination"].every(
        (name) => before[name] === now[name],
      );
      if (same) page.showStories(spec, table, body);
      else show();
    });

    function show() {
      page.showRows(spec, table, body);
      const { pageIndex, pageSize } = table.getState().pagination;
      const count = table.getFilteredRowModel().rows.length;
      nothing.hidden = count > 0;
      shown.textContent = say("shown", { shown: count.toLocaleString(lang), all: rows.length.toLocaleString(lang) });
      for (const [name, { head, button, word }] of heads) {
        const sorted = table.getColumn(name).getIsSorted();
        button.dataset.sorted = sorted || "";
        button.setAttribute("aria-label", `${say(word)}: ${say(sorted ? `${sorted}ending` : "sort")}`);
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
      const size = make("select", { id: id("size") }, ...[50, 200, 1000].map((n) => make("option", { value: n }, String(n))));
      size.addEventListener("change", () => table.setPageSize(Number(size.value)));
      const label = make("label", { for: id("size") }, say("page_size"));
      pager.append(previous, make("p"), next, label, size);
    }

    function makeHeads() {
      const cells = spec.columns.map((column) => {
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
      const search = make("input", { type: "search", id: id("search"), placeholder: say(spec.searchFor), autocomplete: "off", spellcheck: "false" });
      let waiting = 0;
      search.addEventListener("input", () => {
        window.clearTimeout(waiting);
        waiting = window.setTimeout(() => table.setGlobalFilter(search.value.trim() || undefined), 120);
      });
      return [make("label", { for: id("search") }, say("search")), search];
    }

    function makeChoice(name) {
      const counted = new Map();
      for (const row of rows) if (row[name]) counted.set(row[name], (counted.get(row[name]) ?? 0) + 1);
      if (counted.size < 2) return null;
      const sorted = [...counted].sort((one, other) => other[1] - one[1] || one[0].localeCompare(other[0]));
      const options = sorted.map(([text, count]) => make("option", { value: text }, `${text} (${count})`));
      const select = make("select", { id: id(`choose-${name}`) }, make("option", { value: "" }, say("any")), ...options);
      select.addEventListener("change", () => table.getColumn(name).setFilterValue(select.value || undefined));
      choices.set(name, select);
      return make("span", { class: "field" }, make("label", { for: id(`choose-${name}`) }, say(name)), select);
    }

    function makeSwitch() {
      const commands = make("input", { type: "checkbox", id: id("commands") });
      commands.addEventListener("change", () => root.classList.toggle("commands", commands.checked));
      return make("span", { class: "field check" }, commands, make("label", { for: id("commands") }, say("commands")));
    }

    function makeTools() {
      const clear = make("button", { type: "button", class: "quiet", id: id("clear") }, say("clear"));
      clear.addEventListener("click", all);
      return make(
        "div",
        { class: "filters", role: "search", "aria-label": `${say("filters")}: ${heading.textContent}` },
        make("span", { class: "field wide" }, ...makeSearch()),
        ...spec.choices.map(makeChoice),
        spec.commands ? makeSwitch() : null,
        clear,
        shown,
      );
    }

    function all() {
      table.resetColumnFilters(true);
      table.resetGlobalFilter(true);
      document.getElementById(id("search")).value = "";
    }

    makePager();
    const grid = make("table", { class: `vms ${spec.name}`, role: "table", "aria-labelledby": spec.heading }, makeHeads(), body);
    root.append(...(rows.length > 1 ? [makeTools()] : []), ...(rows.length ? [grid] : []), nothing, pager);
    root.parentElement.hidden = false;
    show();
    if (rows.length === 1 && !spec.name) table.getRow("0").toggleExpanded(true);
    return { spec, root, table, all };
  };
})();
