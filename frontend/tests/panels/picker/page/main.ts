/** The picker alone on a page, for tests/browser/test_picker.py: what it tells is kept, and shown to it again. */

import { createPicker, type PickerState } from "../../../../src/panels/picker/picker";

const suggestions: PickerState["suggestions"] = [
  { color: "#b89078", ab: [14, 18], probability: 0.41 },
  { color: "#8f9ab0", ab: [0, -13], probability: 0.22 },
  { color: "#b08fb0", ab: [18, -14], probability: 0.004 },
];
const picks: [string | null, boolean][] = [];
const host = document.getElementById("host") as HTMLElement;
const picker = createPicker(host, {
  onPick(color, final) {
    picks.push([color, final]);
    picker.show({ L: 62, color, suggestions });
  },
});
picker.show({ L: 62, color: "#b5651d", suggestions });
picker.setRecent(["#7fae54"]);

Object.assign(window, { picker, picks, suggestions });
