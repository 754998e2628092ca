/** What a file is that the browser does not read, by its first bytes, and what its owner may do. */

/** Bytes of a file's beginning that tell. */
export const HEAD = 16;

const ELSEWHERE = "save it as PNG or JPEG, or use the installed Photochrom, which reads it";

const KINDS: readonly (readonly [offset: number, bytes: string, kind: string])[] = [
  [0, "\xff\xd8\xff", "a damaged JPEG"],
  [0, "\x89PNG", "a damaged PNG"],
  [0, "GIF8", "a damaged GIF"],
  [8, "WEBP", "a WebP that this browser cannot decode"],
  [0, "BM", "a BMP that this browser cannot decode"],
  [0, "II*\0", "a TIFF or a camera's raw file"],
  [0, "MM\0*", "a TIFF or a camera's raw file"],
  [0, "II+\0", "a BigTIFF"],
  [0, "MM\0+", "a BigTIFF"],
  [4, "ftypavif", "an AVIF that this browser cannot decode"],
  [4, "ftyphei", "a HEIC"],
  [4, "ftypmif1", "a HEIC"],
  [4, "ftyp", "a video"],
  [4, "JXL ", "a JPEG XL"],
  [0, "\xff\x0a", "a JPEG XL"],
  [4, "jP  ", "a JPEG 2000"],
  [0, "%PDF", "a PDF document"],
  [0, "8BPS", "a Photoshop document"],
];

/**
 * Why a file cannot be opened, in words.
 *
 * @param head - Its first `HEAD` bytes, or all there are.
 */
export function unreadable(head: Uint8Array): string {
  const text = String.fromCharCode(...head);
  const kind = KINDS.find(([offset, bytes]) => text.startsWith(bytes, offset))?.[2];
  return kind
    ? `it is ${kind}: ${ELSEWHERE}`
    : "it is no picture of a known kind: give a JPEG, PNG, WebP, AVIF, BMP or GIF";
}
