import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { CATALOGUE } from "@background-agents/shared/models/catalogue-data";
import { splitModelId } from "@background-agents/shared/models/catalogue";
import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { agentEnvironment, ensureNoModels } from "../src/opencode/opencode-environment.ts";
import { startOpenCodeProcess } from "../src/opencode/opencode-process.ts";
import { makeSandboxFixture, pinnedOpenCode } from "../src/testing/sandbox-fixture.ts";

const Offered = z.object({
  providers: z.array(
    z.object({
      id: z.string(),
      models: z.record(
        z.string(),
        z.object({
          api: z.object({ npm: z.string() }),
          capabilities: z.object({
            attachment: z.boolean(),
            input: z.object({ image: z.boolean(), pdf: z.boolean() }),
          }),
          variants: z.record(z.string(), z.unknown()),
        }),
      ),
    }),
  ),
});

it("offers the catalogue's models and no others, with their efforts, and shows them pictures", async () => {
  const { root, paths, spec, remove } = await makeSandboxFixture();
  onTestFinished(remove);
  mkdirSync(join(paths.state, "home"));
  ensureNoModels(paths.state);
  const env = agentEnvironment({
    state: paths.state,
    config: spec.opencodeConfig,
    password: "pw",
    egressRelayPort: spec.egressRelayPort,
    gitAccess: {},
    inherited: process.env,
  });
  const agent = await startOpenCodeProcess({
    binary: pinnedOpenCode().binary,
    cwd: root,
    env,
    onLog: () => undefined,
    readyTimeoutMs: 60_000,
  });
  onTestFinished(() => agent.kill());
  const authorization = `Basic ${Buffer.from("opencode:pw").toString("base64")}`;
  const answer = await fetch(`${agent.url}/config/providers`, { headers: { authorization } });
  const { providers } = Offered.parse(await answer.json());

  const offered = providers.flatMap(({ id, models }) =>
    Object.entries(models).map(([name, { api, capabilities, variants }]) => ({
      id: `${id}/${name}`,
      npm: api.npm,
      efforts: Object.keys(variants).toSorted(),
      reads: [capabilities.attachment, capabilities.input.image, capabilities.input.pdf],
    })),
  );
  expect(offered.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual(
    CATALOGUE.map(({ id, efforts, scripted }) => ({
      id,
      npm: splitModelId(id).provider === "openai" ? "@ai-sdk/openai" : "@ai-sdk/anthropic",
      efforts: efforts.toSorted(),
      reads: [!scripted, !scripted, !scripted],
    })).toSorted((a, b) => a.id.localeCompare(b.id)),
  );
});
