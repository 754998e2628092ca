import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createConnection, type Fetched, Gone, pauseBefore } from "../../src/engine/connection";
import { type Presence, Refusal } from "../../src/engine/engine";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const AWAY = new TypeError("Failed to fetch");

function answered(status: number, detail = "", headers: Record<string, string> = {}): Fetched<string> {
  const response = new Response(null, { status, headers });
  return response.ok ? { data: "colours", response } : { error: { status, detail }, response };
}

/** Answers in their order, errors thrown. */
function service(...answers: readonly (Fetched<string> | Error)[]) {
  const left = [...answers];
  return vi.fn(async () => {
    const answer = left.shift();
    if (!answer || answer instanceof Error) {
      throw answer ?? new Error("asked too often");
    }
    return answer;
  });
}

test("while the service is away it is asked again, ever more slowly, and both is told", async () => {
  const told: Presence[] = [];
  const send = service(AWAY, AWAY, AWAY, answered(200));
  const asked = createConnection((now) => told.push(now)).ask(send);
  await vi.advanceTimersByTimeAsync(400 + 800 - 1);
  expect(send).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(1 + 1600);
  expect((await asked).data).toBe("colours");
  expect(told).toEqual(["away", "here"]);
});

test("a busy service is asked again when it says", async () => {
  const send = service(answered(503, "", { "Retry-After": "3" }), answered(200));
  const asked = createConnection(() => undefined).ask(send);
  await vi.advanceTimersByTimeAsync(2999);
  expect(send).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect((await asked).data).toBe("colours");
});

test("a service that stays busy is told after some seconds, and asked for as long as it takes", async () => {
  const told: Presence[] = [];
  const busy = Array.from({ length: 20 }, () => answered(503, "too many requests", { "Retry-After": "1" }));
  const asked = createConnection((now) => told.push(now)).ask(service(...busy, answered(200)));
  await vi.advanceTimersByTimeAsync(2500);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(3000);
  expect(told).toEqual(["busy"]);
  await vi.advanceTimersByTimeAsync(15_000);
  expect((await asked).data).toBe("colours");
  expect(told).toEqual(["busy", "here"]);
});

test.each([
  ["took too long", { "Retry-After": "10" }],
  ["is out of order", {}],
])("a service that says three times that it %s has refused", async (detail, headers) => {
  const told: Presence[] = [];
  const send = service(...Array.from({ length: 3 }, () => answered(503, detail, headers)));
  const failed = createConnection((now) => told.push(now)).ask(send);
  const refused = expect(failed).rejects.toThrow(new Refusal(detail));
  await vi.advanceTimersByTimeAsync(20_000);
  await refused;
  expect(send).toHaveBeenCalledTimes(3);
  expect(told.filter((presence) => presence !== "here").length).toBe(told.length / 2);
});

test("a service behind a proxy that does not reach it is away", async () => {
  const told: Presence[] = [];
  const asked = createConnection((now) => told.push(now)).ask(service(...Array(9).fill(answered(502)), answered(200)));
  await vi.advanceTimersByTimeAsync(80_000);
  expect((await asked).data).toBe("colours");
  expect(told).toEqual(["away", "here"]);
});

test("a refusal is final, in the service's own words", async () => {
  const send = service(answered(422, "the picture is broken"));
  const failed = createConnection(() => undefined).ask(send);
  await expect(failed).rejects.toThrow(new Refusal("the picture is broken"));
});

test("what the service forgot is told apart from refusals", async () => {
  await expect(createConnection(() => undefined).ask(service(answered(404, "gone")))).rejects.toBeInstanceOf(Gone);
});

test("who stops asking does not wait for the pause to end", async () => {
  const stop = new AbortController();
  const asked = createConnection(() => undefined).ask(service(AWAY), stop.signal);
  const failed = expect(asked).rejects.toMatchObject({ name: "AbortError" });
  await vi.advanceTimersByTimeAsync(10);
  stop.abort();
  await failed;
});

test("mistakes of the page are not taken for an absent service", async () => {
  const asked = createConnection(() => undefined).ask(service(new RangeError("mine")));
  await expect(asked).rejects.toThrow("mine");
});

test("pauses never grow beyond some seconds", () => {
  expect(pauseBefore(50, undefined)).toBe(8000);
  expect(pauseBefore(0, new Response(null, { headers: { "Retry-After": "3600" } }))).toBe(8000);
});
