export { processGlobal } from "./process/process-global.ts";
export {
  beginDraining,
  closeOnSignals,
  type LifecycleState,
  lifecycleState,
  markClosed,
  markOpen,
  takeOverSignals,
} from "./process/shutdown.ts";
export { type EndSignal, onSignals } from "./process/signals.ts";
export { forgetProcessWide, processWide, processWideCurrent } from "./process/singleton.ts";
