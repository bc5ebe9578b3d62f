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
        | "reset_connection"
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
        | "reset_connection"
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
   * Number of times that it struck. Absent in the answer that sets it.
   */
  struck?: number;
  /**
   * With `next` and users: the call numbers that it is for.
   */
  calls?: NextCallsOfUserSchema[];
  /**
   * With `next`: the number of these calls that have not been made.
   */
  left?: number;
  [k: string]: unknown;
}
/**
 * Calls of one user.
 */
export interface NextCallsOfUserSchema {
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
}
/**
 * A journal entry: one request, the decision about it, and its answer.
 */
export interface JournalEntry {
  /**
   * The position in the journal, from 1 in order of arrival. Deletions and resets do not start it again.
   */
  index: number;
  /**
   * The number of resets before it, of everything or of its project, plus 1.
   */
  epoch: number;
  /**
   * The `X-Request-Id` of the answer; null while in flight.
   */
  request_id: string | null;
  /**
   * How far the request came.
   */
  state: "in_flight" | "answered" | "cut" | "rejected";
  /**
   * When the request arrived, in milliseconds of virtual time.
   */
  at_ms: number;
  /**
   * When the request arrived in real time, in milliseconds since 1970. Moves of the clock and resets do not change it.
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
   * The requested notification types; empty if none, or if the value is not allowed.
   *
   * Items: A kind of notification.
   */
  notification_type: ("email" | "phone")[];
  /**
   * Header fields by lower-case name, secrets redacted. The values of a repeated field are joined with `, `.
   */
  headers: {
    [k: string]: string;
  };
  /**
   * The request's body; null without one, before it has arrived, and if it was refused unread.
   */
  request_body: BodySchema | null;
  /**
   * The decision; null if the request was not counted. It is there while an answer is delayed, and when it is lost.
   */
  decision: OutcomeSchema | null;
  /**
   * The answer; null while in flight, if the connection was cut, and for an error that ends a connection of HTTP/2.
   */
  answer: AnswerSchema | null;
  /**
   * The body of the answer, and the effect of a fault; null without one, and while in flight.
   */
  answer_body: BodySchema | null;
  /**
   * Why the request was rejected, and what to do.
   */
  problem: string | null;
  tls?: TlsSchema;
  /**
   * The sender, if not a client.
   */
  by?: "console";
  [k: string]: unknown;
}
/**
 * The body of a request or an answer, as far as the journal keeps it: `entry_body_bytes_max` bytes.
 */
export interface BodySchema {
  /**
   * Its beginning, secrets as `***`, bytes that are not UTF-8 as U+FFFD; null if it was dropped or not sent.
   */
  text: string | null;
  /**
   * The length of the whole body.
   */
  bytes: number;
  /**
   * Number of bytes that `text` shows; null if all.
   */
  cut_at: number | null;
  /**
   * The effect of a fault, or why there is no text.
   */
  note: string | null;
  [k: string]: unknown;
}
/**
 * The decision about a call.
 */
export interface OutcomeSchema {
  /**
   * The status that is answered; where a fault sends no answer, the status that it would have had.
   */
  status: number;
  /**
   * Whether a failure or a fault struck `before` or `after` the side effect; null without one.
   */
  phase: ("before" | "after") | null;
  /**
   * How long the answer is held back, in milliseconds.
   */
  delay_ms: number;
  /**
   * The fault on the wire, by name.
   */
  fault:
    | (
        | "reset"
        | "reset_connection"
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
  error: DecisionErrorSchema | null;
  causes: CausesSchema;
  [k: string]: unknown;
}
/**
 * Code and message of an error body.
 */
export interface DecisionErrorSchema {
  /**
   * The `error_code`.
   */
  code: string;
  /**
   * The `error_msg`.
   */
  message: string;
  [k: string]: unknown;
}
/**
 * The rules that caused the facets. A facet without a rule is the API's own behaviour.
 */
export interface CausesSchema {
  status?: CauseSchema;
  delay?: CauseSchema;
  fault?: CauseSchema;
  [k: string]: unknown;
}
/**
 * A rule, and where it stands.
 */
export interface CauseSchema {
  /**
   * The rule's name.
   */
  rule: string;
  /**
   * `file:line:column`, `--fault`, or `override 3`.
   */
  place: string;
  [k: string]: unknown;
}
/**
 * The answer to a request.
 */
export interface AnswerSchema {
  /**
   * The status.
   */
  status: number;
  /**
   * The length of the body, in bytes.
   */
  bytes: number;
  /**
   * How long it took from arrival, in milliseconds.
   */
  after_ms: number;
  [k: string]: unknown;
}
/**
 * The agreement of a connection's TLS handshake.
 */
export interface TlsSchema {
  /**
   * `1.2` or `1.3`.
   */
  version: "1.2" | "1.3";
  /**
   * The protocol that was agreed on, such as `http/1.1`; null if the client offered none.
   */
  alpn: string | null;
  /**
   * The server's name, as the client sent it; null for an IP address.
   */
  sni: string | null;
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
   * The account that asked for it, as `domain/name`, if it gave credentials.
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
   * The sender of that call, if not a client.
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
   * How far its delivery came.
   */
  state: "recorded" | "queued" | "sent" | "failed";
  /**
   * Number of attempts to deliver it.
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
   * The mode: `manual` with `--clock manual`, where time stands still until it is moved.
   */
  mode: "running" | "manual";
  [k: string]: unknown;
}
/**
 * The verdict on the consumer's calls.
 */
export interface Verdict {
  /**
   * Whether every expectation holds. The other findings do not change it.
   */
  passed: boolean;
  /**
   * Each expectation, in the order of the scenarios.
   */
  expectations: ExpectationVerdictSchema[];
  /**
   * The first rules, overrides and `down` windows that never struck, in order of evaluation.
   */
  never_struck: NeverStruckSchema[];
  /**
   * Number of further ones.
   */
  more_never_struck: number;
  rejected: RejectedSchema;
  recovery: RecoverySchema;
  /**
   * The first calls that look like retries by an HTTP client: they came right after a lost answer.
   */
  silent_repeats: SilentRepeatSchema[];
  /**
   * Number of further ones.
   */
  more_silent_repeats: number;
  /**
   * The failed expectations and their calls as `wksmock run` reports them; null if all hold.
   */
  report: string | null;
  [k: string]: unknown;
}
/**
 * The verdict on one expectation.
 */
export interface ExpectationVerdictSchema {
  /**
   * The expectation's name.
   */
  name: string;
  /**
   * Its place: `file:line:column`.
   */
  place: string;
  /**
   * Whether it holds for every user that it applies to.
   */
  passed: boolean;
  /**
   * One sentence for each condition.
   */
  expected: string[];
  /**
   * The judged calls; if it failed, those of the failing users.
   */
  seen: SeenCallSchema[];
  /**
   * Number of further calls.
   */
  more_seen: number;
  /**
   * The miss that came nearest to holding; null if it holds.
   */
  nearest: string | null;
  /**
   * The misses, one sentence each, nearest first; at most `coverage_users_max`.
   */
  misses: string[];
  /**
   * Number of further misses.
   */
  more_misses: number;
  /**
   * Why it proves nothing although it holds: no call was judged, or no answer was lost.
   */
  judged_nothing: string | null;
  [k: string]: unknown;
}
/**
 * A call that an expectation judged.
 */
export interface SeenCallSchema {
  /**
   * The project; empty for an account.
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
   * Arrival, in milliseconds of virtual time.
   */
  at_ms: number;
  /**
   * The status that the client received; null if the answer was lost.
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
   * The fault that a rule injected.
   */
  fault:
    | (
        | "reset"
        | "reset_connection"
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
   * Whether the password was reset; null for operations that do not reset one.
   */
  done: boolean | null;
  /**
   * `answered`, or `lost` if the answer was not sent whole and valid.
   */
  state: "answered" | "lost";
  /**
   * Milliseconds from the end of the previous answer to this arrival.
   */
  gap_ms: number | null;
  /**
   * Milliseconds from arrival to the end of the answer, or until it was lost.
   */
  took_ms: number | null;
  [k: string]: unknown;
}
/**
 * A rule, an override or a `down` window that never struck.
 */
export interface NeverStruckSchema {
  /**
   * The name; for a `down` window its times, as in `down [0, 3000]`.
   */
  rule: string;
  /**
   * The place: `file:line:column`, `--fault`, or `override 3`.
   */
  place: string;
  /**
   * Why it could not strike, if its time window has not begun.
   */
  why: string | null;
  [k: string]: unknown;
}
/**
 * Requests that were rejected before they were counted, since the last reset.
 */
export interface RejectedSchema {
  /**
   * Number of requests.
   */
  count: number;
  /**
   * Causes, the most frequent first.
   */
  by: RejectedCauseSchema[];
  /**
   * Number of requests with further causes, for which there was no space.
   */
  other: number;
  [k: string]: unknown;
}
/**
 * Requests that were rejected for one cause.
 */
export interface RejectedCauseSchema {
  /**
   * The status of the answers; for an error that ends a connection of HTTP/2 that of such input over HTTP/1.1.
   */
  status: number;
  /**
   * The problem, with advice. Ids in which the requests differ are left out.
   */
  problem: string;
  /**
   * Number of requests.
   */
  times: number;
  first: FirstRequestSchema;
  [k: string]: unknown;
}
/**
 * A rejected request.
 */
export interface FirstRequestSchema {
  /**
   * Index in the journal.
   */
  index: number;
  /**
   * Method and target, with secrets redacted.
   */
  request: string;
  /**
   * Arrival, in milliseconds of virtual time.
   */
  at_ms: number;
  [k: string]: unknown;
}
/**
 * Users whose resets met failures, and how many of them recovered.
 */
export interface RecoverySchema {
  /**
   * Users with a reset that got a status of 400 or above, or whose answer was lost, as far as the journal reaches.
   */
  users: number;
  /**
   * Number of them whose last call succeeded.
   */
  recovered: number;
  [k: string]: unknown;
}
/**
 * A call that came right after a lost answer.
 */
export interface SilentRepeatSchema {
  /**
   * The project.
   */
  project: string;
  /**
   * The user.
   */
  user: string;
  /**
   * Number of the repeated call.
   */
  call: number;
  /**
   * Number of the call whose answer was lost.
   */
  lost: number;
  /**
   * Milliseconds between them.
   */
  gap_ms: number;
  /**
   * The finding as a sentence.
   */
  note: string;
  [k: string]: unknown;
}
