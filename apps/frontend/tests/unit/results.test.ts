import { expect, test, vi } from "vitest";
import { type Answer, Outbox, type Result } from "../../src/run/results";

const answer: Answer = { rows: [], progress: "" };

function result(execution: number): Result {
  return { execution, status: 4 };
}

test("what comes while a request is under way goes together", async () => {
  const requests: Result[][] = [];
  let finish: (value: Answer) => void = () => undefined;
  const send = vi.fn((_: string, body: unknown) => {
    requests.push(body as Result[]);
    return new Promise<Answer>((resolve) => {
      finish = resolve;
    });
  });
  const saved = vi.fn();
  const outbox = new Outbox("/ui/runs/9/results/", { saved, lost: vi.fn() }, send);
  outbox.add(result(1));
  outbox.add(result(2));
  outbox.add(result(3));
  expect(outbox.idle).toBe(false);
  finish(answer);
  await vi.waitFor(() => expect(requests.length).toBe(2));
  finish(answer);
  await vi.waitFor(() => expect(outbox.idle).toBe(true));
  expect(requests.map((list) => list.map((sent) => sent.execution))).toEqual([[1], [2, 3]]);
  expect(saved).toHaveBeenCalledTimes(2);
});

test("what was lost can be sent again", async () => {
  const executions: number[] = [];
  let broken = true;
  const send = (_: string, body: unknown) => {
    executions.push(...(body as Result[]).map((sent) => sent.execution));
    return broken ? Promise.reject(new Error("away")) : Promise.resolve(answer);
  };
  const lost = vi.fn();
  const outbox = new Outbox("/", { saved: vi.fn(), lost }, send);
  outbox.add(result(1));
  await vi.waitFor(() => expect(lost).toHaveBeenCalledOnce());
  broken = false;
  outbox.again(lost.mock.calls[0]?.[0]);
  await vi.waitFor(() => expect(outbox.idle).toBe(true));
  expect(executions).toEqual([1, 1]);
});
