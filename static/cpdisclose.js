// Conveniences only: every page works without this file.
(function () {
  "use strict";

  function typing(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  }

  function rowLinks() {
    return Array.from(document.querySelectorAll(".queue .row-link"));
  }

  // From no row, j goes to the first and k to the last.
  function moveRow(step) {
    const links = rowLinks();
    if (!links.length) return;
    const at = links.indexOf(document.activeElement);
    const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
    const link = links[Math.min(Math.max(next, 0), links.length - 1)];
    link.focus({ preventScroll: true });
    link.closest("tr").scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", function (event) {
    if (document.documentElement.dataset.shortcuts === "off") return;
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      const search = document.getElementById("search");
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "j") {
      moveRow(1);
    } else if (event.key === "k") {
      moveRow(-1);
    }
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) window.print();
  });

  // A summary that arrives with a page takes focus by itself (autofocus); one swapped in by htmx does it here.
  document.addEventListener("htmx:afterSettle", function () {
    const summary = document.querySelector(".error-summary");
    if (summary) summary.focus();
  });

  // A passkey that was cancelled or is not known here: said in words, where the button is.
  document.addEventListener("allauth.error", function (event) {
    const place = document.getElementById("passkey-problem");
    if (!place) return;
    event.preventDefault();
    place.textContent = "The passkey did not answer. Try again, or use a code.";
  });

  // Five minutes before the idle time is over the page says so. What is done in another window counts for this one.
  const idle = document.querySelector("[data-idle]");
  if (idle) {
    const seconds = Number(idle.dataset.idle);
    const wait = Math.max(seconds - 300, seconds / 2) * 1000;
    let timer;
    const again = function () {
      clearTimeout(timer);
      idle.hidden = true;
      timer = setTimeout(function () { idle.hidden = false; }, wait);
    };
    const tell = function () {
      try { localStorage.setItem("cpd-sent", String(Date.now())); } catch (error) { /* other windows warn for themselves */ }
    };
    window.addEventListener("storage", function (event) { if (event.key === "cpd-sent") again(); });
    idle.querySelector("button").addEventListener("click", function () {
      fetch(idle.dataset.stay, { redirect: "error" }).then(function (answer) {
        if (answer.status === 204) { again(); tell(); }
      }, function () { location.reload(); });
    });
    again();
    tell();
  }

  // Only what works here is shown: a print button needs this file.
  document.querySelectorAll("[data-print], [data-scripted]").forEach(function (button) {
    button.hidden = false;
  });
})();
