package wksmock

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// startTimeout bounds the wait for the ready line.
	startTimeout = 30 * time.Second
	// stopTimeout bounds the wait for the end of a server that was asked to stop.
	stopTimeout = 5 * time.Second
	// endTimeout is how long a server that closed its connections may take to end.
	endTimeout = 200 * time.Millisecond
	// tailBytes bounds the log of a server that is kept for errors.
	tailBytes = 16 << 10
	readyLine = "wksmock listening on "
)

// server is a wksmock server: of this process, or of the "wksmock run" around it.
type server struct {
	admin
	url string
	// project is the template of the clones.
	project string
	user    string
	// env has the variables for programs under test, as NAME=value, with the template as project.
	env []string
	// httpsURL and caFile are empty without HTTPS.
	httpsURL string
	caFile   string
	// binary is the path of the command, or empty if only the server of "wksmock run" is known.
	binary string
	stop   func()
}

// A once starts a server when the first test asks for it.
type once struct {
	sync.Once
	server *server
	err    error
}

var (
	shared      = map[setup]*once{}
	sharedGuard sync.Mutex
)

// server returns the server for a test.
func (c config) server() (*server, error) {
	if c.own {
		return c.setup.start()
	}
	sharedGuard.Lock()
	one, known := shared[c.setup]
	if !known {
		one = &once{}
		shared[c.setup] = one
	}
	sharedGuard.Unlock()
	one.Do(func() {
		if url := os.Getenv("WKSMOCK_URL"); url != "" {
			one.server, one.err = c.setup.surrounding(url)
		} else {
			one.server, one.err = c.setup.start()
		}
	})
	return one.server, one.err
}

// surrounding returns the server that the environment names.
func (s setup) surrounding(url string) (*server, error) {
	project := os.Getenv("WKSMOCK_PROJECT")
	if project == "" {
		return nil, errors.New("wksmock: WKSMOCK_URL is set, but WKSMOCK_PROJECT is not; set both as \"wksmock run\" does, or neither")
	}
	differs := func(what, cure string) error {
		return fmt.Errorf("wksmock: the server at WKSMOCK_URL (%s) is running already, but this test asks for %s: give %s to \"wksmock "+
			"run\", or start another server with wksmock.OwnServer", url, what, cure)
	}
	if s.args != "" {
		return nil, differs("args of its own", strings.Join(values(s.args), " "))
	}
	hasHTTPS := strings.HasPrefix(url, "https:")
	if s.tls && !hasHTTPS {
		return nil, differs("HTTPS", "--tls")
	}
	adminURL := os.Getenv("WKSMOCK_ADMIN_URL")
	if adminURL == "" {
		adminURL = url
	}
	running := &server{admin: newAdmin(adminURL, os.Getenv("WKSMOCK_ADMIN_TOKEN")), url: strings.TrimRight(url, "/")}
	var health struct{ Seed json.Number }
	if err := running.call("GET", "/health", nil, &health); err != nil {
		return nil, err
	}
	// Without the token, health has the status alone, and the next request is refused.
	if s.seed != "" && health.Seed != "" && health.Seed.String() != s.seed {
		return nil, differs("seed "+s.seed+", not "+health.Seed.String(), "--seed "+s.seed)
	}
	var set []string
	for _, variable := range os.Environ() {
		if isSet(variable, hasHTTPS) {
			set = append(set, variable)
		}
	}
	running.lead(set)
	binary, err := s.command()
	running.binary = binary
	if s.users == "" {
		return running, nil
	}
	if err != nil {
		return nil, err
	}
	own := &server{binary: binary}
	printed, err := own.run(append([]string{"env"}, repeated("--users", s.users)...)...)
	if err != nil {
		return nil, err
	}
	own.lead(strings.Split(printed, "\n"))
	if own.project != running.project || own.user != running.user {
		return nil, differs("other users", strings.Join(repeated("--users", s.users), " "))
	}
	return running, nil
}

// isSet reports whether "wksmock run" sets a variable for its command.
func isSet(variable string, withHTTPS bool) bool {
	name, _, _ := strings.Cut(variable, "=")
	switch name {
	case "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "JAVA_TOOL_OPTIONS":
		return withHTTPS
	case "WKSMOCK_URL", "WKSMOCK_PROJECT", "WKSMOCK_USER", "WKSMOCK_DOMAIN", "WKSMOCK_ACCOUNT", "WKSMOCK_PASSWORD", "NO_PROXY", "no_proxy":
		return true
	}
	return strings.HasPrefix(name, "HUAWEICLOUD_SDK_") || strings.HasPrefix(name, "CLOUD_SDK_")
}

// start runs a server that stops with this process.
func (s setup) start() (*server, error) {
	for _, arg := range values(s.args) {
		if flag, _, _ := strings.Cut(arg, "="); flag == "--env-file" || flag == "--no-admin" {
			return nil, fmt.Errorf("wksmock: %s cannot be among wksmock.Args: this package finds the server by a file of its own, and "+
				"needs its admin API", arg)
		}
	}
	binary, err := s.command()
	if err != nil {
		return nil, err
	}
	flags := append(repeated("--users", s.users), values(s.args)...)
	if s.seed != "" {
		flags = append(flags, "--seed", s.seed)
	}
	if s.tls {
		flags = append(flags, "--tls")
	}
	// A new folder, so that nobody else can put a file in the place of this one.
	folder, err := os.MkdirTemp("", "wksmock-")
	if err != nil {
		return nil, fmt.Errorf("wksmock: %w", err)
	}
	defer os.RemoveAll(folder)
	env := filepath.Join(folder, "env")
	serve := exec.Command(binary, append([]string{"serve", "--exit-with-parent", "--env-file", env}, flags...)...)
	// Variables give way to flags of the test.
	serve.Env = append(environment(), "WKSMOCK_PORT=0", "WKSMOCK_LOG_LEVEL=warn")
	ready, log := &firstLine{line: make(chan string, 1)}, &tail{}
	serve.Stdout, serve.Stderr = ready, log
	if err := serve.Start(); err != nil {
		return nil, fmt.Errorf("wksmock: cannot start %s: %w", binary, err)
	}
	ended := make(chan struct{})
	go func() {
		_ = serve.Wait()
		close(ended)
	}()
	var url string
	select {
	case url = <-ready.line:
	case <-ended:
		return nil, fmt.Errorf("wksmock: %q ended before it was ready:\n%s%s", serve.Args, log, olderVersion(log))
	case <-time.After(startTimeout):
		_ = serve.Process.Kill()
		return nil, fmt.Errorf("wksmock: %q was not ready after %s:\n%s", serve.Args, startTimeout, log)
	}
	url, isReady := cutPrefix(url, readyLine)
	if !isReady {
		_ = serve.Process.Kill()
		return nil, fmt.Errorf("wksmock: %s is not the wksmock command: it printed %q, not %q", binary, url, readyLine+"URL")
	}
	started := &server{binary: binary}
	started.stop = func() { stop(serve, ended) }
	variables, err := os.ReadFile(env)
	if err != nil {
		started.stop()
		return nil, fmt.Errorf("wksmock: %w", err)
	}
	adminURL, token := started.lead(strings.Split(string(variables), "\n"))
	if adminURL == "" {
		adminURL = url
	}
	started.url, started.admin = url, newAdmin(adminURL, token)
	started.log = log
	started.end = func() string {
		select {
		case <-ended:
			return serve.ProcessState.String()
		case <-time.After(endTimeout):
			return ""
		}
	}
	if started.project == "" {
		started.stop()
		return nil, errors.New("wksmock: the users files of this test have no project, so nothing can be cloned")
	}
	return started, nil
}

// olderVersion returns a note if the command does not know the flags of this module.
func olderVersion(log *tail) string {
	if !strings.Contains(log.String(), "unexpected argument '--env-file'") {
		return ""
	}
	return "this command is older than this module: install the same version of both"
}

// stop ends a server, and kills it if it takes too long.
func stop(serve *exec.Cmd, ended <-chan struct{}) {
	if err := serve.Process.Signal(syscall.SIGTERM); err != nil {
		_ = serve.Process.Kill()
	}
	select {
	case <-ended:
	case <-time.After(stopTimeout):
		_ = serve.Process.Kill()
		<-ended
	}
}

// lead reads the variables that lead programs to the server, among them its first project and user. It returns what programs need
// not have: the URL of a separate admin API, and its token.
func (s *server) lead(variables []string) (adminURL, token string) {
	var caFile string
	for _, variable := range variables {
		switch name, value, _ := strings.Cut(variable, "="); name {
		case "":
			continue
		case "WKSMOCK_ADMIN_TOKEN":
			token = value
			continue
		case "WKSMOCK_ADMIN_URL":
			adminURL = value
			continue
		case "WKSMOCK_PROJECT":
			s.project = value
		case "WKSMOCK_USER":
			s.user = value
		case "WKSMOCK_URL":
			if strings.HasPrefix(value, "https:") {
				s.httpsURL = strings.TrimRight(value, "/")
			}
		case "SSL_CERT_FILE":
			caFile = value
		}
		s.env = append(s.env, variable)
	}
	if s.httpsURL != "" {
		s.caFile = caFile
	}
	return adminURL, token
}

// run runs another subcommand, and returns its output.
func (s *server) run(arguments ...string) (string, error) {
	command := exec.Command(s.binary, arguments...)
	command.Env = environment()
	var failed bytes.Buffer
	command.Stderr = &failed
	printed, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("wksmock: %q failed: %w\n%s", command.Args, err, failed.String())
	}
	return string(printed), nil
}

// environment returns that of this process without the variables of flags, which would change the server.
func environment() []string {
	var kept []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "WKSMOCK_") {
			kept = append(kept, variable)
		}
	}
	return kept
}

// command returns the path of the wksmock command.
func (s setup) command() (string, error) {
	const cure = "install wksmock, and put it into PATH, name its path in the variable WKSMOCK_BINARY, or pass wksmock.Binary(path)"
	name, source := s.binary, "wksmock.Binary"
	if name == "" {
		name, source = os.Getenv("WKSMOCK_BINARY"), "WKSMOCK_BINARY"
	}
	if name == "" {
		name, source = "wksmock", "PATH"
	}
	path, err := exec.LookPath(name)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return "", fmt.Errorf("wksmock: no wksmock command (%s: %w): %s", source, err, cure)
	}
	return path, nil
}

// firstLine hands on the first line that is written to it, and drops the rest.
type firstLine struct {
	begun  bytes.Buffer
	line   chan string
	isDone bool
}

func (f *firstLine) Write(text []byte) (int, error) {
	if !f.isDone {
		f.begun.Write(text)
		if line, err := f.begun.ReadString('\n'); err == nil || f.begun.Len() > tailBytes {
			f.isDone = true
			f.line <- strings.TrimRight(line, "\r\n")
		} else {
			f.begun.WriteString(line)
		}
	}
	return len(text), nil
}

// tail keeps the end of what is written to it.
type tail struct {
	guard sync.Mutex
	text  []byte
}

func (t *tail) Write(text []byte) (int, error) {
	t.guard.Lock()
	defer t.guard.Unlock()
	t.text = append(t.text, text...)
	if over := len(t.text) - tailBytes; over > 0 {
		t.text = append([]byte(nil), t.text[over:]...)
	}
	return len(text), nil
}

func (t *tail) String() string {
	t.guard.Lock()
	defer t.guard.Unlock()
	return string(t.text)
}

// cutPrefix is strings.CutPrefix, which Go 1.19 lacks.
func cutPrefix(text, prefix string) (string, bool) {
	return strings.TrimPrefix(text, prefix), strings.HasPrefix(text, prefix)
}
