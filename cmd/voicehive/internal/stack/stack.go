// Package stack runs all of VoiceHive on one machine, for `voicehive dev`, the
// demo and the fault tests: a private Postgres, a Temporal server with its Web
// UI, an OpenID provider, a simulated hotel system, a worker and the API. Each
// is a process of its own, so that each can be killed.
//
// It belongs to the binary: it composes processes and knows their verbs.
package stack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/cluster"
)

// Names of the databases in a private cluster.
const (
	database     = "voicehive"
	keysDatabase = "voicehive_keys"
)

// startPatience bounds the start of one part; the first initdb takes longest.
const startPatience = 90 * time.Second

// Options say what to run.
type Options struct {
	// Home is the folder of everything that is kept.
	Home string
	// Voicehive and Devstack are the binaries.
	Voicehive, Devstack string
	// Ephemeral keeps Temporal in memory and takes free ports throughout; else
	// the well-known ones are taken while they are free.
	Ephemeral bool
	// TemporalPostgres keeps Temporal's state in the private cluster.
	TemporalPostgres bool
	// TemporalFile keeps it in a file below Home even when Ephemeral, so that
	// the server can be killed and restarted.
	TemporalFile bool
	// Discard removes the database when the stack is closed.
	Discard bool
	// UI runs Temporal's Web UI.
	UI bool
	// UILogin makes the Web UI ask for a login at the OpenID provider; it then
	// passes its user's token to a codec on https. Without it the API's codec has
	// a login of its own.
	UILogin bool
	// Codec is where the Web UI finds the codec, when it is not the API's.
	Codec string
	// Sandbox are further arguments of the simulated hotel system.
	Sandbox []string
	// Env are further environment variables of workers and the API.
	Env []string
	// WorkerArgs are further arguments of workers.
	WorkerArgs []string
	// SearchAttributes the namespace must know, as NAME=TYPE.
	SearchAttributes []string
	// Dial connects to the databases of DATABASE_URL and KEYS_DATABASE_URL, where
	// those are set.
	Dial postgres.DialFunc
	// Progress is told before each step.
	Progress func(step string)
}

// A Stack is the running parts. Close ends them.
type Stack struct {
	options Options
	cluster *cluster.Cluster
	env     []string

	Database     string // the product's own login
	KeysDatabase string
	Temporal     string // host:port
	UI           string // URL, "" without one
	Issuer       string // URL of the OpenID provider
	Sandbox      string // URL of the simulated hotel system
	API          string // URL, "" until StartAPI

	mu       sync.Mutex
	children []*Child
	server   *Child
	workers  []*Child
	api      *Child
	started  int // workers so far, for their names
	apiAddr  string
}

// Start runs everything but worker and API, which need a registered hotel.
func Start(ctx context.Context, o Options) (*Stack, error) {
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	s := &Stack{options: o}
	if err := os.MkdirAll(s.logs(), 0o700); err != nil {
		return nil, fmt.Errorf("stack: make %s: %w", s.logs(), err)
	}
	for _, step := range []struct {
		tell string
		run  func(context.Context) error
	}{
		{"Postgres: ledger, registry and keys", s.startPostgres},
		{"OpenID provider", s.startIssuer},
		{"Temporal server and Web UI", s.startTemporal},
		{"Apaleo sandbox: the hotel's own system, simulated", s.startSandbox},
	} {
		o.Progress(step.tell)
		bounded, cancel := context.WithTimeout(ctx, startPatience)
		err := step.run(bounded)
		cancel()
		if err != nil {
			s.Close()
			return nil, err
		}
	}
	s.env = append(s.env,
		"DATABASE_URL="+s.Database, "KEYS_DATABASE_URL="+s.KeysDatabase,
		"TEMPORAL_ADDRESS="+s.Temporal, "TEMPORAL_NAMESPACE=voicehive",
		"VOICEHIVE_HOME="+o.Home, "VOICEHIVE_OIDC="+s.Issuer+"=voicehive",
		"VOICEHIVE_PUBLIC_URL=http://"+s.apiAddr,
	)
	if s.UI != "" {
		s.env = append(s.env, "VOICEHIVE_CODEC_ORIGINS="+s.UI, "VOICEHIVE_CODEC_URL="+s.codec(), "VOICEHIVE_CODEC_CLIENT=voicehive-codec",
			"VOICEHIVE_CONSOLE_URL=http://"+s.apiAddr+"/console", "VOICEHIVE_CONSOLE_CLIENT=voicehive-console")
	}
	s.env = append(s.env, o.Env...)
	return s, nil
}

// Env is the environment in which a process joins the stack.
func (s *Stack) Env() []string { return slices.Clone(s.env) }

// AdminURLs are how the superuser of the private cluster connects to both
// databases, past row level security; "" when the databases are somebody
// else's. They hold a password.
func (s *Stack) AdminURLs() (ledger, keys string) {
	if s.cluster == nil || s.Database != s.cluster.URL(database) {
		return "", ""
	}
	return s.cluster.AdminURL(database), s.cluster.AdminURL(keysDatabase)
}

func (s *Stack) postgres() string { return filepath.Join(s.options.Home, "postgres") }

func (s *Stack) logs() string { return filepath.Join(s.options.Home, "logs") }

// startPostgres uses DATABASE_URL when it is set, else a private cluster, and
// brings both databases up to date.
func (s *Stack) startPostgres(ctx context.Context) error {
	owner, keysOwner, login := os.Getenv("DATABASE_URL"), os.Getenv("KEYS_DATABASE_URL"), ""
	s.Database, s.KeysDatabase = owner, keysOwner
	if owner != "" && keysOwner == "" {
		return errors.New("stack: DATABASE_URL is set and KEYS_DATABASE_URL is not; set both, for keys live in a database of their own")
	}
	if owner == "" || s.options.TemporalPostgres {
		c, err := cluster.Start(ctx, cluster.Options{
			Dir:       s.postgres(),
			Databases: []string{database, keysDatabase},
			Log:       slog.New(slog.DiscardHandler),
		})
		if err != nil {
			return err
		}
		s.cluster = c
	}
	if owner == "" {
		owner, keysOwner, login = s.cluster.OwnerURL(database), s.cluster.OwnerURL(keysDatabase), cluster.LoginName
		s.Database, s.KeysDatabase = s.cluster.URL(database), s.cluster.URL(keysDatabase)
	}
	dial := s.options.Dial
	if login != "" {
		dial = nil // the private cluster, which is this machine
	}
	return Migrate(ctx, owner, keysOwner, Logins{All: login}, dial)
}

// Logins are who gets which query roles: Sequencer and Roller those of their
// jobs alone, All the others, and those too of whom there is none. Without All
// nothing is granted.
type Logins struct{ All, Sequencer, Roller string }

// Migrate brings both databases up to date and lets the logins take the narrow
// roles. It connects through dial.
func Migrate(ctx context.Context, owner, keysOwner string, logins Logins, dial postgres.DialFunc) error {
	options := []postgres.MigrateOption{postgres.MigrateThrough(dial)}
	if logins.All != "" {
		options = append(options, postgres.GrantTo(logins.All))
	}
	if logins.Sequencer != "" {
		// It looks at the log, too, to tell whether it keeps up.
		options = append(options, postgres.GrantApart(postgres.RoleSequencer, logins.Sequencer, postgres.RoleAuditor))
	}
	if logins.Roller != "" {
		// What it did is told to the audit log, under a key: that, and no hotel's
		// rows, is all that it has to do with the main database.
		options = append(options, postgres.GrantApart(postgres.RoleRoller, logins.Roller, postgres.RoleKeys, postgres.RoleHouse))
	}
	if err := postgres.Migrate(ctx, owner, postgres.Migrations, options...); err != nil {
		return err
	}
	return postgres.Migrate(ctx, keysOwner, keys.Migrations, options...)
}

func (s *Stack) startTemporal(ctx context.Context) error {
	port := "0"
	uiPort := "0"
	if !s.options.Ephemeral {
		port, uiPort = portOf(free("127.0.0.1:7233")), portOf(free("127.0.0.1:8233"))
	}
	args := []string{"server", "start-dev", "--exit-with-parent", "--ip", "127.0.0.1", "--port", port, "--namespace", "voicehive"}
	switch {
	case s.options.TemporalPostgres:
		args = append(args, "--postgres", s.cluster.AdminURL("temporal"))
	case !s.options.Ephemeral || s.options.TemporalFile:
		args = append(args, "--db-filename", filepath.Join(s.options.Home, "temporal.db"))
	}
	args = append(args, s.uiArgs(uiPort)...)
	for _, a := range s.options.SearchAttributes {
		args = append(args, "--search-attribute", a)
	}
	child, err := s.run(ctx, command{name: "temporal", program: s.options.Devstack, args: args})
	if err != nil {
		return err
	}
	s.server = child
	var ready struct{ Frontend, UI string }
	if err := json.Unmarshal(child.Ready, &ready); err != nil {
		return fmt.Errorf("stack: read Temporal's ready line: %w", err)
	}
	s.Temporal, s.UI = ready.Frontend, ready.UI
	return nil
}

// uiArgs are the Web UI's. It must know where the codec will be, so the API's
// address is chosen here.
func (s *Stack) uiArgs(port string) []string {
	s.apiAddr = "127.0.0.1:0"
	if !s.options.Ephemeral {
		s.apiAddr = free("127.0.0.1:8080")
	}
	if !s.options.UI {
		return []string{"--headless"}
	}
	s.apiAddr = free(s.apiAddr)
	args := []string{"--ui-port", port, "--ui-codec-endpoint", cmp.Or(s.options.Codec, s.codec())}
	if s.options.UILogin {
		args = append(args, "--ui-oidc-issuer", s.Issuer, "--ui-oidc-client-id", "temporal-ui", "--ui-oidc-client-secret", "temporal-ui-development-only")
	}
	return args
}

// codec is the API's codec.
func (s *Stack) codec() string { return "http://" + s.apiAddr + "/codec" }

func (s *Stack) startIssuer(ctx context.Context) error {
	addr := "127.0.0.1:0"
	if !s.options.Ephemeral {
		addr = free("127.0.0.1:8085")
	}
	child, err := s.run(ctx, command{name: "oidc", program: s.options.Devstack, args: []string{
		"oidc", "--exit-with-parent", "--addr", addr, "--key-file", filepath.Join(s.options.Home, "oidc-key.pem"),
	}})
	if err != nil {
		return err
	}
	var ready struct{ Issuer string }
	if err := json.Unmarshal(child.Ready, &ready); err != nil {
		return fmt.Errorf("stack: read the OpenID provider's ready line: %w", err)
	}
	s.Issuer = ready.Issuer
	return nil
}

func (s *Stack) startSandbox(ctx context.Context) error {
	addr := "127.0.0.1:0"
	if !s.options.Ephemeral {
		addr = free("127.0.0.1:8090")
	}
	args := slices.Concat([]string{"sandbox", "apaleo", "--exit-with-parent", "--addr", addr}, s.options.Sandbox)
	child, err := s.run(ctx, command{name: "sandbox", program: s.options.Voicehive, args: args})
	if err != nil {
		return err
	}
	s.Sandbox, err = urlOf(child.Ready)
	return err
}

// StartAPI runs the API.
func (s *Stack) StartAPI(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	child, err := s.run(ctx, command{name: "api", program: s.options.Voicehive, args: []string{"api", "--exit-with-parent", "--addr", s.apiAddr}, env: s.env})
	if err != nil {
		return err
	}
	s.api = child
	s.API, err = urlOf(child.Ready)
	return err
}

// StopAPI ends the API; StartAPI runs it again at the same address.
func (s *Stack) StopAPI() { s.api.Stop() }

// StartWorker runs one more worker of every pool, and makes its version the
// current one.
func (s *Stack) StartWorker(ctx context.Context) (*Child, error) {
	s.mu.Lock()
	s.started++
	name := fmt.Sprintf("worker-%d", s.started)
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	child, err := s.run(ctx, command{
		name: name, program: s.options.Voicehive,
		args: slices.Concat([]string{"worker", "--exit-with-parent", "--pool", "all", "--set-current"}, s.options.WorkerArgs),
		env:  s.env,
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.workers = append(s.workers, child)
	return child, nil
}

// Workers are the workers that run, oldest first.
func (s *Stack) Workers() []*Child {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.workers = slices.DeleteFunc(s.workers, func(c *Child) bool {
		select {
		case <-c.Done():
			return true
		default:
			return false
		}
	})
	return slices.Clone(s.workers)
}

// KillServer ends the Temporal server at once, as a crash would.
func (s *Stack) KillServer() { s.server.Kill() }

// RestartServer starts the Temporal server again on its file and port.
func (s *Stack) RestartServer(ctx context.Context) error {
	old := s.server.cmd.Args[1:]
	args := slices.Clone(old)
	if i := slices.Index(args, "--port"); i >= 0 {
		args[i+1] = portOf(s.Temporal)
	}
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	child, err := s.run(ctx, command{name: "temporal", program: s.options.Devstack, args: args})
	if err != nil {
		return err
	}
	s.server = child
	return nil
}

func (s *Stack) run(ctx context.Context, c command) (*Child, error) {
	child, err := start(ctx, s.logs(), c)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.children = append(s.children, child)
	return child, nil
}

// Failed waits until a part ends that nobody ended, and names it; "" when ctx
// ends first.
func (s *Stack) Failed(ctx context.Context) string {
	ended := make(chan string, 16)
	s.mu.Lock()
	for _, c := range s.children {
		go func() {
			select {
			case <-c.Done():
				ended <- c.Name
			case <-ctx.Done():
			}
		}()
	}
	s.mu.Unlock()
	select {
	case name := <-ended:
		return name
	case <-ctx.Done():
		return ""
	}
}

// Close ends everything: those who ask before those who are asked.
func (s *Stack) Close() {
	s.mu.Lock()
	children := slices.Clone(s.children)
	s.mu.Unlock()
	slices.Reverse(children)
	for _, c := range children {
		c.Stop()
	}
	if s.cluster == nil {
		return
	}
	s.cluster.Stop()
	if s.options.Discard {
		_ = cluster.Remove(s.postgres()) // a folder left over harms nobody
	}
}

// free returns addr when it can be listened on, else any free address.
func free(addr string) string {
	for _, a := range []string{addr, "127.0.0.1:0"} {
		l, err := net.Listen("tcp", a)
		if err != nil {
			continue
		}
		defer l.Close()
		return l.Addr().String()
	}
	return addr
}

func portOf(addr string) string { return addr[strings.LastIndex(addr, ":")+1:] }

func urlOf(ready json.RawMessage) (string, error) {
	var line struct{ URL string }
	if err := json.Unmarshal(ready, &line); err != nil {
		return "", fmt.Errorf("stack: read a ready line: %w", err)
	}
	if _, err := url.Parse(line.URL); err != nil || line.URL == "" {
		return "", errors.New("stack: a ready line without a URL")
	}
	return line.URL, nil
}
