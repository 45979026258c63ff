import { listHref } from "@openhouse/web/list-query";

export const developmentHref = (developmentId: string): string => `/developments/${developmentId}`;

export const editDevelopmentHref = (developmentId: string): string =>
  `${developmentHref(developmentId)}/edit`;

export const newUnitHref = (developmentId: string): string => `${developmentHref(developmentId)}/units/new`;

export const importHref = (developmentId: string): string => `${developmentHref(developmentId)}/import`;

export const unitHref = (developmentId: string, unitId: string): string =>
  `${developmentHref(developmentId)}/units/${unitId}`;

/** @param mail what came of a mail that was asked for elsewhere, for the page to say. */
export const homeownerHref = (developmentId: string, homeownerId: string, mail = ""): string =>
  listHref(`${developmentHref(developmentId)}/homeowners/${homeownerId}`, {}, { mail });

/** How codes stand on paper: several on a page, to be cut, or a page for each. */
export type SheetLayout = "cards" | "letters";

/** The print sheet of a development's codes. */
export const codesHref = (developmentId: string, page = 1, layout: SheetLayout = "cards"): string =>
  listHref(`${developmentHref(developmentId)}/codes`, { page }, { layout: layout === "cards" ? "" : layout });

/** Where a development's codes are sent by e-mail. */
export const mailCodesHref = (developmentId: string, page = 1): string =>
  listHref(`${developmentHref(developmentId)}/codes/mail`, { page });
