import { expect, it } from "vitest";
import { cannedSecret } from "../../../testing/canned-guard.ts";
import { problemOf } from "./secret-dialog.tsx";

const fresh = { name: "A_KEY", value: "x", secret: null, taken: ["B_KEY"] };

it.each([fresh, { ...fresh, value: "", secret: cannedSecret("A_KEY") }])("lets what is whole be saved (%#)", (form) => {
  expect(problemOf(form)).toBeNull();
});

it.each([
  [{ ...fresh, name: "" }, /Give it a name/],
  [{ ...fresh, name: "2FA" }, /must look like a variable/],
  [{ ...fresh, name: "B_KEY" }, /B_KEY already/],
  [{ ...fresh, only: [] }, /Choose the repositories/],
  [{ ...fresh, value: "" }, /Write its value/],
  [{ ...fresh, value: "é".repeat(8193) }, /16,386 bytes/],
  [{ ...fresh, value: "", secret: cannedSecret("A_KEY", { readable: false }) }, /Write its value/],
])("knows what stands in the way of saving (%#)", (form, problem) => {
  expect(problemOf(form)).toMatch(problem);
});
