// What a machine can see of how a page looks: texts that are cut or too faint, what is wider than the
// screen, what a finger cannot hit. People look at the rest.
import type { Page } from "playwright-core";

/** What WCAG asks of a text's contrast (AA), and of one of 24 px, or of 18.5 px in bold. */
const CONTRAST = 4.5;
const LARGE = 3;
/** What a finger hits, in CSS pixels. */
const FINGER = 44;

type Text = {
  text: string;
  colour: string;
  isLarge: boolean;
  box: [number, number, number, number];
};

/** What is wrong with what the page shows now, one line each. */
export async function audit(page: Page, { hasFinger }: { hasFinger: boolean }): Promise<string[]> {
  const { texts, faults } = await page.evaluate(look, hasFinger ? FINGER : 0);
  // What is behind the texts.
  const style = "* { color: transparent !important; caret-color: transparent !important }";
  const shot = (await page.screenshot({ scale: "css", style })).toString("base64");
  const ratios = await page.evaluate(measure, { shot, texts });
  const faint = texts.flatMap(({ text, isLarge }, index) => {
    const ratio = ratios[index] ?? 21;
    return ratio >= (isLarge ? LARGE : CONTRAST) ? [] : [`${ratio.toFixed(2)}:1 "${text}"`];
  });
  return [...faults, ...faint];
}

/** Runs in the page: its visible texts, and what is cut, too wide or too small. */
function look(finger: number): { texts: Text[]; faults: string[] } {
  const faults: string[] = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    faults.push(`${root.scrollWidth} px wide on a screen of ${root.clientWidth} px`);
  }
  // What a dialog lies over is not to be read or hit.
  const top = document.querySelector("dialog:modal, :popover-open") ?? document.body;
  const isShown = (element: Element): boolean => {
    const { width, height, top, bottom, left, right } = element.getBoundingClientRect();
    if (width < 2 || height < 2) return false;
    if (bottom < 0 || top > innerHeight || right < 0 || left > innerWidth) return false;
    const [x, y] = [(left + right) / 2, (Math.max(0, top) + Math.min(innerHeight, bottom)) / 2];
    const hit = document.elementFromPoint(Math.min(innerWidth - 1, Math.max(0, x)), y);
    return (
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
      (hit === null || element.contains(hit) || hit.contains(element))
    );
  };
  const nameOf = (element: Element): string =>
    (element.ariaLabel ?? element.textContent ?? "").trim().slice(0, 40) ||
    element.outerHTML.slice(0, 60);

  const shifts = new PerformanceObserver(() => undefined);
  shifts.observe({ type: "layout-shift", buffered: true });
  let shift = 0;
  for (const entry of shifts.takeRecords() as (PerformanceEntry & {
    value: number;
    hadRecentInput: boolean;
  })[])
    if (!entry.hadRecentInput) shift += entry.value;
  if (shift > 0.1) faults.push(`it shifted by ${shift.toFixed(2)} while it loaded`);

  const walker = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    const text = node.textContent?.trim() ?? "";
    if (!parent || text === "" || !isShown(parent)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const { left, top, width, height } = range.getBoundingClientRect();
    if (width < 2 || height < 2) continue;
    const style = getComputedStyle(parent);
    // What is disabled may be faint.
    if (parent.closest(":disabled, [aria-hidden=true]")) continue;
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.5 && Number(style.fontWeight) >= 700);
    let opacity = 1;
    for (let each: Element | null = parent; each; each = each.parentElement)
      opacity *= Number(getComputedStyle(each).opacity);
    const colour =
      opacity === 1
        ? style.color
        : `color-mix(in srgb, ${style.color} ${opacity * 100}%, transparent)`;
    texts.push({ text: text.slice(0, 40), colour, isLarge, box: [left, top, width, height] });
    if (
      style.overflowX !== "visible" &&
      parent.scrollWidth > parent.clientWidth + 1 &&
      parent.clientWidth > 0
    )
      faults.push(`cut: "${text.slice(0, 40)}"`);
  }
  if (finger > 0) {
    for (const target of top.querySelectorAll(
      "a[href], button, input, textarea, select, summary",
    )) {
      const held = target.closest("label") ?? target;
      if (!isShown(held)) continue;
      const { width, height } = held.getBoundingClientRect();
      // A link in a sentence is as high as its line.
      const isInText = target.matches("p a, li a:not(:only-child), td a");
      if (!isInText && (width < finger - 0.5 || height < finger - 0.5))
        faults.push(`${Math.round(width)} x ${Math.round(height)} px to hit: "${nameOf(target)}"`);
    }
  }
  return { texts, faults };
}

/** Runs in the page: the contrast of each text to what is behind it. */
async function measure({ shot, texts }: { shot: string; texts: Text[] }): Promise<number[]> {
  const image = await createImageBitmap(
    await (await fetch(`data:image/png;base64,${shot}`)).blob(),
  );
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.drawImage(image, 0, 0);
  const brush = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true })!;
  type Rgb = [number, number, number];
  const light = (rgb: Rgb): number => {
    const [r, g, b] = rgb.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    }) as Rgb;
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  return texts.map(({ colour, box: [left, top, width, height] }) => {
    const x = Math.max(0, Math.floor(left));
    const y = Math.max(0, Math.floor(top));
    const wide = Math.min(image.width - x, Math.ceil(width));
    const high = Math.min(image.height - y, Math.ceil(height));
    if (wide < 1 || high < 1) return 21;
    const { data } = context.getImageData(x, y, wide, high);
    const sum: Rgb = [0, 0, 0];
    for (let at = 0; at < data.length; at += 4)
      for (const part of [0, 1, 2] as const) sum[part] += data[at + part]!;
    const ground = sum.map((value) => Math.round((value * 4) / data.length)) as Rgb;
    brush.fillStyle = `rgb(${ground.join()})`;
    brush.fillRect(0, 0, 1, 1);
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    const [r = 0, g = 0, b = 0] = brush.getImageData(0, 0, 1, 1).data;
    const [dark, bright] = [light([r, g, b]), light(ground)].toSorted((one, other) => one - other);
    return (bright! + 0.05) / (dark! + 0.05);
  });
}
