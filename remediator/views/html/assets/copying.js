/* Buttons that copy an id or a command. */
"use strict";
(function () {
  const { make, say, announce } = page;

  /** Copy a text. A file that was opened from a mail may not use the clipboard: then select it. */
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = make("textarea", { class: "hidden" });
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  }

  /** A button that copies a text. Its name says what is copied. */
  page.copyButton = function (text, name = say("copy_of", { text })) {
    const button = make("button", { type: "button", class: "copy", "aria-label": name }, say("copy"));
    button.title = name;
    button.addEventListener("click", async () => {
      await copy(text);
      button.textContent = say("copied");
      button.classList.add("done");
      announce(say("copied"));
      window.setTimeout(() => {
        button.textContent = say("copy");
        button.classList.remove("done");
      }, 1500);
    });
    return button;
  };

  /** A text to be copied exactly, with its button. */
  page.exact = function (text) {
    return make("span", { class: "exact" }, make("code", {}, text), page.copyButton(text));
  };

  for (const code of document.querySelectorAll("[data-copy]")) {
    code.after(page.copyButton(code.textContent));
  }
})();
