import { manyFiles } from "./canned-review.ts";
import { startFakeApi } from "./fake-api.ts";

/** `npm run fake-api -w @background-agents/web`: for work on the page without engine, agent or model. `--large`: 5,000 files. */
const large = process.argv.includes("--large") ? { files: manyFiles(5000, 50_000) } : {};
const api = await startFakeApi({ port: Number(process.env.PORT ?? 8787), paceMs: 40, ...large });
console.log(`Fake API on ${api.url}, session ${api.session.id}: open the page with #token=${api.token}`);
await api.play();
