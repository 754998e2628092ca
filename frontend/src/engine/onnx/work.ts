/** One photograph at work: encoded once, coloured as often as its hints change. The port of `photochrom.pipeline.Work`. */

import type { Hint, Plane } from "../../render/contract";
import type { Guidance, Place, Suggestion } from "../engine";
import { cellAt, openPlace, probabilities, suggestionsOf, tellingPlace, uncertaintyOf } from "./distribution";
import type { Encoded, Prediction } from "./network";
import type { Photograph } from "./photograph";
import { defaultRandom, draw, type Random } from "./random";

const SUGGESTIONS = 5;
const RADIUS = 0.01;
/** A variant is told colours at this many places, each drawn from the distribution there. */
const VARIANT_PLACES = 4;
const VARIANT_TEMPERATURE = 0.6;
/** The page asks for colours with a mark, for suggestions without it, and goes back and forth with undo. */
const KEPT_PREDICTIONS = 4;

/** What a work asks of the network. */
export interface Coder {
  encode(lightness: Plane): Promise<Encoded>;
  decode(encoded: Encoded, guidance: Guidance): Promise<Prediction>;
}

export class Work {
  readonly photograph: Photograph;
  readonly #network: () => Promise<Coder>;
  #encoded: Encoded | undefined;
  readonly #predictions = new Map<string, Prediction>();

  /**
   * @param network - Asked for with the first question: it may still be on its way.
   */
  constructor(photograph: Photograph, network: () => Promise<Coder>) {
    this.photograph = photograph;
    this.#network = network;
  }

  async predict({ hints, reference }: Guidance): Promise<Prediction> {
    const key = JSON.stringify([hints, reference]);
    const prediction = this.#predictions.get(key) ?? (await this.#decode({ hints, reference }));
    this.#predictions.delete(key);
    this.#predictions.set(key, prediction);
    const [oldest] = this.#predictions.keys();
    if (this.#predictions.size > KEPT_PREDICTIONS && oldest !== undefined) {
      this.#predictions.delete(oldest);
    }
    return prediction;
  }

  async #decode(guidance: Guidance): Promise<Prediction> {
    const network = await this.#network();
    this.#encoded ??= await network.encode(this.photograph.lightness);
    return network.decode(this.#encoded, guidance);
  }

  async suggestions(guidance: Guidance, place: Place, count: number): Promise<readonly Suggestion[]> {
    return this.#suggestionsAt(await this.predict(guidance), place, count);
  }

  async uncertainty(guidance: Guidance): Promise<Plane> {
    return uncertaintyOf((await this.predict(guidance)).logits);
  }

  async nextHint(guidance: Guidance): Promise<Place> {
    const { logits, reach } = await this.predict(guidance);
    return tellingPlace(logits, reach);
  }

  /** The hints of different colourings, drawn as `photochrom.pipeline.Work.variants` does; the given ones first. */
  async variants(guidance: Guidance, count: number, seed: number): Promise<readonly (readonly Hint[])[]> {
    const usual = await this.predict(guidance);
    const place = openPlaceOf(usual);
    const first = this.#suggestionsAt(usual, place, count);
    const variants = [guidance.hints];
    for (let number = 1; number < count; number++) {
      const { color } = first[number % first.length] as Suggestion;
      const begun = { ...guidance, hints: [...guidance.hints, { ...place, color, radius: RADIUS }] };
      variants.push(await this.#drawVariant(begun, defaultRandom([seed, number])));
    }
    return variants;
  }

  async #drawVariant({ hints, reference }: Guidance, random: Random): Promise<readonly Hint[]> {
    let drawn = hints;
    for (let i = 1; i < VARIANT_PLACES; i++) {
      const prediction = await this.predict({ hints: drawn, reference });
      const place = openPlaceOf(prediction);
      const offers = this.#suggestionsAt(prediction, place, SUGGESTIONS, VARIANT_TEMPERATURE);
      const chances = offers.map(({ probability }) => probability);
      const { color } = offers[draw(random, chances)] as Suggestion;
      drawn = [...drawn, { ...place, color, radius: RADIUS }];
    }
    return drawn;
  }

  #suggestionsAt({ logits }: Prediction, place: Place, count: number, temperature = 1): Suggestion[] {
    const { lightness } = this.photograph;
    const own = lightness.values[cellAt(lightness, place)] as number;
    return suggestionsOf(probabilities(logits, cellAt(logits, place), temperature), own, count);
  }
}

function openPlaceOf({ logits, reach }: Prediction): Place {
  return openPlace(uncertaintyOf(logits), reach);
}
