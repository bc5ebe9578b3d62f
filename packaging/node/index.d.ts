/// <reference lib="esnext.disposable" />

import type { Clock, Expectation, JournalEntry, Message, Override, OverrideRule, Scenario, Verdict } from "./schemas";

export type { Clock, Expectation, JournalEntry, Message, Override, OverrideRule, Rule, Scenario, Verdict } from "./schemas";

/** A path, relative to the working directory, or a `file:` URL such as `new URL("flaky.json", import.meta.url)`. */
export type File = string | { readonly href: string };

export interface StartOptions {
  /** The seed of all random draws. Default: the seed in the files, else 0. */
  seed?: number | bigint;
  /**
   * Rules and expectations: a file, `builtin:NAME`, or the scenario itself, also as JSON. Applies to all clones without a scenario of
   * their own. Default: none.
   */
  scenario?: File | Scenario;
  /** Users files or folders of them. Default: the built-in users. */
  users?: File | readonly File[];
  /** Further flags of `wksmock serve`. Default: none. */
  args?: readonly string[];
  /** Whether HTTPS is served too: then `env` leads to it, `httpsUrl` is its URL, and `caFile` has the certificates to trust. Default: false. */
  tls?: boolean;
  /** The path of the program. Default: `WKSMOCK_BINARY`, else the package of this platform, else the program on `PATH`. */
  binary?: string;
}

export interface CloneOptions {
  /** Rules and expectations of this clone alone: a file, `builtin:NAME`, or the scenario itself, also as JSON. Default: those of the server. */
  scenario?: File | Scenario;
  /** The project to clone. Default: the first one. */
  from?: string;
  /** The id of the clone. Default: a new one. */
  id?: string;
  /** An account to bind: its calls to the cloned project happen in the clone. Default: none. */
  account?: string;
}

/**
 * Starts a server on a free port, which ends with this process. Under `wksmock run`, or if `WKSMOCK_URL` is set, that server
 * is used instead.
 */
export declare function start(options?: StartOptions): Promise<MockServer>;

interface Served {
  /** The URL of the server. */
  readonly url: string;
  /** The URL of HTTPS, if it is served. */
  readonly httpsUrl: string | undefined;
  /** A file with the certificates to trust for HTTPS: that of the server's authority, and those of the system. */
  readonly caFile: string | undefined;
  /** The id of the project. */
  readonly project: string;
  /** The id of its first user. */
  readonly user: string;
  /** The variables that point a program and the vendor's SDKs at the server and the project. */
  readonly env: Readonly<Record<string, string>>;
}

/** A server. `project` is the first loaded project. */
export interface MockServer extends Served, AsyncDisposable {
  /** Clones a project for one test. Disposing the clone, or `end()`, judges its expectations. */
  clone(options?: CloneOptions): Promise<Clone>;
  /** Calls a test with a clone, then ends the clone. If the test fails, its error gets the journal of the clone. */
  withClone<T>(test: (clone: Clone) => T | PromiseLike<T>): Promise<T>;
  withClone<T>(options: CloneOptions, test: (clone: Clone) => T | PromiseLike<T>): Promise<T>;
  /** Ends the clones that have not ended, then the server, unless it is that of `wksmock run`. */
  stop(): Promise<void>;
}

/** A clone of a project, for one test. `project` is its id. */
export interface Clone extends Served, AsyncDisposable {
  /** Sets a rule in the form of the flag `--fault`, as in `0001=503:1-2` or `*=reset:2%:after`. */
  fault(flag: string): Promise<Override>;
  /** Sets a rule, given as such or as JSON, which takes precedence over all others. */
  override(rule: OverrideRule | string): Promise<Override>;
  /** Adds an expectation, given as such or as JSON, which is judged when the clone ends. */
  expect(expectation: (Omit<Expectation, "name"> & { name?: string }) | string): Promise<void>;
  /** Lists the requests to the clone so far. */
  requests(): Promise<JournalEntry[]>;
  /** Lists the messages to users of the clone so far. */
  outbox(): Promise<Message[]>;
  /** Moves virtual time forward, for the whole server. */
  advance(ms: number): Promise<Clock>;
  /** Returns the password that a call sets; without a call number, the current one, if a call has set one. */
  password(user: string, call: number): Promise<string>;
  password(user?: string): Promise<string | undefined>;
  /** Judges the expectations now, or once they hold, at most `waitMs` later. Rejects with `ExpectationError` if one fails. */
  verify(waitMs?: number): Promise<Verdict>;
  /** Judges the expectations, and deletes the clone. Rejects with `ExpectationError` if one fails. */
  end(): Promise<void>;
}

/** An expectation does not hold. The message has the evidence and the journal of the clone. */
export declare class ExpectationError extends Error {
  private constructor();
  readonly name: "ExpectationError";
  readonly verdict: Verdict;
  readonly requests: JournalEntry[];
}

/** The server refused a request, such as an invalid scenario. The message has each mistake and its place. */
export declare class AdminError extends Error {
  private constructor();
  readonly name: "AdminError";
  readonly status: number;
}
