package wksmock

// Request is an entry of the journal.
type Request struct {
	// Index is the position in the journal of the server.
	Index int `json:"index"`
	// State is "in_flight", "answered", "cut" or "rejected".
	State string `json:"state"`
	// AtMS is when it arrived, in milliseconds of virtual time.
	AtMS int64 `json:"at_ms"`
	// Operation is the operationId, such as "ResetRandomPassword"; empty if the path is unknown.
	Operation string `json:"operation"`
	Method    string `json:"method"`
	// Target is path and query.
	Target string `json:"target"`
	User   string `json:"user"`
	// Account is the account that called, as domain/name; empty without credentials.
	Account string `json:"account"`
	// Call is the call number; 0 if the request was rejected before it was counted.
	Call int `json:"call"`
	// NotificationType has the notifications that it asked for.
	NotificationType []string `json:"notification_type"`
	// Headers have lower-case names and redacted secrets.
	Headers map[string]string `json:"headers"`
	// Decision is what was decided; nil if the request was rejected.
	Decision *Outcome `json:"decision"`
	// Answer is what was answered; nil if nothing was.
	Answer *Answer `json:"answer"`
	// Problem says why the request was rejected, and what to do.
	Problem string `json:"problem"`
}

// Outcome is what the server decided about a call.
type Outcome struct {
	Status int `json:"status"`
	// Phase is "before" or "after" the side effect, where a failure or a fault struck.
	Phase   string `json:"phase"`
	DelayMS int64  `json:"delay_ms"`
	// Fault is the fault on the wire, if any.
	Fault string `json:"fault"`
	// Password is the new password, if the call set one.
	Password string `json:"password"`
	// Causes has the rules that decided, by "status", "delay" and "fault".
	Causes map[string]Cause `json:"causes"`
}

// Cause is a rule that decided.
type Cause struct {
	Rule  string `json:"rule"`
	Place string `json:"place"`
}

// Answer is what a client was sent.
type Answer struct {
	Status  int   `json:"status"`
	Bytes   int64 `json:"bytes"`
	AfterMS int64 `json:"after_ms"`
}

// Message is a notification in the outbox.
type Message struct {
	// Index is the position in the outbox of the server.
	Index int `json:"index"`
	// AtMS is when it was sent, in milliseconds of virtual time.
	AtMS int64 `json:"at_ms"`
	// Type is "email" or "phone".
	Type string `json:"type"`
	// To is the address or the phone number.
	To   string `json:"to"`
	User string `json:"user"`
	// Call is the number of the call that sent it.
	Call     int    `json:"call"`
	Password string `json:"password"`
	Subject  string `json:"subject"`
	Text     string `json:"text"`
	// State is "recorded", "queued", "sent" or "failed".
	State string `json:"state"`
	// Why says why it failed.
	Why string `json:"why"`
}
