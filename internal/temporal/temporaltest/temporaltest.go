// Package temporaltest gives tests a real Temporal server: one per test
// process, a namespace per test. It is for tests only.
//
// The server is the devstack binary: the one that VOICEHIVE_DEVSTACK names,
// else bin/devstack below the repository's root, which is built when missing.
// Building takes minutes on a cold cache, so the first test may be slow.
package temporaltest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"google.golang.org/protobuf/types/known/durationpb"
)

// One server serves all tests of a process, and ends with it.
var server = sync.OnceValues(start)

// Server returns the process's server, and starts it for the first test.
func Server(t testing.TB) *testsuite.DevServer {
	t.Helper()
	s, err := server()
	require.NoError(t, err)
	return s
}

func start() (*testsuite.DevServer, error) {
	binary, err := findBinary()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	complaints := &head{}
	s, err := testsuite.StartDevServer(ctx, testsuite.DevServerOptions{
		ExistingPath:  binary,
		ClientOptions: &client.Options{Logger: quiet()},
		LogLevel:      "error",
		Stdout:        io.Discard,
		// Not the test's own stderr: go test would wait for the server to end.
		Stderr:    complaints,
		ExtraArgs: []string{"--exit-with-parent"},
	})
	if err != nil {
		return nil, fmt.Errorf("start %s: %w\n%s", binary, err, complaints)
	}
	return s, nil
}

// head keeps the beginning of what is written to it.
type head struct {
	mu   sync.Mutex
	text []byte
}

func (h *head) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.text = append(h.text, p[:min(len(p), 16<<10-len(h.text))]...)
	return len(p), nil
}

func (h *head) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return string(h.text)
}

// Namespace makes a namespace that no other test uses.
func Namespace(t testing.TB) string {
	t.Helper()
	name := "test-" + strings.ToLower(ulid.Make().String())
	_, err := Server(t).Client().WorkflowService().RegisterNamespace(t.Context(), &workflowservice.RegisterNamespaceRequest{
		Namespace:                        name,
		WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	})
	require.NoError(t, err)
	// The frontend answers for a new namespace once its cache has seen it.
	require.Eventually(t, func() bool {
		_, err := Server(t).Client().WorkflowService().ListOpenWorkflowExecutions(t.Context(),
			&workflowservice.ListOpenWorkflowExecutionsRequest{Namespace: name})
		return err == nil
	}, time.Minute, 50*time.Millisecond, "namespace %s does not come up", name)
	return name
}

// Client connects to the server and closes with the test. Without a namespace
// in the options it gets one of its own. Logs are dropped unless the options
// have a logger.
func Client(t testing.TB, options client.Options) client.Client {
	t.Helper()
	options.HostPort = Server(t).FrontendHostPort()
	if options.Namespace == "" {
		options.Namespace = Namespace(t)
	}
	if options.Logger == nil {
		options.Logger = quiet()
	}
	c, err := client.DialContext(t.Context(), options)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func quiet() log.Logger { return log.NewStructuredLogger(slog.New(slog.DiscardHandler)) }

// Binary returns the path of the devstack binary, for tests that start and kill
// a server of their own.
func Binary(t testing.TB) string {
	t.Helper()
	path, err := findBinary()
	require.NoError(t, err)
	return path
}

func findBinary() (string, error) {
	if path := os.Getenv("VOICEHIVE_DEVSTACK"); path != "" {
		return path, nil
	}
	root, err := repositoryRoot()
	if err != nil {
		return "", err
	}
	path := filepath.Join(root, "bin", "devstack")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	return path, build(root, path)
}

// build lets several test processes build at once: each renames a finished
// binary into place.
func build(root, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	temp := fmt.Sprintf("%s-%d", path, os.Getpid())
	defer os.Remove(temp)
	command := exec.Command("go", "build", "-C", filepath.Join(root, "devstack"), "-o", temp, ".")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build devstack (or set VOICEHIVE_DEVSTACK to a built one): %w\n%s", err, out)
	}
	return os.Rename(temp, path)
}

func repositoryRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), "module github.com/voicehive/voicehive\n") {
			return dir, nil
		}
	}
	return "", errors.New("not inside the repository: set VOICEHIVE_DEVSTACK to the devstack binary")
}
