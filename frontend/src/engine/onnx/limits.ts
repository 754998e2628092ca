/** What a tab can hold: while a photograph is decoded or saved, its pixels take four bytes each and more. */

export const MOST_PIXELS = 100_000_000;
export const MOST_BYTES = 2 ** 29;
/** No canvas of any browser is longer. */
export const MOST_SIDE = 32_767;
