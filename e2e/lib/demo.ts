/** A demo service of its own, on a free port and in a temporary directory. */
import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Authenticator } from "./totp.js";

/** The service must be there within this time; a debug build on a busy machine takes some seconds. */
const START_WITHIN_MILLISECONDS = 300_000;

/** Told to end, the service does so within this time. */
const END_WITHIN_MILLISECONDS = 10_000;

/** Names in the environment the directory of a demo service that is filled already. */
export const FILLED = "KITH_E2E_FILLED";

/** Somebody that one can be in the demo. */
export interface Login {
  role: string;
  name: string;
  login: string;
  password: string;
  authenticator: Authenticator;
}

/** A running demo service. */
export class Demo {
  private constructor(
    /** Where it listens, such as `http://127.0.0.1:40123`. */
    readonly origin: string,
    readonly logins: readonly Login[],
    private readonly program: ChildProcess,
    private readonly directory: string,
  ) {}

  /** Starts the program that `KITH_BIN` names; with further options, and with more in its environment. */
  static async start(more: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): Promise<Demo> {
    const path = process.env["KITH_BIN"];
    if (path === undefined) throw new Error("KITH_BIN must name the program: ./test sets it");
    const directory = await mkdtemp(join(tmpdir(), "kith-e2e-"));
    const filled = process.env[FILLED];
    if (filled !== undefined) await cp(filled, directory, { recursive: true });
    const options = ["demo", "--data", join(directory, "data"), "--listen", "127.0.0.1:0", "--json", ...more];
    const program = spawn(path, options, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...environment } });
    const complaints: string[] = [];
    createInterface({ input: program.stderr }).on("line", (line) => {
      complaints.push(line);
      if (process.env["KITH_E2E_LOG"] !== undefined) console.error(line);
    });
    try {
      const { listening, logins } = await greeting(program);
      return new Demo(`http://${listening}`, logins, program, directory);
    } catch (error) {
      program.kill("SIGKILL");
      await rm(directory, { recursive: true, force: true });
      throw new Error(`the demo service did not start\n${complaints.join("\n")}`, { cause: error });
    }
  }

  /** The first person with a role, such as `coordinator`; `nth` for another with the same. */
  person(role: string, nth = 0): Login {
    const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z]/g, "");
    const login = this.logins.filter((login) => plain(login.role).includes(plain(role)))[nth];
    if (login === undefined) throw new Error(`nobody number ${String(nth + 1)} in the demo is a ${role}`);
    return login;
  }

  /** The person of a name. */
  named(name: string): Login {
    const login = this.logins.find((login) => login.name === name);
    if (login === undefined) throw new Error(`nobody in the demo is called “${name}”`);
    return login;
  }

  /** Ends the service as an operator would; the directory that it leaves comes back. */
  async end(): Promise<string> {
    const ended = new Promise((resolve) => this.program.once("exit", resolve));
    if (this.program.exitCode === null && this.program.signalCode === null) {
      this.program.kill("SIGTERM");
      const patience = setTimeout(() => this.program.kill("SIGKILL"), END_WITHIN_MILLISECONDS);
      await ended;
      clearTimeout(patience);
    }
    return this.directory;
  }

  /** Ends the service and removes what it kept. */
  async stop(): Promise<void> {
    await rm(await this.end(), { recursive: true, force: true });
  }
}

/** Reads the lines that the program prints when it starts: where it listens and who one can be. */
function greeting(program: ChildProcess): Promise<{ listening: string; logins: Login[] }> {
  return new Promise((resolve, reject) => {
    const patience = setTimeout(() => {
      reject(new Error(`it was not there after ${String(START_WITHIN_MILLISECONDS / 1000)} seconds`));
    }, START_WITHIN_MILLISECONDS);
    let listening: string | undefined;
    let logins: Login[] | undefined;
    if (program.stdout === null) throw new Error("the program has no standard output");
    createInterface({ input: program.stdout }).on("line", (line) => {
      const said = JSON.parse(line) as { listening?: string; logins?: (Omit<Login, "authenticator"> & { totp_secret: string })[] };
      listening ??= said.listening;
      logins ??= said.logins?.map(({ totp_secret, ...login }) => ({ ...login, authenticator: new Authenticator(totp_secret) }));
      if (listening === undefined || logins === undefined) return;
      clearTimeout(patience);
      resolve({ listening, logins });
    });
    program.once("exit", (code) => {
      clearTimeout(patience);
      reject(new Error(`it ended with ${String(code)}`));
    });
    program.once("error", (error) => {
      clearTimeout(patience);
      reject(error);
    });
  });
}
