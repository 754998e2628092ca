/** What the service worker tells pages while it fetches the studio's files. */
export interface Progress {
  readonly fetched: number;
  /** Of all files. */
  readonly bytes: number;
}
