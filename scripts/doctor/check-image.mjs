import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isEngineThere } from "./check-engine.mjs";
import { bad, ok, warn } from "./finding.mjs";
import { runCommand } from "./run-command.mjs";
import { runSetupScript } from "./run-setup-script.mjs";

const OUR_IMAGE = "background-agents-sandbox";

/** @param {import("./context.mjs").Context} context */
export async function checkImage(context) {
  const { root, sandboxImage, env } = context.settings;
  if (!(await isEngineThere(context))) return [warn("not looked at: there is no engine to ask")];
  const format = '{{.Id}} {{index .Config.Labels "background-agents.input-hash"}}';
  const answer = await runCommand(["docker", "image", "inspect", "--format", format, sandboxImage], { env });
  const present = answer.code === 0 ? answer.stdout.trim() : undefined;
  if (sandboxImage !== OUR_IMAGE) {
    if (present !== undefined) return [ok(`${sandboxImage} is there (your own; never rebuilt)`)];
    return [
      bad(`SANDBOX_IMAGE names ${sandboxImage}, which the engine does not have`, "build or pull it, or unset it"),
    ];
  }
  const repair = { words: `build ${OUR_IMAGE}`, run: () => runSetupScript(context, "ensure-image.sh") };
  if (present === undefined) return [bad(`${OUR_IMAGE} is not built`, "./scripts/dev.sh builds it", repair)];

  const bundled = await runCommand([process.execPath, join("packages", "sandbox", "scripts", "bundle.mjs")], {
    env,
    cwd: root,
  });
  if (bundled.code !== 0) {
    return [warn(`${OUR_IMAGE} is there; whether it is current cannot be told: the supervisor cannot be bundled`)];
  }
  const wanted = readFileSync(join(root, "packages", "sandbox", "dist", "input-hash"), "utf8").trim();
  if (present.endsWith(` ${wanted}`)) return [ok(`${OUR_IMAGE} is built and current`)];
  return [warn(`${OUR_IMAGE} was built from other sources`, "./scripts/dev.sh builds it anew", repair)];
}
