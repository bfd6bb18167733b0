import { z } from "zod";

/**
 * What we read of OpenCode's events and messages (1.18). Loose on purpose: unknown fields and unknown part types pass,
 * an event that does not fit is dropped by the reader.
 */
const Metadata = z.record(z.string(), z.unknown());
const Span = z.object({ start: z.number(), end: z.number().optional() });

export const ToolState = z.discriminatedUnion("status", [
  z.object({ status: z.literal("pending"), input: Metadata.optional() }),
  z.object({
    status: z.literal("running"),
    input: Metadata.optional(),
    title: z.string().optional(),
    metadata: Metadata.optional(),
    time: Span,
  }),
  z.object({
    status: z.literal("completed"),
    input: Metadata,
    output: z.string(),
    title: z.string().optional(),
    metadata: Metadata.optional(),
    time: Span,
  }),
  z.object({
    status: z.literal("error"),
    input: Metadata,
    error: z.string(),
    metadata: Metadata.optional(),
    time: Span,
  }),
]);
export type ToolState = z.infer<typeof ToolState>;

const place = { id: z.string(), sessionID: z.string(), messageID: z.string() };

export const TextPart = z.object({
  ...place,
  type: z.enum(["text", "reasoning"]),
  text: z.string(),
  synthetic: z.boolean().optional(),
  time: Span.optional(),
});
export type TextPart = z.infer<typeof TextPart>;

export const ToolPart = z.object({ ...place, type: z.literal("tool"), tool: z.string(), state: ToolState });
export type ToolPart = z.infer<typeof ToolPart>;

export const OpenCodePart = z.union([TextPart, ToolPart, z.object({ ...place, type: z.string() })]);
export type OpenCodePart = z.infer<typeof OpenCodePart>;

export const OpenCodeError = z.object({
  name: z.string(),
  data: z.looseObject({ message: z.string().optional(), statusCode: z.number().optional() }).optional(),
});
export type OpenCodeError = z.infer<typeof OpenCodeError>;

export const MessageInfo = z.object({
  id: z.string(),
  sessionID: z.string(),
  role: z.enum(["user", "assistant"]),
  parentID: z.string().optional(),
  error: OpenCodeError.optional(),
  time: z.object({ created: z.number(), completed: z.number().optional() }),
});
export type MessageInfo = z.infer<typeof MessageInfo>;

export const Message = z.object({ info: MessageInfo, parts: z.array(OpenCodePart) });
export type Message = z.infer<typeof Message>;

export const SessionStatus = z.discriminatedUnion("type", [
  z.object({ type: z.literal("idle") }),
  z.object({ type: z.literal("busy") }),
  z.object({ type: z.literal("retry"), attempt: z.number(), message: z.string(), next: z.number() }),
]);

const Todos = z.array(
  z.object({
    content: z.string(),
    status: z.enum(["pending", "in_progress", "completed", "cancelled"]).catch("pending"),
  }),
);

export const QuestionRequest = z.object({
  id: z.string(),
  questions: z.array(
    z.object({
      question: z.string(),
      header: z.string().default(""),
      options: z.array(z.object({ label: z.string(), description: z.string().default("") })).default([]),
      multiple: z.boolean().optional(),
      custom: z.boolean().optional(),
    }),
  ),
});
export type QuestionRequest = z.infer<typeof QuestionRequest>;

export const PermissionRequest = z.object({ id: z.string(), permission: z.string(), patterns: z.array(z.string()) });
export type PermissionRequest = z.infer<typeof PermissionRequest>;

const ofSession = { sessionID: z.string() };
const ofRequest = { ...ofSession, requestID: z.string() };

export const OpenCodeEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("server.connected") }),
  z.object({
    type: z.literal("session.created"),
    properties: z.object({ info: z.object({ id: z.string(), parentID: z.string().optional() }) }),
  }),
  z.object({ type: z.literal("session.status"), properties: z.object({ ...ofSession, status: SessionStatus }) }),
  z.object({ type: z.literal("session.idle"), properties: z.object(ofSession) }),
  z.object({
    type: z.literal("session.error"),
    properties: z.object({ sessionID: z.string().optional(), error: OpenCodeError.optional() }),
  }),
  z.object({ type: z.literal("message.updated"), properties: z.object({ info: MessageInfo }) }),
  z.object({ type: z.literal("message.part.updated"), properties: z.object({ part: OpenCodePart }) }),
  z.object({
    type: z.literal("message.part.delta"),
    properties: z.object({
      ...ofSession,
      messageID: z.string(),
      partID: z.string(),
      field: z.string(),
      delta: z.string(),
    }),
  }),
  z.object({
    type: z.literal("message.part.removed"),
    properties: z.object({ ...ofSession, messageID: z.string(), partID: z.string() }),
  }),
  z.object({ type: z.literal("question.asked"), properties: QuestionRequest }),
  z.object({
    type: z.literal("question.replied"),
    properties: z.object({ ...ofRequest, answers: z.array(z.array(z.string())) }),
  }),
  z.object({ type: z.literal("question.rejected"), properties: z.object(ofRequest) }),
  z.object({ type: z.literal("permission.asked"), properties: PermissionRequest }),
  z.object({
    type: z.literal("permission.replied"),
    properties: z.object({ ...ofRequest, reply: z.enum(["once", "always", "reject"]) }),
  }),
  z.object({ type: z.literal("todo.updated"), properties: z.object({ ...ofSession, todos: Todos }) }),
]);
export type OpenCodeEvent = z.infer<typeof OpenCodeEvent>;
