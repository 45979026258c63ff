"use client";

export { Problem as default } from "@openhouse/web/ui/problem";
