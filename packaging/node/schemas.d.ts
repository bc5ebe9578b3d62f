// Generated from openapi.json by tests/packages/node/types.mjs.

export interface Schemas {
  Scenario?: Scenario;
  Rule?: Rule;
  OverrideRule?: OverrideRule;
  Expectation?: Expectation;
  Override?: Override;
  Entry?: JournalEntry;
  Message?: Message;
  Clock?: Clock;
  Verdict?: Verdict;
}
/**
 * Rules for calls, and expectations of the consumer. Several files can be loaded together, in order.
 */
export interface Scenario {
  /**
   * The schema of the file, for editors: a path from the file, or a URL.
   */
  $schema?: string;
  /**
   * The version of the file format. Default: 1.
   */
  format?: 1;
  /**
   * The seed of all random draws. `--seed` takes precedence; files that are loaded together must have the same seed. Default: 0.
   */
  seed?: number;
  /**
   * The scenario's name, for reports. Default: none.
   */
  name?: string;
  /**
   * Description for readers. Default: none.
   */
  description?: string;
  /**
   * Rules, in order. Status, delay and fault of a call are each set by the first matching rule that sets them. May be omitted if `expect` is given.
   */
  rules?: Rule[];
  /**
   * Time windows in which the server is down: open connections are reset and new ones are refused. Default: none.
   */
  down?: DownSchema[];
  /**
   * Requirements of the consumer; reports contain the verdict. Default: none.
   */
  expect?: Expectation[];
}
/**
 * A rule: which calls it matches, and what it sets for them.
 */
export interface Rule {
  /**
   * The name of the rule, which reports give as the cause. It must be unique across all loaded files.
   */
  name: string;
  when?: WhenSchema;
  /**
   * The status to answer; 200 is the API's own behaviour. It must be documented for the operation, unless `undocumented` is true.
   */
  status?: number;
  /**
   * Statuses for the 1st, 2nd … of the calls that `calls` allows, for each user. Replaces `status`.
   *
   * Items: A final HTTP status.
   */
  sequence?: number[];
  /**
   * Continuation after the end of a sequence: later rules or the API's own behaviour (next), its last status (last), or the sequence again (restart). Default: next.
   */
  then?: "next" | "last" | "restart";
  /**
   * Whether a failure happens before the password is reset, so that it is not reset, or after, so that it is reset although the answer fails. Needs a status of 400 or above, or a fault that sends no answer. Default: before.
   */
  phase?: "before" | "after";
  error?: ErrorSchema;
  /**
   * Additional header fields of the answer. Fields that frame or identify the message cannot be set. Default: none.
   */
  headers?: {
    /**
     * The value of a header field.
     */
    [k: string]: string;
  };
  /**
   * Whether to allow a status that the operation does not document, a longer `error`, and a `body`. Default: false.
   */
  undocumented?: boolean;
  /**
   * The body of the answer, sent as it is. Needs `undocumented`. Default: the documented body.
   */
  body?: string;
  delay?: DelaySchema;
  /**
   * A fault on the wire. Default: none.
   */
  fault?:
    | ((
        | "reset"
        | "empty_response"
        | "hang"
        | "random_data"
        | "tls_garbage"
        | "truncated_body"
        | "wrong_length"
        | "malformed_chunk"
        | "malformed_json"
      ) &
        string)
    | DribbledSchema;
}
/**
 * Conditions, all of which must hold.
 */
export interface WhenSchema {
  /**
   * The id of a project or a list of ids. Default: every project.
   */
  project?: string | string[];
  /**
   * A user or a list of users, each by id, by `user_name`, or by the end of the id (at least 4 characters) if only one user matches. Default: every user.
   */
  user?: string | string[];
  /**
   * The calling account, as domain/name or name, or a list of these. Default: any caller.
   */
  account?: string | string[];
  /**
   * The operation. Calls are counted per operation. Operations of IAM and STS have neither project nor user. A message has the number of the call that sends it. Default: ResetRandomPassword.
   */
  operation?:
    | "ResetRandomPassword"
    | "ListUsers"
    | "ListUserDetail"
    | "CreateDesktopUser"
    | "UpdateUserInfo"
    | "DeleteUser"
    | "ChangeUserStatus"
    | "SendEmail"
    | "KeystoneCreateUserTokenByPassword"
    | "KeystoneValidateToken"
    | "KeystoneListProjects"
    | "KeystoneListAuthProjects"
    | "KeystoneListAuthDomains"
    | "KeystoneListUsers"
    | "KeystoneListRegions"
    | "CreateTemporaryAccessKeyByToken"
    | "GetCallerIdentity"
    | "DecodeAuthorizationMessage"
    | "notification.email"
    | "notification.phone";
  /**
   * Call numbers, counted from 1 for each user: "3", "1-2", "5-", "* /3" (3, 6, 9 …), or several with commas. Default: every call.
   */
  calls?: string;
  /**
   * The probability that a call matches, from 0 (never) to 1 (always), drawn from the seed. Default: 1.
   */
  chance?: number;
  /**
   * When the call is counted, in virtual time. Default: at any time.
   *
   * @minItems 2
   * @maxItems 2
   */
  time_ms?: [number | null, number | null];
  /**
   * Header fields of the request with the values that they must have. Default: any.
   */
  header?: {
    [k: string]: string;
  };
  /**
   * Query parameters with the decoded values that they must have. Default: any.
   */
  query?: {
    [k: string]: string;
  };
  /**
   * Uses of a token, counted from 1 for each token. The only condition of its rule, which must set status 401. Default: none.
   */
  token_calls?: string;
}
/**
 * The parts of an error body to replace.
 */
export interface ErrorSchema {
  /**
   * `error_code`. Default: the code of the status.
   */
  code?: string;
  /**
   * `error_msg`. Default: the message of the code.
   */
  message?: string;
  /**
   * The reason sealed into `encoded_authorization_message`. Default: none.
   */
  reason?: string;
}
/**
 * A delay in one of three forms, at most 5 minutes.
 */
export interface DelaySchema {
  /**
   * The same number of milliseconds for every call.
   */
  fixed_ms?: number;
  /**
   * The minimum and maximum in milliseconds; the delay of each call is drawn uniformly from the seed.
   *
   * Items: Whole milliseconds.
   */
  uniform_ms?: number[];
  lognormal?: LognormalSchema;
}
/**
 * A log-normal distribution.
 */
export interface LognormalSchema {
  /**
   * The median in milliseconds.
   */
  median_ms: number;
  /**
   * The spread: 0 is always the median, 0.6 is typical, 2 is extreme.
   */
  sigma: number;
  /**
   * The maximum in milliseconds.
   */
  max_ms: number;
}
/**
 * The correct answer, sent in pieces; then the connection is closed.
 */
export interface DribbledSchema {
  dribble: DribbleSchema;
}
/**
 * The number of pieces, and their total time.
 */
export interface DribbleSchema {
  /**
   * The number of pieces of the body; at most one per byte.
   */
  chunks: number;
  /**
   * Milliseconds from the head to the last piece.
   */
  over_ms: number;
}
/**
 * A time window in which the server is down.
 */
export interface DownSchema {
  /**
   * The start and end of the window.
   *
   * @minItems 2
   * @maxItems 2
   */
  time_ms: [number | null, number | null];
}
/**
 * A requirement of the consumer, judged for each user with calls, or for each user that `when` names.
 */
export interface Expectation {
  /**
   * The name of the expectation, for reports.
   */
  name: string;
  when?: ExpectWhenSchema;
  calls?: BoundsSchema;
  gap_ms?: BoundsSchema;
  /**
   * `growing`: no gap may be more than 10 % shorter than the previous gap.
   */
  backoff?: "growing";
  sent?: SentSchema;
  /**
   * The statuses that the calls must get: exactly these, in this order.
   *
   * Items: A final HTTP status.
   */
  statuses?: number[];
  /**
   * The status that the last call must get.
   */
  ends_with?: number;
  after_lost?: AtMostSchema;
  notified?: NotifiedSchema;
}
/**
 * Which calls to judge.
 */
export interface ExpectWhenSchema {
  /**
   * The id of a project or a list of ids. Default: every project.
   */
  project?: string | string[];
  /**
   * A user or a list of users, each by id, `user_name` or the end of the id; each is judged, even without calls. Default: every user with calls.
   */
  user?: string | string[];
  /**
   * The calling account, as domain/name or name, or a list of these. Default: any caller.
   */
  account?: string | string[];
  /**
   * The operation. Operations of IAM and STS have neither project nor user and are judged for each account. Default: ResetRandomPassword.
   */
  operation?:
    | "ResetRandomPassword"
    | "ListUsers"
    | "ListUserDetail"
    | "CreateDesktopUser"
    | "UpdateUserInfo"
    | "DeleteUser"
    | "ChangeUserStatus"
    | "SendEmail"
    | "KeystoneCreateUserTokenByPassword"
    | "KeystoneValidateToken"
    | "KeystoneListProjects"
    | "KeystoneListAuthProjects"
    | "KeystoneListAuthDomains"
    | "KeystoneListUsers"
    | "KeystoneListRegions"
    | "CreateTemporaryAccessKeyByToken"
    | "GetCallerIdentity"
    | "DecodeAuthorizationMessage";
}
/**
 * Inclusive bounds; one may be omitted.
 */
export interface BoundsSchema {
  /**
   * The minimum. Default: 0.
   */
  min?: number;
  /**
   * The maximum. Default: no bound.
   */
  max?: number;
}
/**
 * Required contents of every call.
 */
export interface SentSchema {
  /**
   * Header fields: true if the field must be present, false if it must be absent, or its value.
   */
  header?: {
    /**
     * Whether a field is present, or its value.
     */
    [k: string]: boolean | string;
  };
  /**
   * The notification types that must be requested.
   *
   * Items: A notification type.
   */
  notification_type?: ("email" | "phone")[];
}
/**
 * An inclusive bound.
 */
export interface AtMostSchema {
  /**
   * The maximum.
   */
  max: number;
}
/**
 * The number of messages of each type.
 */
export interface NotifiedSchema {
  email?: BoundsSchema;
  phone?: BoundsSchema;
}
/**
 * A rule that is read before all others.
 */
export interface OverrideRule {
  /**
   * The name of the rule, which reports give as the cause. It must be unique across all loaded files.
   */
  name?: string;
  when?: WhenSchema;
  /**
   * The status to answer; 200 is the API's own behaviour. It must be documented for the operation, unless `undocumented` is true.
   */
  status?: number;
  /**
   * Statuses for the 1st, 2nd … of the calls that `calls` allows, for each user. Replaces `status`.
   *
   * Items: A final HTTP status.
   */
  sequence?: number[];
  /**
   * Continuation after the end of a sequence: later rules or the API's own behaviour (next), its last status (last), or the sequence again (restart). Default: next.
   */
  then?: "next" | "last" | "restart";
  /**
   * Whether a failure happens before the password is reset, so that it is not reset, or after, so that it is reset although the answer fails. Needs a status of 400 or above, or a fault that sends no answer. Default: before.
   */
  phase?: "before" | "after";
  error?: ErrorSchema;
  /**
   * Additional header fields of the answer. Fields that frame or identify the message cannot be set. Default: none.
   */
  headers?: {
    /**
     * The value of a header field.
     */
    [k: string]: string;
  };
  /**
   * Whether to allow a status that the operation does not document, a longer `error`, and a `body`. Default: false.
   */
  undocumented?: boolean;
  /**
   * The body of the answer, sent as it is. Needs `undocumented`. Default: the documented body.
   */
  body?: string;
  delay?: DelaySchema;
  /**
   * A fault on the wire. Default: none.
   */
  fault?:
    | ((
        | "reset"
        | "empty_response"
        | "hang"
        | "random_data"
        | "tls_garbage"
        | "truncated_body"
        | "wrong_length"
        | "malformed_chunk"
        | "malformed_json"
      ) &
        string)
    | DribbledSchema;
  /**
   * For how many next calls it is in force, instead of `calls`: of each user that `when` names, or of whoever calls next.
   */
  next?: number;
}
/**
 * An override: a rule that is read before all others.
 */
export interface Override {
  /**
   * Its id, for PUT and DELETE.
   */
  id: number;
  rule: OverrideRule;
  /**
   * How often it struck. Absent in the answer that sets it.
   */
  struck?: number;
  /**
   * With `next`: how many of these calls have not been made.
   */
  left?: number;
  /**
   * With `next` and users: the call numbers that it is for.
   *
   * Items: Calls of one user.
   */
  calls?: {
    /**
     * The project or clone.
     */
    project: string;
    /**
     * The user.
     */
    user: string;
    /**
     * The call numbers, as `calls` in a rule writes them.
     */
    calls: string;
    [k: string]: unknown;
  }[];
  [k: string]: unknown;
}
/**
 * One request: its journal entry.
 */
export interface JournalEntry {
  /**
   * The position in the journal, from 1 in order of arrival. DELETE and resets do not start it again.
   */
  index: number;
  /**
   * The number of resets before it, plus 1.
   */
  epoch: number;
  /**
   * The `X-Request-Id` of the answer; null while in flight.
   */
  request_id: string | null;
  /**
   * `in_flight`: not answered yet. `answered`: counted and answered. `cut`: counted, but no complete answer left. `rejected`: refused before it was counted; `problem` says why.
   */
  state: "in_flight" | "answered" | "cut" | "rejected";
  /**
   * When it arrived, in milliseconds of virtual time.
   */
  at_ms: number;
  /**
   * When it arrived in real time, in milliseconds since 1970.
   */
  arrived_unix_ms: number;
  /**
   * The operationId; null if the path is unknown.
   */
  operation: string | null;
  /**
   * The method.
   */
  method: string;
  /**
   * Path and query as they were sent, secrets redacted.
   */
  target: string;
  /**
   * The project or clone in which it happened.
   */
  project: string | null;
  /**
   * The user in the path.
   */
  user: string | null;
  /**
   * The account that called, as `domain/name`; null without credentials.
   */
  account: string | null;
  /**
   * The call number; null if the request was not counted.
   */
  call: number | null;
  /**
   * The notifications that it asked for.
   */
  notification_type: ("email" | "phone")[];
  /**
   * Header fields by lower-case name, secrets redacted. Values of a repeated field are joined with `, `.
   */
  headers: {
    [k: string]: string;
  };
  /**
   * The body of the request; null without one, before it has arrived, and if it was refused unread.
   */
  request_body: BodySchema | null;
  /**
   * What was decided; null if the request was not counted.
   */
  decision: OutcomeSchema | null;
  /**
   * What was answered; null while in flight or if nothing was answered.
   */
  answer: {
    /**
     * The status that was sent.
     */
    status: number;
    /**
     * The length of the body.
     */
    bytes: number;
    /**
     * Milliseconds of real time from arrival to the end of the answer.
     */
    after_ms: number;
    [k: string]: unknown;
  } | null;
  /**
   * The body of the answer; null without one, and while in flight.
   */
  answer_body: BodySchema | null;
  /**
   * Why the request was rejected, and what to do.
   */
  problem: string | null;
  /**
   * What the TLS handshake of its connection agreed on. Absent over plain HTTP.
   */
  tls?: {
    /**
     * The version.
     */
    version: "1.2" | "1.3";
    /**
     * The protocol, such as `http/1.1`; null if the client offered none.
     */
    alpn: string | null;
    /**
     * The server's name as the client sent it; null for an IP address.
     */
    sni: string | null;
    [k: string]: unknown;
  };
  /**
   * `console` if `POST /__admin/try` sent it. Absent for a client's request.
   */
  by?: "console";
  [k: string]: unknown;
}
/**
 * A body, as far as the journal keeps it: `entry_body_bytes_max` bytes.
 */
export interface BodySchema {
  /**
   * Its beginning, secrets as `***`; null if it was dropped or not sent.
   */
  text: string | null;
  /**
   * The length of the whole body.
   */
  bytes: number;
  /**
   * How many bytes `text` shows; null if all.
   */
  cut_at: number | null;
  /**
   * What a fault did to it, or why there is no text.
   */
  note: string | null;
  [k: string]: unknown;
}
/**
 * What was decided about a call.
 */
export interface OutcomeSchema {
  /**
   * The status; with a fault that sends no answer, the status that it would have had.
   */
  status: number;
  /**
   * Whether the failure or fault struck before or after the side effect; null without one.
   */
  phase: ("before" | "after") | null;
  /**
   * How long the answer is held back.
   */
  delay_ms: number;
  /**
   * The fault on the wire.
   */
  fault:
    | (
        | "reset"
        | "empty_response"
        | "hang"
        | "random_data"
        | "tls_garbage"
        | "truncated_body"
        | "wrong_length"
        | "malformed_chunk"
        | "malformed_json"
        | "dribble"
      )
    | null;
  /**
   * The new password, if the call sets one.
   */
  password: string | null;
  /**
   * The error of a status from 400.
   */
  error: {
    /**
     * The `error_code` of the body.
     */
    code: string;
    /**
     * The `error_msg` of the body.
     */
    message: string;
    [k: string]: unknown;
  } | null;
  /**
   * The rules that decided. A facet that no rule set is the API's own behaviour.
   */
  causes: {
    /**
     * The rule that set the status. Absent if no rule did.
     */
    status?: {
      /**
       * The name of the rule.
       */
      rule: string;
      /**
       * Where it is: `FILE:LINE:COLUMN`, `--fault`, or `override ID`.
       */
      place: string;
      [k: string]: unknown;
    };
    /**
     * The rule that set the delay. Absent if no rule did.
     */
    delay?: {
      /**
       * The name of the rule.
       */
      rule: string;
      /**
       * Where it is: `FILE:LINE:COLUMN`, `--fault`, or `override ID`.
       */
      place: string;
      [k: string]: unknown;
    };
    /**
     * The rule that set the fault. Absent if no rule did.
     */
    fault?: {
      /**
       * The name of the rule.
       */
      rule: string;
      /**
       * Where it is: `FILE:LINE:COLUMN`, `--fault`, or `override ID`.
       */
      place: string;
      [k: string]: unknown;
    };
    [k: string]: unknown;
  };
  [k: string]: unknown;
}
/**
 * A notification that a user was sent.
 */
export interface Message {
  /**
   * The position in the outbox, from 1. Resets do not start it again.
   */
  index: number;
  /**
   * When it was sent, in milliseconds of virtual time.
   */
  at_ms: number;
  /**
   * The kind of notification.
   */
  type: "email" | "phone";
  /**
   * The e-mail address or phone number.
   */
  to: string;
  /**
   * The project or clone of the user.
   */
  project: string;
  /**
   * The id of the user.
   */
  user: string;
  /**
   * The account that asked for it, as `domain/name`. Absent without credentials.
   */
  account?: string;
  /**
   * The number of the call that sent it.
   */
  call: number;
  /**
   * The index of that call's journal entry.
   */
  request: number;
  /**
   * `console` if `POST /__admin/try` made that call. Absent for a client's call.
   */
  by?: "console";
  /**
   * The password in the message.
   */
  password: string;
  /**
   * The subject of an e-mail.
   */
  subject?: string;
  /**
   * The text.
   */
  text: string;
  /**
   * `recorded`: kept here only, since no delivery is configured. `queued`: to be delivered. `sent`: delivered. `failed`: lost by a rule, or undeliverable.
   */
  state: "recorded" | "queued" | "sent" | "failed";
  /**
   * How often delivery was tried.
   */
  attempts: number;
  /**
   * Why it failed, or is not delivered yet.
   */
  why?: string;
  [k: string]: unknown;
}
/**
 * Virtual time.
 */
export interface Clock {
  /**
   * Milliseconds of virtual time since the start or the last reset of everything.
   */
  now_ms: number;
  /**
   * `manual` with `--clock manual`: time stands still until it is moved.
   */
  mode: "running" | "manual";
  [k: string]: unknown;
}
/**
 * Whether the expectations hold, and what the calls prove.
 */
export interface Verdict {
  /**
   * Whether every expectation holds. The fields below do not change it.
   */
  passed: boolean;
  /**
   * The failed expectations and their calls as `wksmock run` reports them; null if all hold.
   */
  report: string | null;
  /**
   * Each expectation.
   *
   * Items: An expectation.
   */
  expectations: {
    /**
     * Its name.
     */
    name: string;
    /**
     * Where it is: `FILE:LINE:COLUMN`.
     */
    place: string;
    /**
     * Whether it holds for each user that it is about.
     */
    passed: boolean;
    /**
     * What was expected, one sentence for each condition.
     */
    expected: string[];
    /**
     * Calls by which it was judged; if it failed, those of the users that failed it.
     *
     * Items: A call.
     */
    seen: {
      /**
       * The project or clone; empty if calls are counted by account.
       */
      project: string;
      /**
       * The user, or the account as `domain/name`.
       */
      user: string;
      /**
       * The operationId.
       */
      operation: string;
      /**
       * The call number.
       */
      call: number;
      /**
       * When it arrived, in milliseconds of virtual time.
       */
      at_ms: number;
      /**
       * The status that the client met; null if the answer was lost.
       */
      status: number | null;
      /**
       * The status that was decided.
       */
      decided: number;
      /**
       * The rule that decided it.
       */
      rule: string | null;
      /**
       * The fault on the wire.
       */
      fault: string | null;
      /**
       * Whether the password was reset; null for an operation that resets none.
       */
      done: boolean | null;
      /**
       * `lost`: no complete, correct answer left.
       */
      state: "answered" | "lost";
      /**
       * Milliseconds from the end of the answer before to this arrival.
       */
      gap_ms: number | null;
      /**
       * Milliseconds from arrival to the end of the answer.
       */
      took_ms: number | null;
      [k: string]: unknown;
    }[];
    /**
     * How many more calls there were.
     */
    more_seen: number;
    /**
     * The condition that came nearest to holding, and what was missing; null if all hold.
     */
    nearest: string | null;
    /**
     * Every condition that does not hold, one sentence each, the nearest first.
     */
    misses: string[];
    /**
     * How many more there are.
     */
    more_misses: number;
    /**
     * Why it proves nothing although it holds; null if it judged a call.
     */
    judged_nothing: string | null;
    [k: string]: unknown;
  }[];
  /**
   * Rules, overrides and `down` windows that never struck, the first of them.
   *
   * Items: A rule, override or `down` window that never struck.
   */
  never_struck: {
    /**
     * Its name; for a window, its times.
     */
    rule: string;
    /**
     * Where it is: `FILE:LINE:COLUMN`, `--fault`, or `override ID`.
     */
    place: string;
    /**
     * Why it could not strike yet, if time alone tells.
     */
    why: string | null;
    [k: string]: unknown;
  }[];
  /**
   * How many more there are.
   */
  more_never_struck: number;
  /**
   * Requests that were refused before they were counted.
   */
  rejected: {
    /**
     * How many there were.
     */
    count: number;
    /**
     * By cause, the most frequent first.
     *
     * Items: A cause.
     */
    by: {
      /**
       * The status that was answered.
       */
      status: number;
      /**
       * What was wrong, without the ids in which requests differ.
       */
      problem: string;
      /**
       * How many requests.
       */
      times: number;
      /**
       * The first of them.
       */
      first: {
        /**
         * Its index in the journal.
         */
        index: number;
        /**
         * Its method and target.
         */
        request: string;
        /**
         * When it arrived, in milliseconds of virtual time.
         */
        at_ms: number;
        [k: string]: unknown;
      };
      [k: string]: unknown;
    }[];
    /**
     * How many had further causes, for which there was no space.
     */
    other: number;
    [k: string]: unknown;
  };
  /**
   * Users who met a failure: a status from 400, or a lost answer.
   */
  recovery: {
    /**
     * How many users met one.
     */
    users: number;
    /**
     * How many of them met success with their last call.
     */
    recovered: number;
    [k: string]: unknown;
  };
  /**
   * Calls that arrived so soon after a lost answer that an HTTP client probably repeated them by itself, the first of them.
   *
   * Items: A repeat.
   */
  silent_repeats: {
    /**
     * The project or clone.
     */
    project: string;
    /**
     * The user.
     */
    user: string;
    /**
     * The repeated call.
     */
    call: number;
    /**
     * The call before it, whose answer was lost.
     */
    lost: number;
    /**
     * Milliseconds between the two.
     */
    gap_ms: number;
    /**
     * The same as a sentence.
     */
    note: string;
    [k: string]: unknown;
  }[];
  /**
   * How many more there are.
   */
  more_silent_repeats: number;
  [k: string]: unknown;
}
