import { expect, test } from "vitest";
import { buildFloorArguments } from "./floor-container.ts";

const args = buildFloorArguments({
  image: "some-image",
  instance: "bench-1",
  limits: { memoryBytes: 4 * 2 ** 30, cpus: 1.5, runtime: "runsc" },
  volumes: { workspace: "w", state: "s" },
  modelUrl: "http://172.17.0.1:5555",
  model: { providerID: "anthropic", modelID: "claude-sonnet-5" },
  promptText: 'Say "nothing"',
  extraHosts: ["here:host-gateway"],
});

const valuesOf = (flag: string) => args.filter((_value, index) => args[index - 1] === flag);
const environment = Object.fromEntries(
  valuesOf("--env").map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
);

test("the floor has a sandbox's limits and tightening", () => {
  expect(args).toEqual(expect.arrayContaining(["--read-only", "--init"]));
  expect(valuesOf("--user")).toEqual(["10001:10001"]);
  expect(valuesOf("--cap-drop")).toEqual(["ALL"]);
  expect(valuesOf("--security-opt")).toEqual(["no-new-privileges:true"]);
  expect(valuesOf("--memory")).toEqual([`${4 * 2 ** 30}b`]);
  expect(valuesOf("--cpus")).toEqual(["1.5"]);
  expect(valuesOf("--runtime")).toEqual(["runsc"]);
  expect(valuesOf("--ulimit")).toEqual(["nofile=8192:8192", "core=0:0"]);
  expect(valuesOf("--tmpfs")[0]).toMatch(/^\/tmp:rw,/);
});

test("it gets its volumes and nothing of the host", () => {
  expect(valuesOf("--mount")).toEqual(["type=volume,source=w,target=/workspace", "type=volume,source=s,target=/state"]);
  expect(valuesOf("--label")).toEqual(["background-agents.instance=bench-1"]);
});

test("its agent has a sandbox's configuration, with a straight way to the model", () => {
  const config: unknown = JSON.parse(environment["OPENCODE_CONFIG_CONTENT"] ?? "");
  expect(config).toHaveProperty("provider.anthropic.options.baseURL", "http://172.17.0.1:5555/llm/anthropic/v1");
  expect(config).toHaveProperty("permission");
  expect(JSON.stringify(config)).not.toContain("127.0.0.1");
  expect(Object.keys(environment).filter((name) => /^https?_proxy$/i.test(name))).toEqual([]);
  expect(JSON.parse(environment["FLOOR_PROMPT"] ?? "")).toEqual({
    model: { providerID: "anthropic", modelID: "claude-sonnet-5" },
    parts: [{ type: "text", text: 'Say "nothing"' }],
  });
});

test("bash runs the script in the image, after all options", () => {
  expect(args.slice(-5, -1)).toEqual(["--entrypoint", "bash", "some-image", "-c"]);
});
