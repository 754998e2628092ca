/** Building elements: styles come from the sheet, by class. */

type Child = Node | string;

interface Properties {
  readonly class?: string;
  readonly id?: string;
  readonly type?: string;
  readonly title?: string;
  readonly hidden?: boolean;
  readonly disabled?: boolean;
  readonly onclick?: () => void;
  /** Any further attribute, such as "aria-label". */
  readonly [attribute: string]: string | boolean | (() => void) | undefined;
}

/** An element with attributes and children; a function is a listener, true an attribute without value. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") {
      made.addEventListener(name.slice(2), value);
    } else if (value !== undefined && value !== false) {
      made.setAttribute(name, value === true ? "" : value);
    }
  }
  made.append(...children);
  return made;
}

/** A button with an icon, and a name that is read aloud and shown beside the pointer. */
export function iconButton(icon: Node, name: string, press: () => void, keys = ""): HTMLButtonElement {
  return element(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": name,
      title: keys ? `${name} (${keys})` : name,
      onclick: press,
    },
    icon,
  );
}

/** A button with words. */
export function textButton(words: string, press: () => void, kind = ""): HTMLButtonElement {
  return element("button", { type: "button", class: `button ${kind}`.trim(), onclick: press }, words);
}

/** Exactly one of several, by mouse, touch or arrow keys. */
export interface Choice<T extends string> {
  readonly element: HTMLElement;
  show(value: T): void;
}

export interface Option<T extends string> {
  readonly value: T;
  readonly name: string;
  readonly icon?: Node;
  readonly keys?: string;
}

let choices = 0;

export function choice<T extends string>(
  legend: string,
  options: readonly Option<T>[],
  choose: (value: T) => void,
): Choice<T> {
  const group = `choice-${++choices}`;
  const inputs = options.map(({ value }) => element("input", { type: "radio", name: group, value }));
  const labels = options.map(({ name, icon, keys }, i) => {
    const words = element("span", { class: "choice-words" }, name);
    const input = inputs[i] as HTMLInputElement;
    return element("label", { title: keys ? `${name} (${keys})` : name }, input, ...(icon ? [icon] : []), words);
  });
  for (const [i, input] of inputs.entries()) {
    input.addEventListener("change", () => choose(options[i]?.value as T));
  }
  return {
    element: element("div", { class: "choice", role: "radiogroup", "aria-label": legend }, ...labels),
    show(value) {
      for (const input of inputs) {
        input.checked = input.value === value;
      }
    },
  };
}

/** A slider with a label and its value in words. */
export interface Slider {
  readonly element: HTMLElement;
  show(value: number): void;
}

export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly step: number;
  readonly usual: number;
  readonly words: (value: number) => string;
}

/**
 * @param move - Told the value, and whether it stays. A double click brings the usual one back.
 */
export function slider(label: string, scale: Scale, move: (value: number, final: boolean) => void): Slider {
  const { low, high, step, usual, words } = scale;
  const input = element("input", { type: "range", min: `${low}`, max: `${high}`, step: `${step}` });
  const value = element("output", { "aria-hidden": "true" });
  const reset = textButton("Reset", () => move(usual, true), "quiet");
  reset.setAttribute("aria-label", `Reset ${label.toLowerCase()}`);
  input.addEventListener("input", () => move(input.valueAsNumber, false));
  input.addEventListener("change", () => move(input.valueAsNumber, true));
  input.addEventListener("dblclick", () => move(usual, true));
  return {
    element: element("div", { class: "slider" }, element("label", {}, element("span", {}, label), value, input), reset),
    show(shown) {
      input.value = `${shown}`;
      input.setAttribute("aria-valuetext", words(shown));
      value.textContent = words(shown);
      reset.classList.toggle("invisible", Math.abs(shown - usual) < step / 2);
    },
  };
}

/** A part of the side panel that can be folded. */
export function section(title: string, open: boolean, ...children: readonly Child[]): HTMLDetailsElement {
  return element(
    "details",
    { class: "section", ...(open && { open: true }) },
    element("summary", {}, element("h2", {}, title)),
    element("div", { class: "section-body" }, ...children),
  );
}
