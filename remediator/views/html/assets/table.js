/* The table: TanStack Table sorts, filters, searches and turns pages; this shows its rows. */
"use strict";
(function () {
  const { make, say } = page;
  const PAGE = 50;

  /** Equal texts and no text come last, whatever the direction. */
  function compared(one, other) {
    if (typeof one === "number") return one - other;
    return String(one).localeCompare(String(other), document.documentElement.lang, { numeric: true });
  }

  const column = (name, rows) => ({
    id: name,
    accessorFn: (each) => (each[name] === "" || each[name] === null ? undefined : each[name]),
    sortUndefined: "last",
    sortDescFirst: rows.some((each) => typeof each[name] === "number"),
    sortingFn: (one, other) => compared(one.getValue(name), other.getValue(name)),
    filterFn: (found, _, wanted) => found.original[name] === wanted,
  });

  /** All texts of a row in small letters, for the search. They are put together once. */
  function searched(spec, each) {
    each.words ??= spec.searched(each).join("\n").toLowerCase();
    return each.words;
  }

  /** A table of rows. `changed` is called after each change of what it shows. */
  page.tableOf = function (spec, changed) {
    const { rows, kinds } = spec;
    const sorted = spec.columns.flatMap((each) => each.heads.map(([name]) => name)).filter(Boolean);
    let state = {};
    const table = TableCore.createTable({
      data: rows,
      columns: [
        ...sorted.map((name) => column(name, rows)),
        {
          id: "kind",
          accessorFn: (each) => each.kind,
          filterFn: (found, _, wanted) =>
            wanted in kinds ? kinds[wanted](found.original) : found.original.kind === wanted,
        },
      ],
      getRowId: (each) => String(each.index),
      getCoreRowModel: TableCore.getCoreRowModel(),
      getFilteredRowModel: TableCore.getFilteredRowModel(),
      getSortedRowModel: TableCore.getSortedRowModel(),
      getPaginationRowModel: TableCore.getPaginationRowModel(),
      globalFilterFn: (found, _, wanted) =>
        wanted.toLowerCase().split(/\s+/).every((word) => searched(spec, found.original).includes(word)),
      getColumnCanGlobalFilter: (each) => each.id === sorted[0],
      autoResetPageIndex: false,
      autoResetExpanded: false,
      state: {},
      renderFallbackValue: null,
      onStateChange(update) {
        const before = state;
        state = typeof update === "function" ? update(state) : update;
        const filtered =
          before.columnFilters !== state.columnFilters ||
          before.globalFilter !== state.globalFilter ||
          before.sorting !== state.sorting;
        if (filtered && before.pagination.pageIndex) {
          state = { ...state, pagination: { ...state.pagination, pageIndex: 0 } };
        }
        table.setOptions((options) => ({ ...options, state }));
        changed(before, state);
      },
    });
    state = { ...table.initialState, pagination: { pageIndex: 0, pageSize: PAGE } };
    table.setOptions((options) => ({ ...options, state }));
    return table;
  };

  function details(spec, found, body) {
    const each = found.original;
    const id = page.rowId(spec, each);
    const button = make(
      "button",
      { type: "button", class: "expand", "aria-expanded": "false", "aria-controls": `${id}-story` },
      each.name,
    );
    button.setAttribute("aria-label", say("details", { vm: each.name }));
    const head = make("th", { scope: "row", role: "rowheader" }, button);
    const under = page.below(each[spec.below]);
    if (under) head.append(under);
    const cells = spec.columns.filter((one) => one.cell).map((one) => {
      const content = one.cell(each).filter(Boolean);
      const label = one.heads.map(([, word]) => say(word)).join(" / ");
      return make("td", { role: "cell", class: one.name, "data-label": label }, ...content);
    });
    const row = make("tr", { id, role: "row", class: page.data.kinds[each.kind][1] }, head, ...cells);
    const lines = (each.next ?? []).map((text) => make("span", { class: "exact" }, make("code", {}, text)));
    const wide = { role: "cell", colspan: spec.columns.length };
    const command = make("tr", { role: "row", class: "command" }, make("td", wide, ...lines));
    const place = make("td", wide);
    const story = make("tr", { id: `${id}-story`, role: "row", class: "details", hidden: true }, place);
    button.addEventListener("click", () => found.toggleExpanded());
    body.append(row, ...(lines.length ? [command] : []), story);
    if (found.getIsExpanded()) open(spec, each, button, story, true);
  }

  function open(spec, each, button, story, wanted) {
    button.setAttribute("aria-expanded", String(wanted));
    story.hidden = !wanted;
    const place = story.firstElementChild;
    if (wanted && !place.firstChild) {
      place.append(page.story(spec, each));
      if (place.isConnected) page.drawStory(each, place);
    }
  }

  /** The id of a row's element. */
  page.rowId = (spec, each) => `${spec.name}row-${each.index}`;

  /** Show the rows of the table's page in a `tbody`. */
  page.showRows = function (spec, table, body) {
    body.replaceChildren();
    for (const found of table.getRowModel().rows) details(spec, found, body);
  };

  /** Open or close the stories of the rows that are shown, as the table's state says. */
  page.showStories = function (spec, table, body) {
    for (const found of table.getRowModel().rows) {
      const id = page.rowId(spec, found.original);
      const button = body.querySelector(`#${id} .expand`);
      const story = body.querySelector(`#${id}-story`);
      if (button && String(found.getIsExpanded()) !== button.getAttribute("aria-expanded")) {
        open(spec, found.original, button, story, found.getIsExpanded());
      }
    }
  };
})();
