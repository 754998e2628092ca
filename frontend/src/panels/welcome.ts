/** What stands on the canvas before there is a photograph. */

import type { Engine } from "../engine/engine";
import { LICENSE, SAMPLES, type Sample } from "../samples/samples";
import type { Bench } from "../studio/commands";
import { report } from "../studio/notices";
import type { Works } from "../studio/works";
import { element, iconButton, textButton } from "./elements";
import { icon } from "./icons";

const DATES = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

export function createWelcome({ store, openFile }: Bench, works: Works, { host }: Engine): HTMLElement {
  const choose = textButton("Choose a photograph…", openFile, "primary");
  const kept = element("div", { class: "kept" });
  const welcome = element(
    "div",
    { class: "welcome" },
    element("h2", {}, "Open a black-and-white photograph"),
    element(
      "p",
      {},
      "Drop it here, paste it, or choose it. Its colours appear at once; then click to make them yours.",
    ),
    choose,
    element("h3", {}, "Or try one of these"),
    element("ul", { class: "samples" }, ...SAMPLES.map((sample) => createSample(sample, () => void open(sample)))),
    kept,
    element(
      "p",
      { class: "private welcome-words" },
      icon("lock"),
      host
        ? `Photographs are coloured on ${host} and sent nowhere else. They are kept in this browser alone.`
        : "Nothing leaves this computer: photographs are coloured here, and kept in this browser alone.",
    ),
  );
  const open = async ({ address, name }: Sample) => {
    try {
      const file = await (await fetch(address)).blob();
      await works.openFiles([new File([file], name, { type: "image/jpeg" })]);
    } catch (error) {
      report(store, "The sample could not be opened", error);
    }
  };
  const showKept = async () => {
    const entries = createKept(await works.kept(), works, () => void showKept());
    const buttons = () => [...kept.querySelectorAll("button")];
    const focused = buttons().indexOf(document.activeElement as HTMLButtonElement);
    kept.replaceChildren(...entries);
    // What follows a work that was forgotten has the focus then.
    if (focused >= 0) {
      (buttons()[focused] ?? buttons().at(-1) ?? choose).focus();
    }
  };
  // Another tab may have been at work since.
  addEventListener("focus", () => !welcome.hidden && void showKept());
  store.watch((state, previous) => {
    welcome.hidden = state.photograph !== null || state.busy !== null;
    if (!state.photograph && (previous.photograph || state === previous)) {
      void showKept();
    }
  });
  return welcome;
}

function createSample({ title, address, author, page }: Sample, open: () => void): HTMLElement {
  const picture = element("img", { src: address, alt: "", width: "132", height: "132" });
  const link = (words: string, to: string) => element("a", { href: to, target: "_blank", rel: "noreferrer" }, words);
  return element(
    "li",
    {},
    element("button", { type: "button", class: "sample", onclick: open }, picture, title),
    element("small", {}, link(author, page), ", ", link(LICENSE.name, LICENSE.page)),
  );
}

function createKept(
  found: Awaited<ReturnType<Works["kept"]>>,
  works: Works,
  changed: () => void,
): readonly HTMLElement[] {
  if (found.length === 0) {
    return [];
  }
  const entries = found.map(({ key, name, history, saved, elsewhere }) => {
    const { length } = history.present.marks;
    const when = elsewhere ? "open in another tab" : DATES.format(saved);
    const words = `${name}, ${length === 1 ? "1 mark" : `${length} marks`}, ${when}`;
    const forget = iconButton(icon("remove"), `Forget ${name}`, () => void works.forget(key, changed).then(changed));
    forget.disabled = elsewhere;
    return element(
      "li",
      {},
      element("button", { type: "button", class: "button kept-work", onclick: () => void works.reopen(key) }, words),
      forget,
    );
  });
  return [element("h3", {}, "Or go on with"), element("ul", { "aria-label": "Kept works" }, ...entries)];
}
