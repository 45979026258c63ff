export {
  beginDraining,
  closeOnSignals,
  type LifecycleState,
  lifecycleState,
  markClosed,
  markOpen,
  takeOverSignals,
} from "./process/shutdown.ts";
export { forgetProcessWide, processWide, processWideCurrent } from "./process/singleton.ts";
