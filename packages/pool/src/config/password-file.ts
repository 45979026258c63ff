const functions = new Map<string, () => string>();

/** What pg asks at each sign-in: the file as it is then, so that a running process takes a password that was rotated. */
export function passwordFrom(file: string): () => string {
  const known = functions.get(file) ?? (() => readPassword(file));
  functions.set(file, known);
  return known;
}

/** The file as it is now; undefined where it cannot be read. */
export function passwordNow(file: string): string | undefined {
  try {
    return readPassword(file);
  } catch {
    return undefined;
  }
}

/** What is wrong with the file, if anything is. It does not say what is in it. */
export function passwordFileFault(name: string, file: string): string | undefined {
  try {
    readPassword(file);
    return undefined;
  } catch (error) {
    return `${name}: ${error instanceof Error ? error.message : error}; give the path of a file that holds the password and no more`;
  }
}

/** Without the line's end, which editors and `echo` write. */
function readPassword(file: string): string {
  let text: string;
  try {
    text = process.getBuiltinModule("node:fs").readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new Error(`The password file cannot be read (${code})`);
  }
  const password = text.replace(/\r?\n$/, "");
  if (password === "") throw new Error("The password file is empty");
  return password;
}
