"use client";

import { formatDay, formatMoment } from "@openhouse/web/format";
import { useSyncExternalStore } from "react";

const TIME: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
const DAY: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" };

const never = () => () => {};

interface LocalTimeProps {
  /** An ISO 8601 instant. */
  at: string;
  /** The day alone, whenever it was; otherwise the time, and the day where that is not today. */
  dayOnly?: boolean;
}

/** An instant in the time zone of whoever reads. The server does not know it, and says UTC until the browser has the say. */
export function LocalTime({ at, dayOnly = false }: LocalTimeProps) {
  const inBrowser = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  const moment = new Date(at);
  return <time dateTime={at}>{inBrowser ? local(moment, dayOnly) : inUtc(moment, dayOnly)}</time>;
}

const inUtc = (moment: Date, dayOnly: boolean) => (dayOnly ? formatDay(moment) : formatMoment(moment));

function local(moment: Date, dayOnly: boolean): string {
  const now = new Date();
  const say = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("en-GB", options).format(moment);
  if (dayOnly) return say({ dateStyle: "medium" });
  if (moment.toDateString() === now.toDateString()) return say(TIME);
  const year = moment.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  return say({ ...DAY, ...year, ...TIME });
}
