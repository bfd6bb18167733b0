import type { Fault } from "../fault.ts";
import { SERVER_KILLS } from "./server-kills.ts";

/** Every fault, in the order of the table. */
export const FAULTS: Fault[] = [...SERVER_KILLS];
