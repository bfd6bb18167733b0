import { SettingsAnswer, SettingsQuery, UpdateSettingsBody } from "@background-agents/shared/protocol/guard-commands";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { SettingService } from "./setting-service.ts";

/** `GET · PUT /api/settings`: what holds for everything or for one repository, and where each value comes from. */
export function settingRoutes(deps: {
  settings: SettingService;
  preset: Readonly<SettingsAnswer["preset"]>;
}): FastifyPluginAsyncZod {
  const { settings, preset } = deps;
  return async (app) => {
    app.get(
      "/api/settings",
      {
        schema: {
          tags: ["settings"],
          summary: "What can be set for everything, or for one repository, and where each value comes from",
          querystring: SettingsQuery,
          response: { 200: SettingsAnswer },
        },
      },
      async ({ query }) => ({ settings: settings.list(query.repository), preset: [...preset] }),
    );

    app.put(
      "/api/settings",
      {
        schema: {
          tags: ["settings"],
          summary: "Sets values by key and takes others back. All or none are stored",
          body: UpdateSettingsBody,
          response: { 200: SettingsAnswer },
        },
      },
      async ({ body }) => {
        settings.update(body, body.repository);
        return { settings: settings.list(body.repository), preset: [...preset] };
      },
    );
  };
}
