/* Chooses the colours before anything is painted. Later the switch of the page changes them. */
(function () {
  "use strict";
  let chosen = null;
  try {
    chosen = window.localStorage.getItem("remediate-theme");
  } catch {
    /* A viewer of mail may have no storage. */
  }
  if (chosen === "dark" || chosen === "light") {
    document.documentElement.dataset.theme = chosen;
  }
})();
