/**
 * The service worker's part in the page: it keeps the studio's files, and serves them with the headers that let threads
 * share memory, which a plain web server does not send.
 */

import type { Progress } from "./progress";

/** Set over the one reload after which the service worker serves the page. */
const RELOADED = "photochrom-site-reloaded";

/**
 * Have the service worker serve the page.
 *
 * Where the browser has or allows none, the page goes on without: with one thread, and not offline.
 *
 * @returns Whether the page is about to be loaded anew.
 */
export async function install(onProgress: (progress: Progress) => void): Promise<boolean> {
  if (!("serviceWorker" in navigator)) {
    return false;
  }
  const { serviceWorker } = navigator;
  serviceWorker.addEventListener("message", ({ data }: MessageEvent<Progress>) => onProgress(data));
  serviceWorker.startMessages();
  const registration = await serviceWorker
    .register(new URL("service-worker.js", document.baseURI), { updateViaCache: "none" })
    .catch(() => null);
  if (serviceWorker.controller) {
    sessionStorage.removeItem(RELOADED);
    return false;
  }
  if (!registration || !(await isActive(registration)) || sessionStorage.getItem(RELOADED) !== null) {
    return false;
  }
  sessionStorage.setItem(RELOADED, "");
  location.reload();
  return true;
}

/** Whether it works, at the end of its installation. */
function isActive(registration: ServiceWorkerRegistration): Promise<boolean> {
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  return new Promise((resolve) => {
    const look = () => {
      if (worker?.state === "activated") {
        resolve(true);
      } else if (!worker || worker.state === "redundant") {
        resolve(false);
      }
    };
    worker?.addEventListener("statechange", look);
    look();
  });
}
