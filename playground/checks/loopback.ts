/** True for names and addresses that only this machine can be reached by. Takes a host without its port. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/gu, '').toLowerCase();
  return (
    name === 'localhost' ||
    name === '::1' ||
    name.endsWith('.localhost') ||
    /^127(?:\.\d{1,3}){3}$/u.test(name)
  );
}
