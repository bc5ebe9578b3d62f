package wksmock

import (
	"strconv"
	"strings"
)

// An Option changes what [Start] or [Mock.Clone] sets up.
type Option func(*config)

// config is what a test asks for.
type config struct {
	scenario string
	own      bool
	setup
}

// setup is what a server is started with. Tests with equal setups share a server. Lists have a line for each value.
type setup struct {
	binary string
	seed   string
	users  string
	args   string
	tls    bool
}

// Scenario gives the clone rules and expectations of its own, in place of the server's. The source is one of
//
//   - a scenario file, relative to the folder of the test: "testdata/flaky.json"
//   - a built-in scenario: "builtin:outage"; the command "wksmock scenario list" prints all
//   - the JSON of a scenario, which begins with "{"
func Scenario(source string) Option {
	return func(c *config) { c.scenario = source }
}

// Seed sets the seed from which passwords, chances and delays are drawn. The default is the seed in the users files, else 0.
func Seed(seed uint64) Option {
	return func(c *config) { c.seed = strconv.FormatUint(seed, 10) }
}

// Users names the users files, or folders of them, that the server loads in place of the built-in users.
func Users(paths ...string) Option {
	return func(c *config) { c.users = strings.Join(paths, "\n") }
}

// Args adds flags of "wksmock serve", as in Args("--auth", "required").
func Args(args ...string) Option {
	return func(c *config) { c.args = strings.Join(args, "\n") }
}

// TLS makes the server serve HTTPS too: then [Mock.Env] leads to it, [Mock.HTTPSURL] is its URL, and [Mock.CAFile] has the
// certificates to trust.
func TLS() Option {
	return func(c *config) { c.tls = true }
}

// Binary sets the path of the wksmock command.
func Binary(path string) Option {
	return func(c *config) { c.binary = path }
}

// OwnServer starts a server for this test alone, which stops at the end of the test. A test that moves virtual time needs one
// if other tests run at the same time.
func OwnServer() Option {
	return func(c *config) { c.own = true }
}

func configured(options []Option) config {
	var c config
	for _, option := range options {
		option(&c)
	}
	return c
}

// repeated returns a flag with each value of a list.
func repeated(flag, list string) []string {
	var flags []string
	for _, value := range values(list) {
		flags = append(flags, flag, value)
	}
	return flags
}

func values(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, "\n")
}
