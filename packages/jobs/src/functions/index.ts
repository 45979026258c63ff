import { cleanUpNightly, cleanUpTenant } from "./clean-up.ts";
import { indexUploadedDocument } from "./index-document.ts";
import { sweep } from "./sweep.ts";
import { titleThreadWhenIdle } from "./title-thread.ts";

/** Every job there is. */
export const functions = [indexUploadedDocument, titleThreadWhenIdle, sweep, cleanUpNightly, cleanUpTenant];
