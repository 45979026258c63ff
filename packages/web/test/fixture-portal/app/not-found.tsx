import { connection } from "next/server";

export default async function NotFound() {
  await connection();
  return <p>There is no page here</p>;
}
