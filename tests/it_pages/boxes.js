// What a reader with tired eyes stumbles over, on the page that is open: text outside its box, cells that are
// squeezed, a page that scrolls sideways, too little contrast, links that only their colour tells from text.
// Gives one line a fault; the numbers of contrast are those of WCAG 2.1 (1.4.3).
const faults = new Set();
const root = document.documentElement;
if (root.scrollWidth > root.clientWidth + 1) {
  faults.add(`the page scrolls sideways: ${root.scrollWidth} in ${root.clientWidth}`);
}

const rgb = (text) => {
  const numbers = text.match(/[\d.]+/g).map(Number);
  return { r: numbers[0], g: numbers[1], b: numbers[2], a: numbers.length > 3 ? numbers[3] : 1 };
};
const over = (top, under) => {
  const mix = (key) => top[key] * top.a + under[key] * (1 - top.a);
  return { r: mix("r"), g: mix("g"), b: mix("b"), a: 1 };
};
// The colour behind an element: every layer up to the first that lets nothing through.
const ground = (element) => {
  const layers = [];
  for (let e = element; e; e = e.parentElement) {
    const colour = rgb(getComputedStyle(e).backgroundColor);
    layers.push(colour);
    if (colour.a === 1) break;
  }
  return layers.reduceRight((under, top) => over(top, under), { r: 255, g: 255, b: 255, a: 1 });
};
const light = ({ r, g, b }) => {
  const [x, y, z] = [r, g, b].map((v) => {
    const s = v / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const ratio = (a, b) => {
  const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
  return (x + 0.05) / (y + 0.05);
};
const faded = (element) => {
  let part = 1;
  for (let e = element; e; e = e.parentElement) part *= Number(getComputedStyle(e).opacity);
  return part;
};

const name = (element) => {
  const own = element.tagName.toLowerCase();
  const kind = element.className && typeof element.className === "string" ? "." + element.className.split(" ").join(".") : "";
  const home = element.closest("section[id], table, nav, header, form");
  return (home && home !== element ? (home.id || home.tagName.toLowerCase()) + " " : "") + own + kind;
};
// A text scrolls within this ancestor: what runs out of it can be reached.
const scrolls = (element) => {
  for (let e = element; e && e !== document.body; e = e.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(e).overflowX)) return e;
  }
  return null;
};
const block = (element) => {
  let e = element;
  while (e && /^(inline|contents)$/.test(getComputedStyle(e).display)) e = e.parentElement;
  return e;
};

const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const node = texts.currentNode;
  const element = node.parentElement;
  const said = node.data.trim();
  if (!said || element.closest("svg, script, .skip, option") || !element.checkVisibility()) continue;
  const range = document.createRange();
  range.selectNodeContents(node);
  const rects = Array.from(range.getClientRects()).filter((r) => r.width > 0);
  if (!rects.length) continue;
  const short = said.slice(0, 24);
  const box = block(element);
  const edge = box.getBoundingClientRect();
  if (scrolls(element) !== box) {
    for (const r of rects) {
      if (r.right > edge.right + 1.5 || r.left < edge.left - 1.5) {
        faults.add(`out of its box: ${name(box)} "${short}" ${Math.round(r.right - edge.right)} px`);
        break;
      }
    }
  }
  const style = getComputedStyle(element);
  const size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 600);
  const behind = ground(element);
  const ink = rgb(style.color);
  const shown = over({ ...ink, a: ink.a * faded(element) }, behind);
  const seen = ratio(shown, behind);
  if (seen < (large ? 3 : 4.5)) faults.add(`contrast ${seen.toFixed(2)}: ${name(element)} "${short}"`);
}

// Into how many lines the longest run of text in an element is broken.
const lines = (element) => {
  let most = 0;
  const runs = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (runs.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(runs.currentNode);
    most = Math.max(most, new Set(Array.from(range.getClientRects(), (r) => Math.round(r.top))).size);
  }
  return most;
};
for (const cell of document.querySelectorAll("td, th")) {
  const said = cell.innerText.trim();
  if (!said || !cell.checkVisibility()) continue;
  const style = getComputedStyle(cell);
  const inner = cell.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  const em = parseFloat(style.fontSize);
  // Less than four characters of Chinese text, and broken there.
  if (inner < 4 * em - 1 && lines(cell) > 1) {
    faults.add(`a cell of ${(inner / em).toFixed(1)} characters: ${name(cell)} "${said.slice(0, 24)}"`);
  }
}

for (const link of document.querySelectorAll("main a[href]")) {
  const box = block(link);
  if (!link.checkVisibility() || !box || box === link) continue;
  const around = Array.from(box.childNodes).some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim().length > 1);
  const style = getComputedStyle(link);
  const told = style.textDecorationLine.includes("underline") || parseFloat(style.borderBottomWidth) > 0;
  if (around && !told && style.display === "inline") faults.add(`a link told by its colour alone: ${name(link)} "${link.innerText.slice(0, 24)}"`);
}
return Array.from(faults);
