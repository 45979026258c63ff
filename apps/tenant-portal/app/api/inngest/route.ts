export { GET, POST, PUT } from "@openhouse/jobs/serve";
