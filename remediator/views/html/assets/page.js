/* Puts the page together: its tables, the tiles, the switch of colours, links, print. */
"use strict";
(function () {
  const { say } = page;
  const grids = page.grids.filter((spec) => !spec.name || spec.rows.length).map(page.gridOf);
  const [{ spec, root, table, all }] = grids;
  const { rows } = spec;
  const several = rows.length > 1;

  /** Show only the rows that have this value in this column. */
  page.filterBy = function (name, value) {
    if (several && rows.some((row) => row[name] === value)) {
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
    const row = rows.find((each) => spec.links(each).some((text) => text.toLowerCase() === wanted));
    if (!row) return;
    if (several) all();
    const place = table.getSortedRowModel().rows.findIndex((each) => each.original === row);
    table.setPageIndex(Math.floor(place / table.getState().pagination.pageSize));
    table.getRow(String(row.index)).toggleExpanded(true);
    const button = root.querySelector(`#${page.rowId(spec, row)} .expand`);
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
      before = {
        sizes: grids.map((grid) => grid.table.getState().pagination.pageSize),
        theme: document.documentElement.dataset.theme,
      };
      document.documentElement.dataset.theme = "light";
      for (const hidden of document.querySelectorAll("details.case:not([open])")) {
        hidden.open = true;
        opened.push(hidden);
      }
      for (const grid of grids) {
        if (grid.table.getFilteredRowModel().rows.length <= 500) grid.table.setPageSize(500);
      }
      page.redraw(true);
    });
    window.addEventListener("afterprint", () => {
      if (before === null) return;
      if (before.theme) document.documentElement.dataset.theme = before.theme;
      else delete document.documentElement.dataset.theme;
      for (const hidden of opened.splice(0)) hidden.open = false;
      grids.forEach((grid, n) => grid.table.setPageSize(before.sizes[n]));
      page.redraw();
    });
    document.getElementById("print").addEventListener("click", () => window.print());
  }

  document.getElementById("tools").hidden = false;
  if (several) listen();
  else for (const tile of document.querySelectorAll("button.tile")) tile.disabled = true;
  switchColours();
  print();
  follow();
  document.documentElement.dataset.ready = "true";
})();
