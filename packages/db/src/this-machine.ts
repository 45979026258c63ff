/** Whether a host is this machine, by name, address or socket: the server that development brings, or the developer's own. */
export function isThisMachine(host: string): boolean {
  return /^(\/.*|(.+\.)?localhost|127(\.\d+){3}|::1|\[::1\])$/i.test(host);
}
