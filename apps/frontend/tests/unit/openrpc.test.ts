import { readFileSync } from "node:fs";
import * as meta from "@open-rpc/meta-schema";
import Ajv from "ajv";
import { expect, test } from "vitest";

const file = "../../docs/reference/openrpc.json";

// the schema names a dialect of its own that adds nothing to JSON Schema
const { openrpcDocument } = meta as unknown as { openrpcDocument: Record<string, unknown> };
const { $schema: _, ...schema } = openrpcDocument;
const text = JSON.stringify(schema).replaceAll(
  /https:\/\/meta\.json-schema\.tools(\/#\/definitions\/JSONSchemaObject|\/)?/g,
  "http://json-schema.org/draft-07/schema#",
);
const ajv = new Ajv({ strict: false, validateFormats: false });
const validate = ajv.compile(JSON.parse(text));

test("the OpenRPC document is one", () => {
  const document = JSON.parse(readFileSync(file, "utf8"));
  validate(document);
  expect(validate.errors).toBeNull();
  expect(document.methods.length).toBeGreaterThan(100);
});

test("the schema refuses what is none", () => {
  const document = JSON.parse(readFileSync(file, "utf8"));
  document.methods[0].params = "none";
  expect(validate(document)).toBe(false);
});

test("examples obey the schemas of their methods", () => {
  const document = JSON.parse(readFileSync(file, "utf8"));
  const wrong: string[] = [];
  const check = (name: string, schema: object, value: unknown) => {
    if (!ajv.validate(schema, value)) {
      wrong.push(`${name}: ${ajv.errorsText()}`);
    }
  };
  for (const method of document.methods) {
    const [example] = method.examples;
    check(method.name, method.result.schema, example.result.value);
    for (const [index, given] of example.params.entries()) {
      check(`${method.name} ${given.name}`, method.params[index].schema, given.value);
    }
  }
  expect(wrong).toEqual([]);
});
