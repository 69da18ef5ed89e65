import { beforeEach, expect, test } from "vitest";
import { List, readStatuses } from "../../src/run/list";

function row(id: number, status: number, summary = `Case ${id}`) {
  return `<tr id="test-execution-${id}" data-id="${id}" data-status="${status}">
    <td><button class="status tone-grey glyph-circle">Idle</button></td><td class="ids">TE-${id}/TC-${id}</td>
    <th><button>${summary}</button></th></tr>`;
}

let list: List;
let body: HTMLElement;

beforeEach(() => {
  document.body.innerHTML = `
    <div id="menu">
      <button data-status="4" data-name="Passed" data-tone="green" data-glyph="check-circle" data-sign="positive" data-digit="1" data-letter="p"></button>
      <button data-status="1" data-name="Idle" data-tone="grey" data-glyph="circle" data-sign="neutral"></button>
    </div>
    <table><tbody>${row(1, 1)}${row(2, 4)}${row(3, 1)}</tbody></table>`;
  body = document.querySelector("tbody") as HTMLElement;
  list = new List(body, readStatuses(document.querySelector("#menu") as HTMLElement));
});

const id = (found: HTMLElement | null) => (found ? List.id(found) : null);

test("neighbours end at the ends", () => {
  expect(id(list.beside(list.row(1), 1))).toBe(2);
  expect(list.beside(list.row(3), 1)).toBeNull();
  expect(id(list.beside(null, -1))).toBe(3);
});

test("the next unfinished one skips results and starts again at the top", () => {
  expect(id(list.unfinishedBeside(list.row(1), 1))).toBe(3);
  expect(id(list.unfinishedBeside(list.row(3), 1))).toBe(1);
  expect(id(list.unfinishedBeside(list.row(3), -1))).toBe(1);
  expect(id(list.unfinishedBeside(null, 1))).toBe(1);
});

test("with nothing left there is no next one", () => {
  for (const element of body.children) {
    (element as HTMLElement).dataset.status = "4";
  }
  expect(list.unfinishedBeside(list.row(2), 1)).toBeNull();
  expect(list.unfinishedBeside(null, 1)).toBeNull();
});

test("a status shows at once", () => {
  const first = list.row(1) as HTMLElement;
  const passed = list.status(list.row(2) as HTMLElement);
  list.show(first, passed as NonNullable<typeof passed>);
  expect(list.unfinished(first)).toBe(false);
  expect(first.classList.contains("saving")).toBe(true);
  expect(first.querySelector(".status")?.className).toBe("status tone-green glyph-check-circle");
  expect(first.querySelector(".status")?.textContent).toBe("Passed");
});

test("rows from the server replace the old ones and keep the choice", () => {
  list.choose(list.row(1) as HTMLElement);
  list.replace(row(1, 4, "New title") + row(99, 4));
  expect(list.length).toBe(3);
  expect(id(list.current)).toBe(1);
  expect(List.summary(list.row(1) as HTMLElement)).toBe("New title");
});

test("only one row is chosen", () => {
  list.choose(list.row(1) as HTMLElement);
  list.choose(list.row(3) as HTMLElement);
  expect(body.querySelectorAll('[aria-current="true"]').length).toBe(1);
  expect(list.position(list.row(3) as HTMLElement)).toBe(3);
});
