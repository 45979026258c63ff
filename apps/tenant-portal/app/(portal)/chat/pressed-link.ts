/** The link within this site that a click follows in this window; null where it does something else. */
export function pressedLink({
  target,
  ctrlKey,
  metaKey,
  shiftKey,
  altKey,
}: MouseEvent): HTMLAnchorElement | null {
  const link = target instanceof Element ? target.closest("a") : null;
  if (link === null || ctrlKey || metaKey || shiftKey || altKey) return null;
  return (link.target === "" || link.target === "_self") && link.origin === window.location.origin
    ? link
    : null;
}
