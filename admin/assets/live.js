"use strict";
// Keeps the page fresh: the hub says what kind of thing happened, the page asks for itself again and
// takes over the parts that depend on it (data-live). Without this script everything works by reload.
(function () {
  // Between two questions, and until somebody who points at a part is taken to rest.
  const PAUSE_MS = 1000;
  const REST_MS = 15000;
  const parts = () => Array.from(document.querySelectorAll("[data-live][id]"));

  // Sticky table heads stand right below the header, whatever its height.
  const top = document.querySelector("header.top");
  if (top) {
    const place = () => document.documentElement.style.setProperty("--head", top.offsetHeight + "px");
    place();
    window.addEventListener("resize", place);
  }

  // A changed choice asks at once; the button stays for those without script.
  for (const select of document.querySelectorAll("form.filter select")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }

  // On a narrow screen a row stands as lines: every cell says its column (style.css shows it there).
  const columns = (root) => {
    for (const table of root.querySelectorAll("table")) {
      const names = Array.from(table.querySelectorAll("thead tr:first-child th"), (th) => th.textContent.trim());
      for (const row of table.tBodies.length ? table.tBodies[0].rows : []) {
        Array.from(row.cells).forEach((cell, i) => { cell.dataset.column = names[i] || ""; });
      }
      table.classList.add("stacks");
    }
  };
  columns(document);

  if (!window.EventSource || !parts().length) return;
  const sign = document.getElementById("live");
  const hold = document.getElementById("pause");
  let waiting = new Set();
  let last = 0;
  let timer = 0;
  let busy = false;
  let paused = false;
  let online = false;
  // When the reader last moved the pointer or touched a key.
  let moved = 0;

  const say = () => {
    if (!sign) return;
    sign.hidden = false;
    sign.classList.toggle("on", online && !paused);
    const now = !online ? "off" : paused ? "paused" : waiting.size ? "fresh" : "on";
    sign.textContent = sign.dataset[now];
  };

  // Whether the reader is at work in a part: typing, marking text, or pointing at it. Nothing is replaced
  // under the pointer or the focus of somebody who has just moved; who has rested sees what is new.
  const occupied = (part) => {
    const choice = window.getSelection();
    if (choice && !choice.isCollapsed && part.contains(choice.anchorNode)) return true;
    const focus = document.activeElement;
    const held = focus !== document.body && part.contains(focus);
    if (held && /^(INPUT|SELECT|TEXTAREA)$/.test(focus.tagName)) return true;
    return Date.now() - moved < REST_MS && (held || part.matches(":hover"));
  };

  const take = (fresh) => {
    const left = new Set();
    for (const part of parts()) {
      const kinds = part.dataset.live.split(" ").filter((kind) => waiting.has(kind));
      if (!kinds.length) continue;
      const next = fresh.getElementById(part.id);
      if (!next) continue;
      columns(next);
      if (next.innerHTML === part.innerHTML) continue;
      if (occupied(part)) {
        for (const kind of kinds) left.add(kind);
        continue;
      }
      const open = new Set(Array.from(part.querySelectorAll("details[id][open]"), (d) => d.id));
      const focus = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      part.replaceChildren(...Array.from(next.childNodes, (node) => document.importNode(node, true)));
      for (const id of open) {
        const details = document.getElementById(id);
        if (details) details.open = true;
      }
      if (focus) {
        const link = Array.from(part.querySelectorAll("a")).find((a) => a.getAttribute("href") === focus);
        if (link) link.focus({ preventScroll: true });
      }
      part.classList.remove("fresh");
      void part.offsetWidth;
      part.classList.add("fresh");
    }
    return left;
  };

  const refresh = async () => {
    if (busy || paused || document.hidden || !waiting.size) return;
    busy = true;
    last = Date.now();
    const asked = waiting;
    try {
      const answer = await fetch(location.href, { cache: "no-store", credentials: "same-origin" });
      if (answer.status === 401) {
        location.reload();
        return;
      }
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const left = take(page);
        // What happened while the page was fetched is asked for once more.
        waiting = waiting === asked ? left : new Set([...waiting, ...left]);
      }
    } catch {
      online = false;
    } finally {
      busy = false;
      say();
      if (waiting.size) plan(moved + REST_MS);
    }
  };

  const plan = (until = 0) => {
    if (timer) return;
    const wait = Math.max(0, last + PAUSE_MS - Date.now(), until - Date.now());
    timer = setTimeout(() => {
      timer = 0;
      refresh();
    }, wait);
  };

  // The reader has left what was held back for him: it comes now.
  const touched = () => {
    moved = Date.now();
    if (!waiting.size || busy || parts().some(occupied)) return;
    clearTimeout(timer);
    timer = 0;
    plan();
  };
  for (const kind of ["pointermove", "pointerdown", "keydown"]) document.addEventListener(kind, touched, { passive: true });

  if (hold) {
    hold.hidden = false;
    hold.addEventListener("click", () => {
      paused = !paused;
      hold.setAttribute("aria-pressed", String(paused));
      hold.textContent = paused ? hold.dataset.go : hold.dataset.stop;
      say();
      if (!paused && waiting.size) plan();
    });
  }

  const happened = (kinds) => {
    waiting = new Set([...waiting, ...kinds]);
    say();
    plan();
  };

  const everything = ["envelope", "ingested", "cards", "away"];
  let opened = false;
  const stream = new EventSource("/live");
  stream.addEventListener("open", () => {
    online = true;
    say();
    // After a break something may have been missed.
    if (opened) happened(everything);
    opened = true;
  });
  stream.addEventListener("error", () => {
    online = false;
    say();
  });
  stream.addEventListener("message", (event) => happened(event.data.split(" ")));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && waiting.size) plan();
  });
  window.addEventListener("pagehide", () => stream.close());
})();
