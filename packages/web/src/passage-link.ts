/** The id of the place where a passage of a document begins, on the page that it is on. */
export const passageId = (position: number): string => `passage-${position}`;

/** Where a passage is read: the server has its page shown and the passage marked, the browser goes to it. */
export const passageHref = (documentId: string, position: number): string =>
  `/documents/${documentId}?passage=${position}#${passageId(position)}`;
