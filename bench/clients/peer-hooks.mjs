// Looks for one package where the bench's own package has it, whoever imports it.
let peer;

export function initialize(data) {
  peer = data;
}

export function resolve(specifier, context, next) {
  return next(specifier, specifier === peer.name ? { ...context, parentURL: peer.parentURL } : context);
}
