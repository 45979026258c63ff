import * as root from "@openhouse/pool";
import * as http from "@openhouse/pool/http";
import * as tenants from "@openhouse/pool/tenants";
import { report, smallJob } from "./small-job.mjs";

report(await smallJob({ root, http, tenants }, process.env.MATRIX_URL));
