export const developmentHref = (developmentId: string): string => `/developments/${developmentId}`;

export const editDevelopmentHref = (developmentId: string): string =>
  `${developmentHref(developmentId)}/edit`;

export const newUnitHref = (developmentId: string): string => `${developmentHref(developmentId)}/units/new`;

export const importHref = (developmentId: string): string => `${developmentHref(developmentId)}/import`;

export const unitHref = (developmentId: string, unitId: string): string =>
  `${developmentHref(developmentId)}/units/${unitId}`;

export const homeownerHref = (developmentId: string, homeownerId: string): string =>
  `${developmentHref(developmentId)}/homeowners/${homeownerId}`;

/** The print sheet of a development's codes. */
export const codesHref = (developmentId: string, page = 1): string =>
  `${developmentHref(developmentId)}/codes${page > 1 ? `?page=${page}` : ""}`;
