/** Whether a host is this machine, by name, address or socket: the server that development brings, or the developer's own. */
export function isThisMachine(host: string): boolean {
  return /^(\/.*|(.+\.)?localhost|127(\.\d+){3}|::1|\[::1\])$/i.test(host);
}

/** Where a database is: of several hosts each may be the one that is connected to, and they count before `host`. */
export interface DatabasePlace {
  readonly host: string;
  readonly hosts?: readonly { readonly host: string }[] | undefined;
}

/** Whether a database is on this machine, wherever of its hosts it is. */
export function isOnThisMachine({ host, hosts = [] }: DatabasePlace): boolean {
  return [host, ...hosts.map((each) => each.host)].every(isThisMachine);
}
