import type pg from "pg";

/** Of pg's options, and what is asked beyond them. */
export interface SignInOptions {
  /**
   * Signs in by SCRAM-SHA-256-PLUS or not at all, as `channel_binding=require` in a URL: whoever stands in between with a
   * certificate of their own gets no password and no statement. @default false
   */
  requireChannelBinding?: boolean | undefined;
}

/** What pg's client calls as the server asks who it is, bound at its connect; undocumented, checked against pg 8.23.1. */
interface SignIn {
  enableChannelBinding: boolean;
  readonly password: unknown;
  /** Null once the server has proved that it knows the password, too. */
  readonly saslSession?: object | null;
  readonly connection: Pick<pg.Connection, "on" | "emit" | "stream">;
  _getPassword(done: () => void): void;
  _handleAuthCleartextPassword(message: object): void;
  _handleAuthMD5Password(message: object): void;
  _handleAuthSASL(message: { readonly mechanisms: readonly string[] }): void;
  _handleAuthSASLFinal(message: object): void;
}

const BOUND = "SCRAM-SHA-256-PLUS";

/** Says what is missing where the server asks for a password and there is none, and keeps it where it may not be told. Call it before the connect. */
export function guardSignIn(client: pg.ClientBase, { requireChannelBinding = false }: SignInOptions): void {
  const signIn = client as unknown as SignIn;
  const { connection } = signIn;
  const refuse = (message: string) => {
    connection.emit("error", new Error(message));
    connection.stream.destroy(); // what else has arrived is not believed
  };

  const getPassword = signIn._getPassword;
  signIn._getPassword = (done) =>
    getPassword.call(signIn, () => {
      if (typeof signIn.password === "string" && signIn.password !== "") return done();
      refuse(
        "The server asks for a password, and there is none: write it into DATABASE_URL or connectionString " +
          "(postgres://user:password@host:5432/database), the option password or PGPASSWORD",
      );
    });

  if (!requireChannelBinding) return;
  const refuseUnbound = (what: string) =>
    refuse(
      `SASL: channel binding is required (channel_binding=require), and the server ${what}: no password was sent`,
    );
  const { _handleAuthSASL: answerSasl, _handleAuthSASLFinal: finish } = signIn;
  let isBound = false;
  signIn.enableChannelBinding = true;
  signIn._handleAuthCleartextPassword = () => refuseUnbound("asks for the password in clear text");
  signIn._handleAuthMD5Password = () => refuseUnbound("asks for its MD5 hash");
  signIn._handleAuthSASL = (message) => {
    if (message.mechanisms.includes(BOUND)) answerSasl.call(signIn, message);
    else refuseUnbound(`offers ${message.mechanisms.join(", ")} only`);
  };
  signIn._handleAuthSASLFinal = (message) => {
    finish.call(signIn, message);
    isBound = signIn.saslSession === null;
  };
  connection.on("authenticationOk", () => {
    if (!isBound) refuseUnbound("has let us in without it");
  });
}
