export const developmentHref = (developmentId: string): string => `/developments/${developmentId}`;

export const homeownerHref = (developmentId: string, homeownerId: string): string =>
  `${developmentHref(developmentId)}/homeowners/${homeownerId}`;

/** The print sheet of a development's codes. */
export const codesHref = (developmentId: string, page = 1): string =>
  `${developmentHref(developmentId)}/codes${page > 1 ? `?page=${page}` : ""}`;
