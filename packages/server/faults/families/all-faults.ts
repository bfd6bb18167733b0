import type { Fault } from "../fault.ts";
import { ASKING_FAULTS } from "./asking-faults.ts";
import { CHECKPOINT_FAULTS } from "./checkpoint-faults.ts";
import { CLIENT_FAULTS } from "./client-faults.ts";
import { CLOCK_FAULTS } from "./clock-faults.ts";
import { CONTAINER_FAULTS } from "./containers.ts";
import { DISK_FAULTS } from "./disk-faults.ts";
import { ENGINE_FAULTS } from "./engine-faults.ts";
import { FAILPOINT_FAULTS } from "./failpoints.ts";
import { LINK_FAULTS } from "./links.ts";
import { PROMPT_FAULTS } from "./prompt-faults.ts";
import { PROVIDER_FAULTS } from "./provider-faults.ts";
import { PUSH_FAULTS } from "./push-faults.ts";
import { SERVER_KILLS } from "./server-kills.ts";
import { STORAGE_FAULTS } from "./storage-faults.ts";
import { USER_FAULTS } from "./user-faults.ts";

/** Every fault, in the order of the table. */
export const FAULTS: Fault[] = [
  ...SERVER_KILLS,
  ...FAILPOINT_FAULTS,
  ...PROMPT_FAULTS,
  ...ASKING_FAULTS,
  ...PROVIDER_FAULTS,
  ...CHECKPOINT_FAULTS,
  ...LINK_FAULTS,
  ...CONTAINER_FAULTS,
  ...ENGINE_FAULTS,
  ...CLIENT_FAULTS,
  ...STORAGE_FAULTS,
  ...DISK_FAULTS,
  ...CLOCK_FAULTS,
  ...USER_FAULTS,
  ...PUSH_FAULTS,
];
