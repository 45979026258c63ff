"use client";

export { ErrorPage as default } from "@openhouse/web/ui/error-page";
