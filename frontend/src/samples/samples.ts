/** Photographs to try the studio with; see examples/LICENSES.md. */

import canoe from "./canoe_on_a_lake.jpg";
import car from "./vintage_car.jpg";
import church from "./white_church.jpg";

export interface Sample {
  readonly title: string;
  readonly name: string;
  readonly address: string;
  readonly author: string;
  readonly page: string;
}

export const LICENSE = { name: "CC BY 2.0", page: "https://creativecommons.org/licenses/by/2.0/" };

export const SAMPLES: readonly Sample[] = [
  {
    title: "Vintage car",
    name: "vintage_car.jpg",
    address: car,
    author: "Greg Gjerdingen",
    page: "https://www.flickr.com/photos/greggjerdingen/30076813705",
  },
  {
    title: "White church",
    name: "white_church.jpg",
    address: church,
    author: "Phillip Pessar",
    page: "https://www.flickr.com/photos/southbeachcars/30890228762/",
  },
  {
    title: "Canoe on a lake",
    name: "canoe_on_a_lake.jpg",
    address: canoe,
    author: "Gordon Watt",
    page: "https://www.flickr.com/photos/16915761@N08/27918206525",
  },
];
