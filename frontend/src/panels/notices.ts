/** Notices over the canvas, read aloud as they come. */

import { anchorOf } from "../document/document";
import { dismiss } from "../studio/notices";
import { type Notice, presentDocument, type State, selectedMark } from "../studio/state";
import type { Store } from "../studio/store";
import { element, iconButton, textButton } from "./elements";
import { icon } from "./icons";
import { wordsFor } from "./marks";

export function createNotices(store: Store<State>): HTMLElement {
  const list = element("div", { class: "notices", role: "log", "aria-label": "Notices" });
  const shown = new Map<number, HTMLElement>();
  store.watch(({ notices }) => {
    for (const [id, notice] of shown) {
      if (!notices.some((other) => other.id === id)) {
        notice.remove();
        shown.delete(id);
      }
    }
    for (const notice of notices) {
      if (!shown.has(notice.id)) {
        const made = createNotice(store, notice);
        shown.set(notice.id, made);
        list.append(made);
      }
    }
  });
  return list;
}

function createNotice(store: Store<State>, { id, kind, words, action }: Notice): HTMLElement {
  const notice = element("div", { class: `notice ${kind}` }, element("p", {}, words));
  if (action) {
    const take = () => {
      dismiss(store, id);
      action.run();
    };
    notice.append(textButton(action.words, take));
  }
  notice.append(iconButton(icon("close"), "Dismiss", () => dismiss(store, id)));
  return notice;
}

/** What changes on the canvas, for those who do not see it. */
export function createAnnouncer(store: Store<State>): HTMLElement {
  const announcer = element("div", { class: "visually-hidden", role: "status" });
  const say = (words: string) => {
    announcer.textContent = words;
  };
  const count = (state: State) => presentDocument(state).marks.length;
  store.watch((state, previous) => {
    const mark = selectedMark(state);
    if (state.photograph && count(state) === 0 && count(previous) > 0) {
      say("No marks.");
    } else if (state.crosshair && state.crosshair !== previous.crosshair) {
      const { x, y } = state.crosshair;
      say(`Crosshair ${Math.round(x * 100)} % across, ${Math.round(y * 100)} % down.`);
    } else if (mark && mark !== selectedMark(previous) && !state.uncolored.has(mark.id)) {
      const { x, y } = anchorOf(mark);
      say(`${wordsFor(state, mark)}, ${Math.round(x * 100)} % across, ${Math.round(y * 100)} % down.`);
    } else if (state.tool !== previous.tool) {
      say(`Tool: ${state.tool}.`);
    } else if (state.view !== previous.view) {
      say(`View: ${state.view}.`);
    }
  });
  return announcer;
}
