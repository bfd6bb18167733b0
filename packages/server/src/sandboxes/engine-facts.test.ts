import { expect, test } from "vitest";
import { buildLimits, EngineAnswer, toEngineInfo } from "./engine-facts.ts";

const engine = EngineAnswer.parse({
  ...{ ServerVersion: "20.10.24", NCPU: 2, MemTotal: 8 * 2 ** 30, OperatingSystem: "Debian GNU/Linux 12" },
  ...{ SwapLimit: true, DefaultRuntime: "runc", Runtimes: { runc: {}, runsc: {} } },
  SecurityOptions: ["name=apparmor", "name=seccomp,profile=default", "name=rootless"],
});
const wanted = { memoryBytes: 4 * 2 ** 30, cpus: 1, runtime: null };

test("takes what the engine has at most, and names the runtime", () => {
  expect(buildLimits(wanted, engine)).toEqual({
    memoryBytes: 4 * 2 ** 30,
    cpus: 1,
    runtime: "runc",
    limitsSwap: true,
    callFilter: [],
  });
  expect(buildLimits({ memoryBytes: 2 ** 40, cpus: 64, runtime: "runsc" }, engine)).toEqual({
    ...{ memoryBytes: 8 * 2 ** 30, cpus: 2, runtime: "runsc", limitsSwap: true, callFilter: [] },
  });
  expect(buildLimits(wanted, { ...engine, SwapLimit: false }).limitsSwap).toBe(false);
});

test("a runtime that the engine does not have is named, with what it has", () => {
  const without = { ...engine, Runtimes: { runc: {} } };
  expect(() => buildLimits({ ...wanted, runtime: "runsc" }, without)).toThrow(
    /no container runtime "runsc".*runc.*gvisor/,
  );
});

test.each([
  ["an engine of now", ["name=seccomp,profile=builtin", "name=cgroupns"]],
  ["a profile of the user's", ["name=seccomp,profile=/etc/docker/seccomp.json"]],
])("takes the system call filter of %s", (_name, SecurityOptions) => {
  expect(buildLimits(wanted, { ...engine, SecurityOptions })).toMatchObject({ runtime: "runc", callFilter: [] });
});

// As Docker Desktop answers out of the box.
const desktop = {
  ...{ ...engine, ServerVersion: "27.3.1", OperatingSystem: "Docker Desktop" },
  SecurityOptions: ["name=seccomp,profile=unconfined", "name=cgroupns"],
};

test("asks Docker Desktop for the filter that it gives to nobody by itself", () => {
  expect(buildLimits(wanted, desktop)).toMatchObject({ runtime: "runc", callFilter: ["seccomp=builtin"] });
  expect(buildLimits(wanted, { ...desktop, ServerVersion: "23.0.0-rc.1" }).callFilter).toEqual(["seccomp=builtin"]);
  // One that is too old, Podman, and an engine of somebody's own making.
  for (const ServerVersion of ["22.06.0-beta.0", "4.9.3", "dev"]) {
    expect(() => buildLimits(wanted, { ...desktop, ServerVersion })).toThrow(/seccomp is off/);
  }
});

test.each([
  ["switched off", ["name=apparmor", "name=seccomp,profile=unconfined"]],
  ["not there", ["name=apparmor", "name=rootless"]],
  ["not there, nor anything else", null],
])("starts nothing where the engine's system call filter is %s", (_name, SecurityOptions) => {
  expect(() => buildLimits(wanted, { ...engine, SecurityOptions })).toThrow(/seccomp is off.*daemon\.json/);
});

test("Docker Desktop is reached by TCP, also where this process runs on Linux", () => {
  expect(toEngineInfo({ ...engine, OperatingSystem: "Docker Desktop" }, "auto").transport).toBe("tcp");
  expect(toEngineInfo(engine, "tcp").transport).toBe("tcp");
});
