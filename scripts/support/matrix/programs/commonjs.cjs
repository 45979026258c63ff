const root = require("@openhouse/pool");
const http = require("@openhouse/pool/http");
const tenants = require("@openhouse/pool/tenants");

import("./small-job.mjs").then(async ({ report, smallJob }) =>
  report(await smallJob({ root, http, tenants }, process.env.MATRIX_URL)),
);
