"use strict";
// Keeps the page fresh: the hub says what kind of thing happened, the page asks for itself again and
// takes over the parts that depend on it (data-live). Without this script everything works by reload.
(function () {
  const PAUSE_MS = 1000;
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

  if (!window.EventSource || !parts().length) return;
  const sign = document.getElementById("live");
  const waiting = new Set();
  let last = 0;
  let timer = 0;
  let busy = false;

  const say = (on) => {
    if (!sign) return;
    sign.hidden = false;
    sign.classList.toggle("on", on);
    sign.textContent = on ? sign.dataset.on : sign.dataset.off;
  };

  // Whether the reader is at work in a part: typing, or marking text.
  const occupied = (part) => {
    const choice = window.getSelection();
    if (choice && !choice.isCollapsed && part.contains(choice.anchorNode)) return true;
    const held = document.activeElement;
    return held !== document.body && part.contains(held) && /^(INPUT|SELECT|TEXTAREA)$/.test(held.tagName);
  };

  const take = (fresh) => {
    for (const part of parts()) {
      const kinds = part.dataset.live.split(" ");
      if (!kinds.some((kind) => waiting.has(kind)) || occupied(part)) continue;
      const next = fresh.getElementById(part.id);
      if (!next || next.innerHTML === part.innerHTML) continue;
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
    waiting.clear();
  };

  const refresh = async () => {
    if (busy || document.hidden || !waiting.size) return;
    busy = true;
    last = Date.now();
    try {
      const answer = await fetch(location.href, { cache: "no-store", credentials: "same-origin" });
      if (answer.status === 401) {
        location.reload();
        return;
      }
      if (answer.ok) {
        const text = await answer.text();
        take(new DOMParser().parseFromString(text, "text/html"));
      }
    } catch {
      say(false);
    } finally {
      busy = false;
      if (waiting.size) plan();
    }
  };

  const plan = () => {
    if (timer) return;
    const wait = Math.max(0, last + PAUSE_MS - Date.now());
    timer = setTimeout(() => {
      timer = 0;
      refresh();
    }, wait);
  };

  const happened = (kinds) => {
    for (const kind of kinds) waiting.add(kind);
    plan();
  };

  const everything = ["envelope", "ingested", "cards"];
  let opened = false;
  const stream = new EventSource("/live");
  stream.addEventListener("open", () => {
    say(true);
    // After a break something may have been missed.
    if (opened) happened(everything);
    opened = true;
  });
  stream.addEventListener("error", () => say(false));
  stream.addEventListener("message", (event) => happened(event.data.split(" ")));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && waiting.size) plan();
  });
  window.addEventListener("pagehide", () => stream.close());
})();
