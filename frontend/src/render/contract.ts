/** What the page and the worker that draws say to each other. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** sRGB-encoded neutral gray, 0 to 255, row by row. */
export interface GrayPicture extends Size {
  readonly pixels: Uint8ClampedArray;
}

/** A photograph: its own size, and all of its gray, reduced by area to `levelSize` or near to that. */
export interface Photograph extends Size {
  /** What the page calls it; paintings name it. */
  readonly id: string;
  readonly gray: GrayPicture;
}

/** A part of the photograph, in its pixels; right and bottom are not included. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Where colours without hints come from: the annealed mean of the distribution, or regression. */
export type Decode = "vivid" | "accurate";

/** The network's answer in Lab units, planes of width x height, before saturation. */
export interface ColorGrid extends Size {
  readonly accurateA: Float32Array;
  readonly accurateB: Float32Array;
  readonly vividA: Float32Array;
  readonly vividB: Float32Array;
}

/** A person's hint, in fractions: x of the width, y of the height, the radius of the longer side. */
export interface Hint {
  readonly x: number;
  readonly y: number;
  /** "#rrggbb", or null: neutral here. */
  readonly color: string | null;
  readonly radius: number;
}

/** Numbers, row by row; the cells cover the photograph evenly. */
export interface Plane extends Size {
  readonly values: Float32Array;
}

/** What to show: the result, the photograph, its colours at one lightness, or how open they are. */
export type Mode = "result" | "original" | "chroma" | "uncertainty";

/** A view of the photograph: the gray of a part, reduced by area to the pixels to show, and what to make of it. */
export interface View extends GrayPicture {
  readonly rectangle: Rectangle;
  readonly decode: Decode;
  /** Factor of chroma, not negative. */
  readonly saturation: number;
  /** Added to b after that, in Lab units. */
  readonly temperature: number;
  readonly mode: Mode;
  /** For the mode of that name: 0, certain, to 1. */
  readonly uncertainty?: Plane;
}

/** A painted view, RGBA, fit for `new ImageData(pixels, width)`. */
export interface Painting extends Size {
  readonly id: string;
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** The worker, as `Comlink.wrap<Renderer>` shows it; its pictures are transferred, not copied. */
export interface Renderer {
  /** Begin with a photograph; its colours come later. */
  setPhotograph(photograph: Photograph): void;
  /** Take over the network's colours and the hints from which it made them. */
  setGrid(grid: ColorGrid, hints: readonly Hint[]): void;
  /** Paint a view; until there are colours, as the photograph is. */
  paint(view: View): Painting;
}
