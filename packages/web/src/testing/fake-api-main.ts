import { startFakeApi } from "./fake-api.ts";

/** `npm run fake-api -w @background-agents/web`: for work on the page without engine, agent or model. */
const api = await startFakeApi({ port: Number(process.env.PORT ?? 8787), paceMs: 40 });
console.log(`Fake API on ${api.url}, session ${api.session.id}: open the page with #token=${api.token}`);
await api.play();
