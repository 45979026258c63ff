import { connection } from "next/server";
import { Form } from "./form.tsx";

export default async function FormPage() {
  await connection();
  return <Form />;
}
