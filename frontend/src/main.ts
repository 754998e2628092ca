/** The studio before its service. */

import { HttpEngine } from "./engine/http";
import { openPage } from "./page";

openPage((onPresence) => {
  // The service that the page came from; what follows # stays in the browser.
  const told = new URLSearchParams(location.hash.slice(1));
  const base = new URL(".", location.href).href;
  return new HttpEngine({ base, token: told.get("token"), opening: told.get("opening") }, onPresence);
});
